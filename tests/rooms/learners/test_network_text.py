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
from rightfit.errors import OptionError  # noqa: E402
from rightfit.evidence.crossfit import crossfit  # noqa: E402
from rightfit.learners._network import proposing  # noqa: E402
from rightfit.learners._network.own import Own  # noqa: E402
from rightfit.learners._network.text import Text  # noqa: E402
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
        hidden = torch.relu(net.hidden(torch.cat([one[:2], *answers])))
        torch.testing.assert_close(said[row], net.last(hidden))


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
