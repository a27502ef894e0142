"""The family of nets: where they stop, what luck is worth, what is refused, and prediction without torch."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from rightfit import catalog
from rightfit.contracts import Problem, Wishes
from rightfit.errors import MissingExtraError, NotConvergedWarning, OptionError, OutOfTime
from rightfit.evidence.crossfit import crossfit
from rightfit.learners._network import library
from rightfit.learners._network.ground import Ground
from rightfit.learners._network.ladder import climb
from rightfit.learners._network.rungs import Rung
from rightfit.learners._network.watch import UNSETTLED, Watch
from rightfit.learners.network import Network, restore
from rightfit.records import Resamples
from rightfit.rules._averages import average
from rightfit.solvers.watch import until
from tests.rooms.learners.network_problems import N, P, folds, make_problem

QUICK = Network(hidden=(16,), strengths=(3.0, 0.0), learning_rate=0.02, batch=32, seeds=2, most=40)


def watch_of(problem: Problem, resamples: Resamples, seeds: int = 1) -> Watch:
    plots = Ground(problem, resamples, "cpu").plots
    return Watch(problem, resamples, plots, range(1, len(resamples)), seeds, [None])


def test_rows_have_no_say_in_the_epoch_of_the_net_that_scores_them() -> None:
    problem, resamples = make_problem("squared"), folds()
    rng = np.random.default_rng(0)
    said = [[rng.normal(size=(1, 1, N // 3, 1)) for _ in range(3)] for _ in range(12)]

    def stops(factor: float) -> np.ndarray:
        watch = watch_of(problem, resamples)
        for epoch, outputs in enumerate(said, start=1):
            changed = [outputs[0] * (factor if epoch % 2 else 1.0), *outputs[1:]]
            watch.note(epoch, np.array([epoch]), changed, np.zeros(1))
        return watch.stop[0]

    usual, worse = stops(1.0), stops(30.0)
    assert usual[0] == worse[0]  # what the first resample loses on its own rows does not move its stop
    assert (worse[1:] % 2 == 0).all() and set(usual[1:]) != set(worse[1:])


def test_a_resample_alone_cannot_choose_its_epoch() -> None:
    problem, resamples = make_problem("squared"), folds()
    single = replace(resamples, multiplicity=resamples.multiplicity[:2], scored=resamples.scored[:2])
    watch = watch_of(problem, single)
    for epoch in (1, 20, UNSETTLED, UNSETTLED + 5):
        watch.note(epoch, np.array([10 * epoch]), [np.zeros((1, 1, N // 3, 1))], np.zeros(1))
    assert watch.stop[0, 0] == UNSETTLED


def test_curves_end_and_choose_and_the_ladder_is_told() -> None:
    problem, resamples = make_problem("squared"), folds()
    paths, evidence = crossfit(problem, resamples, QUICK)
    full = paths[0]
    ladder = full.picture(2).ladder
    assert ladder is not None and ladder.chosen == 1 and ladder.seeds == 2
    assert ladder.held_out.shape == ladder.training.shape == (2, len(ladder.epochs))
    best = [int(ladder.epochs[np.nanargmin(row)]) for row in ladder.held_out]
    assert ladder.stop.tolist() == best and set(ladder.stops.ravel()) <= set(ladder.epochs)
    assert ladder.sentence.startswith("12 nets were trained side by side: 2 values of weight decay on 3 resamples")
    assert "stopped" in ladder.sentence and full.size(1).startswith("2 nets of ")
    mean = evidence.loss.mean(axis=0)
    assert mean[1:].min() < 0.5 * mean[0]
    np.testing.assert_allclose(mean[1:].min(), np.nanmin(ladder.held_out), rtol=0.1)
    nothing = full.picture(0).ladder
    assert nothing is not None and nothing.chosen == -1 and "constant model" in nothing.sentence


def test_luck_is_part_of_every_standard_error() -> None:
    problem, resamples = make_problem("logistic"), folds()
    _, evidence = crossfit(problem, resamples, replace(QUICK, epochs=4, seeds=3))
    assert evidence.luck.shape == (3, 3) and np.ptp(evidence.luck[:, 0]) == 0
    single = [
        crossfit(problem, resamples, replace(QUICK, epochs=4, seeds=1, seed=s))[1].loss.mean(axis=0)[1] for s in (0, 1)
    ]
    assert single[0] != single[1]
    np.testing.assert_allclose(evidence.luck[0, 1], single[0], rtol=1e-5)  # the first net of seed 0
    with_luck, without = average(evidence), average(replace(evidence, luck=np.empty((0, 3))))
    variance = evidence.luck.var(axis=0, ddof=1) / 3
    np.testing.assert_allclose(with_luck.error**2, without.error**2 + variance, rtol=1e-9)
    np.testing.assert_array_equal(with_luck.mean, without.mean)
    assert (with_luck.difference_error >= without.difference_error).all()


def test_weights_of_zero_are_absent_rows_to_the_last_digits() -> None:
    problem = make_problem("poisson", offset=True)
    weight = np.where(np.arange(N) % 4 == 0, 0.0, 1.0 + np.arange(N) % 3)
    rows = np.flatnonzero(weight)
    fewer = replace(problem, design=problem.design.take(rows), y=problem.y[rows], offset=problem.offset[rows])
    learner = replace(QUICK, epochs=8, dropout=0.3, mixup=0.2, noise=0.1)
    one = learner.fit_paths(problem, Resamples.full(weight))[0].predict(problem.design)
    other = learner.fit_paths(fewer, Resamples.full(weight[rows]))[0].predict(problem.design)
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert np.ptp(one[-1]) > 0.1


def test_examples_are_mixed_in_the_units_of_the_columns() -> None:
    problem, resamples = make_problem("squared"), folds()
    path = replace(QUICK, mixup=0.4, noise=0.2, epochs=3).fit_paths(problem, resamples)[0]
    shown = path.picture(2).examples
    assert shown is not None and shown.labels[:2] == ("a row", "another row") and shown.labels[3] == "with noise"
    first, second, mixed, noisy = shown.values
    cells = problem.design.collect(np.arange(problem.design.p), np.full(problem.design.p, np.nan))
    cells += problem.design.shift(np.arange(problem.design.p))
    for row in (first, second):  # rows of the table, gaps at their means
        here = cells[:, shown.columns]
        assert (np.isclose(here, row, rtol=1e-6) | np.isnan(here)).all(axis=1).any()
    between = (np.minimum(first, second) <= mixed + 1e-9) & (mixed <= np.maximum(first, second) + 1e-9)
    assert between.all() and (noisy != mixed).all()
    assert path.picture(0).examples is None
    assert replace(QUICK, epochs=2).fit_paths(problem, resamples)[0].picture(1).examples is None


def test_walking_in_dropout() -> None:
    problem, resamples = make_problem("multinomial"), folds()
    path = replace(QUICK, walks="dropout", strengths=(0.6, 0.2, 0.0), epochs=6).fit_paths(problem, resamples)[0]
    assert path.strengths.tolist() == [1.0, 0.6, 0.2, 0.0]
    assert path.axis.say(1, 0.6) == "dropout 0.6" and path.axis.free == "the net without dropout"


@pytest.mark.parametrize(
    ("walks", "rungs", "strengths", "words"),
    [
        ("learning_rate", (0.01, 0.05), [np.inf, 0.05, 0.01], "learning rate 0.01"),
        ("batch", (32.0, 8.0), [np.inf, 1 / 8, 1 / 32], "batches of 32 rows"),
        ("epochs", (1.0, 5.0), [np.inf, 1.0, 0.2], "5 epochs"),
        ("l1", (0.1, 0.0), [np.inf, 0.1, 0.0], "absolute penalty 0"),
    ],
)
def test_walking_in_what_regularizes_without_being_called_so(
    walks: str, rungs: tuple[float, ...], strengths: list[float], words: str
) -> None:
    problem, resamples = make_problem("logistic"), folds()
    paths, evidence = crossfit(problem, resamples, replace(QUICK, walks=walks, strengths=rungs, most=10))
    assert paths[0].strengths.tolist() == strengths and paths[0].axis.say(2, paths[0].strengths[2]) == words
    average(evidence)
    assert evidence.luck.shape == (2, 3)
    ladder = paths[0].picture(2).ladder
    assert ladder is not None and ladder.strengths.tolist() == sorted(rungs, reverse=walks in ("learning_rate", "l1"))
    if walks == "epochs":
        assert paths[0].stop.tolist() == [0, 1, 5] and set(ladder.stops[1]) == {5} and 2 in ladder.epochs
    assert not np.array_equal(evidence.loss[:, 1], evidence.loss[:, 2])


def test_weights_of_zero_are_absent_rows_with_batch_normalization_too() -> None:
    problem = make_problem("logistic")
    weight = np.where(np.arange(N) % 4 == 0, 0.0, 1.0 + np.arange(N) % 3)
    rows = np.flatnonzero(weight)
    fewer = replace(problem, design=problem.design.take(rows), y=problem.y[rows], offset=problem.offset[rows])
    learner = replace(QUICK, epochs=8, norm="batch")
    one = learner.fit_paths(problem, Resamples.full(weight))[0].predict(problem.design)
    other = learner.fit_paths(fewer, Resamples.full(weight[rows]))[0].predict(problem.design)
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    plain = replace(learner, norm="none").fit_paths(problem, Resamples.full(weight))[0].predict(problem.design)
    assert np.ptp(one[-1]) > 0.1 and np.abs(one - plain).max() > 0.01


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_what_is_stored_of_a_net_with_normalization_says_the_same(norm: str) -> None:
    problem = make_problem("squared")
    path = replace(QUICK, norm=norm, epochs=6).fit_paths(problem, Resamples.full(np.ones(N)))[0]
    model = path.model(2)
    assert restore(model.fitted()).predict(problem.design).tobytes() == model.predict(problem.design).tobytes()
    np.testing.assert_allclose(path.predict(problem.design)[2], model.predict(problem.design), rtol=1e-12)


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_slopes_in_inputs_are_those_of_the_outputs(norm: str) -> None:
    problem = make_problem("multinomial")
    path = replace(QUICK, norm=norm, epochs=6, seeds=1).fit_paths(problem, Resamples.full(np.ones(N)))[0]
    body, nets = path.body, path.nets[1]
    rng = np.random.default_rng(2)
    inputs, slope, way = rng.normal(size=(7, P)), rng.normal(size=(7, 3)), rng.normal(size=(7, P))
    said = [(slope * body.say(nets, inputs + h * way)).sum(axis=1) for h in (-1e-6, 1e-6)]
    np.testing.assert_allclose(
        (body.pull(nets, inputs, slope) * way).sum(axis=1), (said[1] - said[0]) / 2e-6, rtol=1e-5
    )
    alone = [body.pull(nets, inputs, np.tile(np.eye(3)[c], (7, 1))) for c in range(3)]
    np.testing.assert_allclose(body.slopes(nets, inputs), np.abs(alone).mean(axis=1).sum(axis=0), rtol=1e-10)


def test_time_ends_a_walk_early_or_says_that_there_was_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightfit.learners._network.watch.YOUNG", 1e9)  # no curve levels
    monkeypatch.setattr("rightfit.learners._network.ladder.CAREFUL", 0.4)  # busy machines keep to no plan
    problem, resamples = make_problem("squared"), folds()
    learner = replace(QUICK, most=100_000, learning_rate=1e-5, seeds=1)
    end, words = time.perf_counter() + 4.0, "A curve of the nets still fell when epochs ended at"
    with until(end), pytest.warns(NotConvergedWarning, match=words):
        paths = learner.fit_paths(problem, resamples)
    assert time.perf_counter() < end and paths[0].stop.max() < 100_000
    with pytest.raises(OutOfTime), until(time.perf_counter() + 0.05):
        replace(learner, epochs=100_000).fit_paths(problem, resamples)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be a number above 0 and at most 1"),
        ({"batch": 2.5}, "batch must be a whole number at least 1"),
        ({"dropout": 1.0}, "dropout must be a number at least 0 and at most 0.95"),
        ({"hidden": (8, 0)}, "hidden must hold the units of each hidden layer"),
        (
            {"walks": "mixup"},
            "walks must be one of 'decay', 'dropout', 'l1', 'noise', 'learning_rate', 'batch', 'epochs'",
        ),
        ({"norm": "group"}, "norm must be one of 'none', 'batch', 'layer'"),
        (
            {"walks": "learning_rate", "decay": 30.0, "strengths": (0.05,)},
            "takes more than all of a weight at each step",
        ),
        ({"strengths": (50.0,)}, "a decay of 50 is the constant model"),
        ({"smoothing": 0.1}, "smoothing is for classes"),
        ({"device": "nowhere"}, "torch cannot compute on device 'nowhere' here"),
    ],
)
def test_parameters_without_sense_are_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        replace(QUICK, **given).fit_paths(make_problem("squared"), folds())


def test_losses_whose_rows_depend_on_each_other_are_refused() -> None:
    kind = catalog.find("losses", "cox")
    problem = replace(make_problem("squared"), loss=kind())
    with pytest.raises(OptionError, match="a network cannot learn the loss cox"):
        QUICK.fit_paths(problem, folds())


def test_wishes_are_combined_and_those_of_what_is_walked_are_its_rungs() -> None:
    problem, resamples = make_problem("squared"), folds()
    wishes = {"units": (8.0, 16.0), "layers": (1.0,), "dropout": (0.2,)}
    made = Network.propose(problem, resamples, Wishes(seed=5, settings=wishes))
    assert [one.hidden for one in made] == [(8,), (16,)] and {one.dropout for one in made} == {0.2}
    assert {one.seed for one in made} == {5}
    (walked,) = Network.propose(problem, resamples, Wishes(settings={"decay": (1.0, 5.0)}))
    assert walked.strengths == (1.0, 5.0) and walked.walks == "decay"
    made = Network.propose(problem, resamples, Wishes(settings={"walks": ("batch", "epochs"), "batch": (8.0, 32.0)}))
    assert [(one.walks, one.strengths, one.batch) for one in made] == [
        ("batch", (8.0, 32.0), 32), ("epochs", (), 8), ("epochs", (), 32)
    ]  # fmt: skip
    pixels = replace(problem, image=(1, P))
    for name, module in (("perceptron", None), ("convolution", "convolution")):
        (one,) = Network.propose(pixels, resamples, Wishes(settings={"module": (name,), "device": ("cpu",)}))
        assert one.module == module and one.device == "cpu" and one.image == (1, P)
    with pytest.raises(OptionError, match="module must be one of 'perceptron', 'convolution', 'text'"):
        Network.propose(problem, resamples, Wishes(settings={"module": ("os.system",)}))
    with pytest.raises(OptionError, match="norm must be one of 'none', 'batch', 'layer', 'sideways' was given"):
        Network.propose(problem, resamples, Wishes(settings={"norm": ("sideways",)}))
    with pytest.raises(OptionError, match="dropout must be a number at least 0"):
        Network.propose(problem, resamples, Wishes(settings={"dropout": ("much",)}))


def test_settings_race_and_the_note_says_so() -> None:
    problem, resamples = make_problem("logistic", 150), folds(150)
    (made,) = Network.propose(problem, resamples, Wishes())
    assert "4 settings of nets were tried on 2 folds (64 x 64 units, dropout 0.1; 64 x 64" in made.note
    assert made.hidden in ((64, 64), (32, 32), (128, 128)) and 1 <= made.most <= 500
    with until(time.perf_counter() + 0.2):
        (late,) = Network.propose(problem, resamples, Wishes())
    assert late.hidden == (64, 64) and "no time for a race" in late.note


def test_without_torch_the_family_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert Network.lacks() == library.LACKS and "pip install 'rightfit[networks]'" in library.LACKS
    with pytest.raises(MissingExtraError):
        QUICK.fit_paths(make_problem("squared"), folds())


def test_a_stored_model_predicts_without_torch(tmp_path: Any) -> None:
    problem = make_problem("squared")
    model = replace(QUICK, epochs=3).fit_paths(problem, Resamples.full(np.ones(N)))[0].model(2)
    np.savez(tmp_path / "model.npz", **model.fitted().arrays)
    cells = problem.design.collect(np.arange(problem.design.p), np.full(problem.design.p, np.nan))
    cells += problem.design.shift(np.arange(problem.design.p))
    np.savez(tmp_path / "rows.npz", cells=cells, said=model.predict(problem.design))
    program = f"""
import sys
sys.modules["torch"] = None
import numpy as np
from rightfit.data.design import make_design
from rightfit.learners.network import restore
from rightfit.records import Fitted
rows, arrays = np.load({str(tmp_path / "rows.npz")!r}), np.load({str(tmp_path / "model.npz")!r})
model = restore(Fitted("network", "squared", dict(arrays), {{"layers": 2.0}}))
assert model.predict(make_design(rows["cells"])).tobytes() == rows["said"].tobytes()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_arrays_that_are_no_net_are_refused() -> None:
    fitted = (
        replace(QUICK, epochs=1).fit_paths(make_problem("squared"), Resamples.full(np.ones(N)))[0].model(1).fitted()
    )
    for name in ("weight_0", "bias_1", "scale", "spread"):
        broken = {**fitted.arrays, name: fitted.arrays[name][..., :-1]}
        with pytest.raises(ValueError, match="network"):
            restore(replace(fitted, arrays=broken))


def test_one_seed_has_no_luck_and_nothing_judged_is_walked_for_a_usual_time() -> None:
    problem = make_problem("squared")
    alone = climb(problem, Resamples.full(np.ones(N)), [Rung(batch=64)], hidden=(4,), most=9, seeds=1, seed=0)
    assert alone.stop[0, 0] == UNSETTLED and not len(alone.epochs)
    path = replace(QUICK, seeds=1, epochs=2).fit_paths(problem, folds())[0]
    assert path.luck.shape == (1, 3) and path.size(1).endswith("2 epochs")
