"""The net for words: what it sees, that it learns what single words cannot say, and its file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

torch = pytest.importorskip("torch")

import rightfit  # noqa: E402
from rightfit.contracts import Problem, Wishes  # noqa: E402
from rightfit.data.design import make_design  # noqa: E402
from rightfit.data.table import from_frame  # noqa: E402
from rightfit.data.text import bag_of_words, learn_words  # noqa: E402
from rightfit.errors import OptionError  # noqa: E402
from rightfit.evidence.crossfit import crossfit  # noqa: E402
from rightfit.learners._network import proposing  # noqa: E402
from rightfit.learners._network.own import Own  # noqa: E402
from rightfit.learners._network.text import Text  # noqa: E402
from rightfit.learners._network.vocabulary import Vocabulary  # noqa: E402
from rightfit.learners._network.wording import Wording  # noqa: E402
from rightfit.learners.network import Network, restore  # noqa: E402
from rightfit.search.options import FitOptions  # noqa: E402
from rightfit.search.prepare import prepare  # noqa: E402
from tests.rooms.learners.network_problems import folds, make_problem  # noqa: E402


def make(rows: int = 150) -> Problem:
    """A number, three words and a number: the label is whether the first two words are there together or not at all."""
    r = np.random.default_rng(0)
    words = (r.random((rows, 3)) < 0.5).astype(float)
    x = np.column_stack([r.normal(size=rows), words, 100 + r.normal(size=rows)])
    y = (words[:, 0] == words[:, 1]).astype(float)
    return replace(make_problem("logistic", rows), design=make_design(x), y=y, text=(1, 2, 3))


def test_attention_is_that_of_its_formula() -> None:
    torch.manual_seed(0)
    net = Text((2, 5), 1).double().eval()
    torch.nn.init.normal_(net.last.weight)
    x = torch.rand(4, 7, dtype=torch.float64) * (torch.arange(7) != 3)
    x[2, 2:] = 0.0  # a row without words
    said = net(x)
    vectors = net.word.weight
    for row, one in enumerate(x):
        answers = []
        for question in net.questions.T:
            loud = one[2:] * torch.exp(vectors @ question / 4)
            share = loud / loud.sum() if loud.sum() else loud
            answers.append(share @ vectors)
        first = torch.relu((net.hear(torch.cat(answers)) + net.total(one)) / (1 + net.norm.eps) ** 0.5)
        torch.testing.assert_close(said[row], net.last(torch.relu(net.hidden(first))))


def test_words_that_mean_something_together_are_learned_and_kept() -> None:
    problem, resamples = make(), folds(150)
    learner = Network(
        module="text", text=problem.text, strengths=(0.0,), seeds=1, batch=32, learning_rate=0.03, epochs=25
    )
    paths, evidence = crossfit(problem, resamples, learner)
    assert evidence.loss.mean(axis=0)[1] < 0.2 < 0.5 < evidence.loss.mean(axis=0)[0]
    model = paths[0].model(1)
    fitted = model.fitted()
    assert fitted.facts["text"] == 1 and restore(fitted).predict(problem.design).tobytes() == (
        model.predict(problem.design).tobytes()
    )
    assert set(paths[0].importance(1).argsort()[-2:].tolist()) == {1, 2}
    with pytest.raises(ValueError, match="names a column as a word"):
        restore(replace(fitted, arrays={**fitted.arrays, "words": np.array([1, 2, 9])}))
    with pytest.raises(OptionError, match="noise makes words of nothing"):
        replace(learner, noise=0.1).fit_paths(problem, resamples)
    with pytest.raises(OptionError, match="reads words, and no column is one"):
        Own.find("text", ())


def test_a_word_that_a_row_does_not_have_is_zero_and_the_rest_is_brought_to_size() -> None:
    problem = make()
    body = Own.find("text", (), problem.text)
    path = Network(module="text", text=problem.text, strengths=(0.0,), seeds=1, epochs=1).fit_paths(
        problem, folds(150)
    )[0]
    inputs = path.inputs.read(problem.design)
    words = problem.design.collect(np.arange(5), np.zeros(5))[:, 1:4] + problem.design.shift(np.arange(1, 4))
    np.testing.assert_array_equal(inputs[:, 1:4] > 0, words > 0)
    assert abs(inputs[:, 4].mean()) < 0.1
    x = torch.as_tensor(inputs)
    assert torch.equal(body.arrange(x), x[:, [0, 4, 1, 2, 3]])


def reword(texts: list[str], **given: object) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names of words, and weights (b, words) of texts before and after a change, which leaves lengths as they are."""
    series = pl.Series("t", texts)
    words = learn_words(series)
    values = torch.as_tensor(bag_of_words(series, words).toarray())
    wording = Wording(columns=tuple(range(1, 1 + len(words))), **given)  # type: ignore[arg-type]
    vocabulary = Vocabulary(["age", *(f"t: {word}" for word in words)], wording)
    made = vocabulary.change(values, torch.Generator().manual_seed(1))
    torch.testing.assert_close(made.norm(dim=1), values.norm(dim=1))
    again = vocabulary.change(values, torch.Generator().manual_seed(1))
    assert torch.equal(made, again)
    return list(words), values.numpy(), made.numpy()


def test_words_are_left_out_with_their_pairs_exchanged_and_replaced() -> None:
    texts = ["big car fast", "large car slow", "big house here", "large house here", "fast here", "slow here"] * 40
    words, before, after = reword(texts, delete=0.3)
    singles = [k for k, word in enumerate(words) if " " not in word]
    gone = 1 - (after[:, singles] > 0).sum() / (before[:, singles] > 0).sum()
    assert 0.2 < gone < 0.35 and not (after[before == 0] > 0).any()
    for k, word in enumerate(words):
        if " " in word:
            both = np.all([after[:, words.index(one)] > 0 for one in word.split()], axis=0)
            np.testing.assert_array_equal(after[:, k] > 0, (before[:, k] > 0) & both)
    words, before, after = reword(texts, swap=0.2)
    pairs = [k for k, word in enumerate(words) if " " in word]
    np.testing.assert_array_equal(after[:, singles] > 0, before[:, singles] > 0)
    assert 0.5 < 1 - (after[:, pairs] > 0).sum() / (before[:, pairs] > 0).sum() < 0.75  # 1 - 0.6^2
    words, before, after = reword(texts, synonyms=0.5, thesaurus={"big": ("huge", "large"), "here": ("there",)})
    big, large = words.index("big"), words.index("large")
    turned = (before[:, big] > 0) & (after[:, big] == 0)
    assert 0.35 < turned.sum() / (before[:, big] > 0).sum() < 0.65
    np.testing.assert_array_equal(after[:, large] > 0, (before[:, large] > 0) | turned)
    for word in ("here", "car", "large"):  # without a synonym that the texts hold
        np.testing.assert_array_equal(
            after[:, words.index(word)] > 0, (before[:, words.index(word)] > 0) | (turned & (word == "large"))
        )
    with pytest.raises(OptionError, match="synonyms need a thesaurus"):
        Wording((0,), synonyms=0.1)
    with pytest.raises(OptionError, match="are for texts, and no column of the table is one"):
        Wording((), delete=0.1)


def test_texts_change_while_nets_learn_and_not_when_they_judge() -> None:
    problem = replace(
        make(),
        design=make_design(make().design.collect(np.arange(5), np.zeros(5)), ["n", "t: aa", "t: bb", "t: cc", "m"]),
    )
    learner = Network(text=problem.text, hidden=(8,), strengths=(0.0,), seeds=1, batch=32, epochs=3)
    plain = learner.fit_paths(problem, folds(150))[0].predict(problem.design)
    assert np.array_equal(plain, learner.fit_paths(problem, folds(150))[0].predict(problem.design))
    for changed in (replace(learner, delete=0.3), replace(learner, synonyms=0.5, thesaurus={"aa": ["cc"]})):
        paths = changed.fit_paths(problem, folds(150))
        assert np.abs(paths[0].predict(problem.design) - plain).max() > 1e-4
        assert any(name in changed.words for name in ("delete 0.3", "synonyms 0.5"))
    (made,) = Network.propose(problem, folds(150), Wishes(settings={"delete": (0.2,), "swap": (0.1,)}))
    assert made.delete == 0.2 and made.swap == 0.1 and made.text == problem.text and made.module == "text"
    (made,) = Network.propose(problem, folds(150), Wishes(settings={"delete": (0.2,), "units": (8,)}))
    assert made.module is None and made.hidden == (8, 8)


def test_a_table_with_texts_has_words_and_the_net_for_them_races(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "_try", lambda learner, *_: 0.0 if learner.module == "text" else 1.0)
    r = np.random.default_rng(0)
    kinds = r.integers(2, size=120)
    said = ["win prize cash now".split(), "meet you home soon".split()]
    texts = [" ".join(r.choice(said[kind], 3)) + f" {number}" for number, kind in enumerate(kinds)]
    frame = pl.DataFrame({"text": texts, "label": np.where(kinds == 1, "ham", "spam")})
    options = FitOptions(target="label", kinds={"text": "text"}, folds=3)
    rows = prepare(from_frame(frame), options).rows
    assert len(rows.problem.text) == rows.problem.design.p > 6
    (made,) = Network.propose(rows.problem, folds(120), Wishes())
    assert "3 settings of nets were tried on 2 folds" in made.note and "module Text" in made.note
    assert made.module == "text" and made.text == rows.problem.text
    given = {"network.units": 4, "network.epochs": 2}
    saved = rightfit.fit(frame, "label", kinds={"text": "text"}, learners="network", folds=2, settings=given)
    assert "4 x 4 units" in saved.run.penalty
