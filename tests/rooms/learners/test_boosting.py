"""Boosting: rounds as a path, the same trees as XGBoost's own, whatever the resample, the threads and the blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import MissingExtraError, OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.learners._boosting.ground import Ground
from rightfit.learners._boosting.objective import derivatives
from rightfit.learners.boosting import Boosting, restore
from rightfit.records import Resamples
from rightfit.rules.best import Best
from tests.rooms.learners.boosting_problems import LOSSES, SAMPLED, make_loss, make_problem
from tests.shared import shared_data

xgboost = pytest.importorskip("xgboost")


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_learned(name: str) -> None:
    problem = make_problem(name)
    paths, evidence = crossfit(problem, make_folds(240, folds=3), Boosting(max_depth=2, min_child_weight=0.1))
    choice = Best().choose(evidence)
    assert choice.step > 0
    mean = evidence.loss.mean(axis=0)
    assert mean[choice.step] < mean[0] - 0.02
    np.testing.assert_allclose(evidence.loss[:, 0], evidence.null, rtol=1e-6, atol=1e-6)
    assert np.isfinite(paths[0].predict(problem.design)).all()


@pytest.mark.parametrize("name", ["squared", "logistic", "poisson", "gamma", "tweedie", "multinomial"])
def test_rounds_are_xgboosts_own(name: str) -> None:
    """The plain library, called by hand with the same numbers and no code of ours, at every round."""
    problem = make_problem(name)
    learner = Boosting(rounds=12, spacing=0.0, max_depth=3, reg_lambda=2.0, reg_alpha=0.1, min_child_weight=0.5)
    path = learner.fit_paths(problem, Resamples.full(np.ones(240)))[0]
    X = np.column_stack(
        [problem.design.observed(np.arange(4)), problem.design.observed(np.arange(4, 9)).argmax(axis=1)]
    )
    constant = problem.loss.null(problem.y, np.full(240, 1 / 240), problem.offset)
    base = problem.offset[:, None] + constant
    rows = xgboost.DMatrix(
        X, problem.y, base_margin=base.squeeze(), feature_types=["q"] * 4 + ["c"], enable_categorical=True
    )
    objective = {"squared": "reg:squarederror", "logistic": "binary:logistic", "multinomial": "multi:softprob"}
    objective |= {"poisson": "count:poisson", "gamma": "reg:gamma", "tweedie": "reg:tweedie"}
    options: dict[str, Any] = {"objective": objective[name], "max_depth": 3, "lambda": 2.0, "alpha": 0.1, "eta": 0.1}
    options |= {"min_child_weight": 0.5, "tree_method": "hist"}
    if name == "multinomial":
        options["num_class"] = 3
    own = path.predict(problem.design, problem.offset)
    booster = xgboost.train(options, rows, 12)
    for step in (1, 2, 7, 12):
        margin = booster.predict(rows, output_margin=True, iteration_range=(0, step)).reshape(240, -1)
        np.testing.assert_allclose(own[step], margin, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", ["squared", "logistic", "poisson", "multinomial", "huber"])
@pytest.mark.parametrize(("alpha", "strength"), [(0.0, 0.0), (0.4, 3.0)])
def test_leaves_are_soft_thresholds_over_sums(name: str, alpha: float, strength: float) -> None:
    """-soft(G, alpha) / (H + lambda) times the learning rate is what XGBoost stores, to float32 accuracy."""
    problem = make_problem(name)
    weight = np.random.default_rng(1).integers(1, 4, 240).astype(float)
    learner = Boosting(rounds=20, max_depth=3, reg_alpha=alpha, reg_lambda=strength, min_child_weight=0.1)
    path = learner.fit_paths(problem, Resamples.full(weight))[0]
    step = len(path.rounds) - 1
    leaves = path.picture(step).leaves
    assert leaves is not None
    stored = [
        np.asarray(tree.split_conditions, np.float32)[np.asarray(tree.left_children) < 0]
        for trees in path.members[0].trees
        for tree in trees
    ]
    np.testing.assert_allclose(0.1 * leaves.after, np.concatenate(stored), rtol=2e-5, atol=1e-6)
    assert leaves.rows.sum() == pytest.approx(weight.sum() * 20 * problem.loss.outputs)
    if strength:
        assert (np.abs(leaves.after) <= np.abs(leaves.before)).all()
        assert np.abs(leaves.after).sum() < 0.9 * np.abs(leaves.before).sum()
        assert "alpha 0.4 and lambda 3" in leaves.sentence


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_slopes(name: str) -> None:
    """By differences of the loss itself, at predictors of every size."""
    problem = make_problem(name)
    loss = problem.loss.bind(np.ones(240))
    r = np.random.default_rng(5)
    eta = r.normal(size=(240, loss.outputs))
    gradient, curvature = derivatives(loss, problem.y, eta)
    assert gradient.shape == curvature.shape == eta.shape
    assert (curvature >= 0).all()
    for row in (3, 77):
        for c in range(loss.outputs):
            up, down = eta.copy(), eta.copy()
            up[row, c] += 1e-5
            down[row, c] -= 1e-5
            total = [
                loss.value(problem.y, e if loss.outputs > 1 else e[:, 0]).sum() for e in (up, down)
            ]  # a row's predictor may matter to other rows
            assert gradient[row, c] == pytest.approx((total[0] - total[1]) / 2e-5, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", ["huber", "quantile"])
def test_own_curvature_lies_above_the_loss(name: str) -> None:
    """value(eta + d) <= value + slope d + curvature d^2 / 2 for every d: a leaf never overshoots."""
    loss = make_loss(name)
    y, eta = np.zeros(400), np.linspace(-8, 8, 400)
    slope, curvature = derivatives(loss, y, eta)
    for d in (-20.0, -3.0, -0.1, 0.2, 5.0, 30.0):
        bound = loss.value(y, eta) + slope[:, 0] * d + curvature[:, 0] * d**2 / 2
        assert (loss.value(y, eta + d) <= bound + 1e-9).all()


def test_path_and_models_agree_to_the_last_bit() -> None:
    for options in ({}, SAMPLED, {"dropout": 0.2, "skip_dropout": 0.3, "spacing": 0.3}, {"refit": "averaged"}):
        problem = make_problem("logistic")
        learner = Boosting(rounds=25, max_depth=3, **options)
        for path in learner.fit_paths(problem, make_folds(240, folds=2)):
            together = path.predict(problem.design, problem.offset)
            for step in (0, 1, len(path.rounds) // 2, len(path.rounds) - 1):
                model = path.model(step)
                alone = model.predict(problem.design, problem.offset)
                np.testing.assert_array_equal(alone, together[step])
                again = restore(model.fitted())
                np.testing.assert_array_equal(again.predict(problem.design, problem.offset), alone)
                for key, array in model.fitted().arrays.items():
                    np.testing.assert_array_equal(again.fitted().arrays[key], array)


def test_a_fold_is_the_fit_of_its_rows_alone() -> None:
    problem = make_problem("poisson")
    folds = make_folds(240, folds=3, seed=2)
    learner = Boosting(rounds=20, max_depth=3, refit="same", **SAMPLED)
    path = learner.fit_paths(problem, folds)[2]
    rows = np.flatnonzero(folds.multiplicity[2])
    alone = Problem(
        problem.design.take(rows), problem.y[rows], problem.loss, problem.offset[rows], levels=problem.levels
    )
    own = learner.fit_paths(alone, Resamples.full(np.ones(len(rows))))[0]
    np.testing.assert_array_equal(own.predict(problem.design), path.predict(problem.design))


def test_a_weight_of_two_is_the_row_twice() -> None:
    problem = make_problem("logistic", holes=False)
    weight = np.random.default_rng(3).integers(0, 3, 240)
    rows = np.repeat(np.arange(240), weight)
    twice = Problem(
        problem.design.take(rows), problem.y[rows], problem.loss, problem.offset[rows], levels=problem.levels
    )
    learner = Boosting(rounds=15, max_depth=3, min_child_weight=0.0)
    one = learner.fit_paths(problem, Resamples.full(weight.astype(float)))[0]
    two = learner.fit_paths(twice, Resamples.full(np.ones(len(rows))))[0]
    np.testing.assert_allclose(one.predict(problem.design), two.predict(problem.design), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("options", [{}, SAMPLED, {"dropout": 0.2, "rounds": 25}], ids=["plain", "sampled", "dart"])
def test_same_bytes_with_one_thread_and_two(options: dict[str, Any]) -> None:
    problem, folds = make_problem("squared"), make_folds(240, folds=3)
    one = Boosting(threads=1, **options).fit_paths(problem, folds)
    two = Boosting(threads=2, **options).fit_paths(problem, folds)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.rounds, b.rounds)
        last = len(a.rounds) - 1
        np.testing.assert_array_equal(
            a.model(last).fitted().arrays["booster_0"], b.model(last).fitted().arrays["booster_0"]
        )


def test_xgboosts_own_threads_give_the_same_trees() -> None:
    """One thread a booster is a choice, which spares the doubt; here both give the same bytes."""
    problem = make_problem("squared", n=2000)
    ground = Ground(problem, Resamples.full(np.ones(2000)), 256)
    plot, raw = ground.plot(0), []
    for threads in (1, 2):
        parameters = ground.objective.parameters | Boosting().parameters(ground.columns) | {"nthread": threads}
        booster = xgboost.train(parameters, plot.matrix, 20)
        raw.append(bytes(booster.save_raw("json")))
    assert raw[0] == raw[1]


def test_growing_ends_by_the_curves() -> None:
    """A target that no column tells soon ends; a clear one goes on, and the best round is inside the path."""
    r = np.random.default_rng(0)
    X, folds = r.normal(size=(400, 4)), make_folds(400, folds=3)
    noise = Problem(make_design(X), r.normal(size=400), make_loss("squared"), np.zeros(400))
    clear = replace(noise, y=np.sin(2 * X[:, 0]) * 3 + X[:, 1] + 0.3 * noise.y)
    for learning_rate in (0.4, 0.15):
        learner = Boosting(learning_rate=learning_rate, max_depth=3)
        ends = []
        for problem in (noise, clear):
            paths, evidence = crossfit(problem, folds, learner)
            mean = evidence.loss.mean(axis=0)
            ends.append(paths[1].rounds[-1])
            chosen = int(np.argmin(mean))
            if problem is clear:
                assert 0 < chosen < len(mean) - 1
                whole = crossfit(problem, folds, replace(learner, rounds=int(2 * ends[-1])))[1].loss.mean(axis=0)
                assert mean[chosen] < 1.02 * whole.min()
        assert 4 * ends[0] < ends[1] < 2000


def test_steps_do_not_depend_on_where_growing_ended() -> None:
    problem, folds = make_problem("squared"), make_folds(240, folds=3)
    short = Boosting(rounds=10, **SAMPLED).fit_paths(problem, folds)
    longer = Boosting(rounds=25, **SAMPLED).fit_paths(problem, folds)
    for a, b in zip(short, longer, strict=True):
        np.testing.assert_array_equal(a.predict(problem.design), b.predict(problem.design)[: len(a.rounds)])
        np.testing.assert_array_equal(a.strengths, b.strengths[: len(a.strengths)])


def test_the_refit_has_more_rounds_by_the_share_of_its_rows() -> None:
    problem, folds = make_problem("squared"), make_folds(240, folds=5)
    full, fold = Boosting(rounds=40).fit_paths(problem, folds)[:2]
    assert (fold.rounds[-1], full.rounds[-1]) == (40, 50)
    same = Boosting(rounds=40, refit="same").fit_paths(problem, folds)[0]
    np.testing.assert_array_equal(same.predict(problem.design)[-1], full.members[0].margins(problem.design, [40])[0])
    averaged, *others = Boosting(rounds=40, refit="averaged").fit_paths(problem, folds)
    assert len(others) == 5
    mean = np.mean([path.predict(problem.design)[-1] for path in others], axis=0)
    np.testing.assert_allclose(averaged.predict(problem.design)[-1], mean, rtol=1e-12)


def test_the_refit_pays_on_real_rows() -> None:
    """Salaries of players, half of them set aside eight times: half as many rounds more for half as many rows more."""
    import polars as pl

    frame = pl.read_csv(shared_data("hitters"), null_values=["NA"]).drop_nulls("Salary")
    y = frame["Salary"].to_numpy().astype(float) / 100
    X = frame.drop("Salary").select(pl.col(pl.Int64, pl.Float64)).to_numpy().astype(float)
    lost: dict[str, list[float]] = {"rescaled": [], "same": []}
    for split in range(8):
        order = np.random.default_rng(split).permutation(len(y))
        rows, aside = order[: len(y) // 2], order[len(y) // 2 :]
        problem = Problem(make_design(X[rows]), y[rows], make_loss("squared"), np.zeros(len(rows)))
        learner = Boosting(max_depth=2, subsample=0.8, rounds=60, spacing=0.1)
        paths, evidence = crossfit(problem, make_folds(len(rows), folds=3, seed=split), learner)
        step = Best().choose(evidence).step
        rounds = [int(paths[0].rounds[step]), int(paths[1].rounds[step])]
        assert 1.4 * rounds[1] < rounds[0] < 1.6 * rounds[1]
        eta = [paths[0].members[0].margins(make_design(X[aside]), [r])[0][:, 0] for r in rounds]
        for name, predicted in zip(lost, eta, strict=True):
            lost[name].append(float(np.mean((predicted - y[aside]) ** 2)))
    assert np.mean(lost["rescaled"]) < 0.99 * np.mean(lost["same"])


def test_categories_are_asked_as_a_whole() -> None:
    """Levels in no order: one split finds them, and a row without a level is a missing value."""
    r = np.random.default_rng(0)
    level = r.integers(0, 12, 600)
    y = np.where(np.isin(level, [1, 4, 5, 9]), 1.0, -1.0)
    dummies = (level[:, None] == np.arange(12)).astype(float)
    problem = Problem(make_design(dummies), y, make_loss("squared"), np.zeros(600), levels=(np.arange(12),))
    path = Boosting(rounds=1, max_depth=1, learning_rate=1.0, reg_lambda=0.0).fit_paths(
        problem, Resamples.full(np.ones(600))
    )[0]
    np.testing.assert_allclose(path.predict(problem.design)[1][:, 0], y, atol=1e-5)
    np.testing.assert_allclose(path.importance(1), np.full(12, 1 / 12))
    empty = make_design(np.zeros((1, 12)))
    shares = make_design(np.full((1, 12), 1 / 12))
    np.testing.assert_array_equal(path.predict(empty), path.predict(shares))


def test_wide_tables_keep_only_what_is_not_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightfit.learners._boosting.columns._SPARSE_FROM", 10_000)
    r = np.random.default_rng(0)
    X = (r.random((500, 90)) < 0.01).astype(float)
    y = X[:, :5].sum(axis=1) + 0.05 * r.normal(size=500)
    path = Boosting(rounds=3, max_depth=2).fit_paths(
        Problem(make_design(X), y, make_loss("squared"), np.zeros(500)), Resamples.full(np.ones(500))
    )[0]
    assert path.members[0].columns.thin.all()
    np.testing.assert_array_equal(path.predict(make_design(X[:7])), path.predict(make_design(X))[:, :7])
    model = restore(path.model(3).fitted())
    np.testing.assert_array_equal(model.predict(make_design(X)), path.predict(make_design(X))[3])


def test_missing_values_that_training_had_not_go_with_most_rows() -> None:
    x = np.arange(100.0)
    y = (x >= 20).astype(float)
    rounds = {"rounds": 1, "learning_rate": 1.0, "max_depth": 1, "reg_lambda": 0.0}
    for sign in (1, -1):
        problem = Problem(make_design(sign * x[:, None]), y, make_loss("squared"), np.zeros(100))
        path = Boosting(**rounds).fit_paths(problem, Resamples.full(np.ones(100)))[0]
        unknown = make_design(np.array([[np.nan], [sign * 5.0]]))
        np.testing.assert_allclose(path.predict(unknown)[1][:, 0], [1.0, 0.0], atol=1e-6)
        model = path.model(1)
        np.testing.assert_array_equal(model.predict(unknown), path.predict(unknown)[1])
        np.testing.assert_array_equal(restore(model.fitted()).predict(unknown), model.predict(unknown))


def test_monotone_predictions_rise() -> None:
    r = np.random.default_rng(0)
    X = r.uniform(-1, 1, (300, 2))
    problem = Problem(make_design(X), X[:, 0] + r.normal(size=300), make_loss("squared"), np.zeros(300))
    line = np.column_stack([np.linspace(-1, 1, 50), np.zeros(50)])
    rising = {}
    for monotone in ((), (1, 0)):
        path = Boosting(rounds=60, monotone=monotone).fit_paths(problem, Resamples.full(np.ones(300)))[0]
        rising[monotone] = (np.diff(path.predict(make_design(line))[-1][:, 0]) >= 0).all()
    assert rising == {(): False, (1, 0): True}
    with pytest.raises(OptionError, match="monotone has 3 signs for 2 columns"):
        Boosting(monotone=(1, 0, 0)).fit_paths(problem, Resamples.full(np.ones(300)))


@pytest.mark.parametrize("name", ["learning_rate", "subsample", "max_depth", "min_child_weight", "refit", "rounds"])
def test_options_out_of_range_are_named(name: str) -> None:
    with pytest.raises(OptionError, match=name):
        Boosting(**{name: -1}).fit_paths(make_problem(), make_folds(240, folds=2))


def test_nonsense_is_not_restored() -> None:
    problem = make_problem("squared")
    path = Boosting(rounds=3).fit_paths(problem, Resamples.full(np.ones(240)))[0]
    fitted = path.model(3).fitted()
    assert {array.dtype.kind for array in fitted.arrays.values()} <= {"u", "i", "f", "b"}
    raw = bytes(fitted.arrays["booster_0"])
    bad = [raw[:100], b"{}", raw.replace(b'"left_children":[1', b'"left_children":[0'), raw.replace(b"trees", b"trios")]
    bad.append(raw.replace(b'"split_indices":[', b'"split_indices":[9'))
    for text in bad:
        arrays = fitted.arrays | {"booster_0": np.frombuffer(text, np.uint8)}
        with pytest.raises((KeyError, IndexError, TypeError, ValueError)):
            restore(replace(fitted, arrays=arrays))
    for key in fitted.arrays:
        with pytest.raises((KeyError, IndexError, TypeError, ValueError)):
            restore(replace(fitted, arrays={k: v for k, v in fitted.arrays.items() if k != key}))


def test_without_xgboost_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    assert Boosting.lacks() == ""
    fitted = Boosting(rounds=3).fit_paths(make_problem(), Resamples.full(np.ones(240)))[0].model(2).fitted()
    monkeypatch.setitem(sys.modules, "xgboost", None)
    sentence = Boosting.lacks()
    assert "\n" not in sentence
    assert "pip install 'rightfit[boosting]'" in sentence
    with pytest.raises(MissingExtraError, match="pip install"):
        Boosting().fit_paths(make_problem(), make_folds(240, folds=2))
    with pytest.raises(MissingExtraError, match="pip install"):
        restore(fitted)
