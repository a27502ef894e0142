"""What penalties on groups promise beyond what all penalties do, and every fast lane against a slow twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Loss, Penalty, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.penalties.group import Group
from rightfit.penalties.sparse_group import SparseGroup
from rightfit.records import Resamples, Trace
from rightfit.solvers import group_columns, group_quadratics
from tests.laws.test_weights import target

LOSSES = [catalog.find("losses", name)() for name in ("squared", "logistic", "poisson", "multinomial")]
SINGLE = [loss for loss in LOSSES if loss.outputs == 1]
GROUPS = np.array([2, 0, 0, 1, 1, 1, 2, 3, 3])
PENALTIES = [
    Group(GROUPS),
    Group(GROUPS, 0.6, np.array([1, 0, 2, 0.5])),
    SparseGroup(GROUPS, 0.3),
    SparseGroup(GROUPS, 0.5, 0.7),
]


def named(loss: Loss) -> str:
    return loss.name


def titled(penalty: Penalty) -> str:
    return f"{penalty.sentence()}-{penalty.factors is None}"


def problem(loss: Loss, n: int = 70, form: str = "dense") -> Problem:
    rng = np.random.default_rng(11)
    X = rng.normal(size=(n, 9)) * np.geomspace(0.2, 5, 9) + rng.normal(size=9) + 0.5 * rng.normal(size=(n, 1))
    if form == "thin":
        X = np.where(rng.random(X.shape) < 0.5, X, 0)
    y = target(loss, 3 * (X[:, 1] - X[:, 1].mean()), rng)
    if form == "missing":
        X[rng.random(X.shape) < 0.1] = np.nan
    shape = {"thin": sparse.csc_array, "c32": lambda a: np.ascontiguousarray(a, np.float32), "f": np.asfortranarray}
    return Problem(make_design(shape.get(form, np.ascontiguousarray)(X)), y, loss, 0.1 * np.sin(np.arange(n)))


def folds(n: int, weight: np.ndarray | None = None) -> Resamples:
    scored = np.arange(n) % 4 == np.arange(-1, 2)[:, None]
    return Resamples(np.ones(n) if weight is None else weight, (~scored).astype(np.uint8), scored)


FINE = Linear(PENALTIES[0], strengths=np.geomspace(0.3, 0.01, 3), tolerance=1e-15)


def same(one: Trace, two: Trace, tolerance: float = 1e-6) -> None:
    for k in range(len(one)):
        a, b = one.coef(k), two.coef(k)
        assert np.abs(a - b).max() <= tolerance * max(1.0, np.abs(b).max()), f"step {k}"
        assert np.abs(one.intercept[k] - two.intercept[k]).max() <= tolerance * max(1, np.abs(two.intercept[k]).max())


@pytest.mark.parametrize("penalty", PENALTIES, ids=titled)
@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_weight_zero_is_the_row_left_out_and_weight_two_the_row_twice(loss: Loss, penalty: Penalty) -> None:
    task = problem(loss)
    rng = np.random.default_rng(4)
    times, base = rng.integers(0, 3, 70), rng.uniform(0.5, 2, 70)
    learner = replace(FINE, penalty=penalty)
    weighted = learner.fit_paths(task, Resamples.full(base * times))[0].trace()
    rows = np.repeat(np.arange(70), times)
    twice = Problem(task.design.take(rows), task.y[rows], loss, task.offset[rows])
    same(weighted, learner.fit_paths(twice, Resamples.full(base[rows]))[0].trace())


@pytest.mark.parametrize("form", ["dense", "f", "c32", "thin", "missing"])
@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_all_folds_in_one_call_equal_each_fold_alone(loss: Loss, form: str) -> None:
    task = problem(loss, form=form)
    resamples = folds(70)
    for k, path in enumerate(FINE.fit_paths(task, resamples)):
        rows = np.flatnonzero(resamples.multiplicity[k])
        alone = Problem(task.design.take(rows), task.y[rows], loss, task.offset[rows])
        same(path.trace(), FINE.fit_paths(alone, Resamples.full(np.ones(len(rows))))[0].trace())


@pytest.mark.parametrize("factors", [None, np.array([1, 2, 0, 1, np.inf, 1, 1, 0.5, 1])])
@pytest.mark.parametrize("loss", SINGLE, ids=named)
def test_groups_of_one_column_are_the_elastic_net(loss: Loss, factors: np.ndarray | None) -> None:
    task = problem(loss)
    net = replace(FINE, penalty=ElasticNet(0.7, factors)).fit_paths(task, folds(70))
    for penalty in (
        Group(None, 0.7, factors),
        SparseGroup(None, 0.4, 0.7, factors),
        SparseGroup(None, 1.0, 0.7, factors),
    ):
        for a, b in zip(replace(FINE, penalty=penalty).fit_paths(task, folds(70)), net, strict=True):
            same(a.trace(), b.trace())


def test_all_sparsity_is_the_elastic_net_whatever_the_groups() -> None:
    for loss in LOSSES:
        task = problem(loss)
        net = replace(FINE, penalty=ElasticNet(0.7)).fit_paths(task, folds(70))
        mine = replace(FINE, penalty=SparseGroup(GROUPS, 1.0, 0.7)).fit_paths(task, folds(70))
        for a, b in zip(mine, net, strict=True):
            same(a.trace(), b.trace())


def objective(task: Problem, trace: Trace, penalty: Penalty, k: int, scale: np.ndarray) -> float:
    coef = trace.coef(k)
    eta = task.design.dot(coef, trace.fill) + trace.intercept[k] + task.offset[:, None]
    value = task.loss.value(task.y, eta if task.loss.outputs > 1 else eta[:, 0])
    return float(value.mean() + penalty.value(coef * scale[:, None], trace.strengths[k]))


@pytest.mark.parametrize("penalty", PENALTIES, ids=titled)
@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_no_better_point_lies_below_the_gap(loss: Loss, penalty: Penalty) -> None:
    task = problem(loss)
    rows = Resamples.full(np.ones(70))
    learner = replace(FINE, penalty=penalty, strengths=np.geomspace(0.3, 0.01, 4))
    rough, fine = (replace(learner, tolerance=t).fit_paths(task, rows)[0].trace() for t in (1e-2, 1e-16))
    constant = task.loss.null(task.y, np.full(70, 1 / 70), task.offset)
    eta = task.offset[:, None] + constant
    null = task.loss.value(task.y, eta if loss.outputs > 1 else eta[:, 0]).mean()
    for k in range(len(rough)):
        excess = objective(task, rough, penalty, k, rough.scale) - objective(task, fine, penalty, k, fine.scale)
        assert -1e-12 <= excess / null <= rough.gap[k] + 1e-12
    assert rough.gap.max() > 1e-13, "nothing was left to bound"


@pytest.mark.parametrize(("form", "intercept"), [("f", True), ("thin", True), ("f", False), ("dense", False)])
@pytest.mark.parametrize("penalty", PENALTIES[1:3], ids=titled)
@pytest.mark.parametrize("loss", SINGLE, ids=named)
def test_columns_give_what_second_moments_give(
    loss: Loss, penalty: Penalty, form: str, intercept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = problem(loss, form=form)
    learner = replace(FINE, penalty=penalty, intercept=intercept, tolerance=1e-12)
    slow = learner.fit_paths(task, folds(70))
    monkeypatch.setattr(group_quadratics, "MOST_MOMENTS", 0)
    fast = learner.fit_paths(task, folds(70))
    monkeypatch.setattr(group_columns, "MOST_SPECTRA", 0)
    again = learner.fit_paths(task, folds(70))
    for a, b, c in zip(fast, slow, again, strict=True):
        same(a.trace(), b.trace())
        same(a.trace(), c.trace())


@pytest.mark.parametrize("loss", LOSSES, ids=named)
def test_the_same_bytes_for_any_number_of_threads(loss: Loss, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_quadratics, "MOST_MOMENTS", 0)
    task = problem(loss, form="f")
    one, four = (Linear(Group(GROUPS), count=8, threads=t).fit_paths(task, folds(70)) for t in (1, 4))
    for a, b in zip(one, four, strict=True):
        assert a.trace().values.tobytes() == b.trace().values.tobytes()


def test_degrees_of_freedom_are_the_divergence_of_the_fit() -> None:
    """What the fitted values do when a target moves, summed over the rows (Stein 1981), by finite differences."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(40, 9)) + 1
    y = X[:, 1] + rng.normal(size=40)
    loss = catalog.find("losses", "squared")()
    design = make_design(X)
    for penalty in (Group(GROUPS), SparseGroup(GROUPS, 0.4, 0.8)):
        learner = Linear(penalty, strengths=np.array([0.1]), tolerance=1e-16)

        def fitted(values: np.ndarray, learner: Linear = learner) -> tuple[np.ndarray, float]:
            path = learner.fit_paths(Problem(design, values, loss, np.zeros(40)), Resamples.full(np.ones(40)))[0]
            return path.predict(design)[0, :, 0], float(path.complexity[0])

        moved = 0.0
        for i in range(40):
            away = 1e-4 * (np.arange(40) == i)
            moved += (fitted(y + away)[0][i] - fitted(y - away)[0][i]) / 2e-4
        assert abs(moved - 1 - fitted(y)[1]) <= 1e-3  # the intercept is not counted


def test_a_column_in_two_groups_is_given_twice() -> None:
    """Overlapping groups by duplication (Jacob, Obozinski and Vert 2009): its coefficients add up, and each copy
    follows its own group."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(90, 5))
    y = X[:, 2] * 2 + X[:, 3] + rng.normal(size=90)
    twice = X[:, [0, 1, 2, 2, 3, 4]]
    task = Problem(make_design(twice), y, catalog.find("losses", "squared")(), np.zeros(90))
    trace = (
        Linear(Group(np.array([0, 0, 0, 1, 1, 1])), count=10).fit_paths(task, Resamples.full(np.ones(90)))[0].trace()
    )
    for k in range(10):
        coef = trace.coef(k)[:, 0]
        assert coef[:3].all() or not coef[:3].any()
        assert coef[3:].all() or not coef[3:].any()
    assert trace.coef(9)[[2, 3], 0].sum() > 1.5


def test_a_group_of_dependent_columns_and_a_still_column() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 6))
    X[:, 2] = X[:, 0] - X[:, 1]
    X[:, 4] = 3.0
    task = Problem(make_design(X), X[:, 0] + rng.normal(size=40), catalog.find("losses", "squared")(), np.zeros(40))
    for penalty in (
        Group(np.array([0, 0, 0, 1, 1, 2])),
        Group(np.array([0, 0, 0, 1, 1, 2]), factors=np.array([0, 1, 1])),
    ):
        trace = Linear(penalty, count=20).fit_paths(task, folds(40))[1].trace()
        assert trace.gap.max() <= 1e-6
        assert not trace.coef(19)[4].any()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"groups": [0, 1]}, "entry for each of the 9 columns"),
        ({"groups": np.zeros((9, 2), int)}, "list"),
        ({"groups": np.linspace(0, 1, 9)}, "whole numbers or words"),
        ({"groups": GROUPS, "factors": [1, 2]}, "each of the 4 groups"),
        ({"groups": GROUPS, "factors": [1, -1, 1, 1]}, "group 1"),
        ({"groups": GROUPS, "l1_ratio": 1.5}, "l1_ratio"),
        ({"groups": GROUPS, "sparsity": -0.1}, "sparsity"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options: dict[str, object], word: str) -> None:
    kind = SparseGroup if "sparsity" in options else Group
    with pytest.raises(OptionError, match=word):
        Linear(kind(**options)).fit_paths(problem(LOSSES[0]), Resamples.full(np.ones(70)))  # type: ignore[arg-type]


def test_words_name_groups() -> None:
    numbers, words = Group(GROUPS), Group(np.array(list("caabbbcdd")))
    coef = np.arange(9.0)
    assert numbers.value(coef, 0.3) == words.value(coef, 0.3)
