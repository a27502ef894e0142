"""What is known to go wrong elsewhere, asked at the doors that users take: each an exact answer or one typed error."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import sparse

from rightfit import Lasso, LassoCV, LogisticRegression, PenalizedRegressor
from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import RightfitError
from rightfit.evidence.crossfit import crossfit
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Trace


def rows(n: int = 90, p: int = 12, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.where(rng.random((n, p)) < 0.5, 0.0, rng.normal(size=(n, p))) * np.geomspace(0.2, 5, p)
    return X, 2 * X[:, 0] - X[:, 5] + 0.5 * rng.normal(size=n) + 1


def walk(X: object, y: np.ndarray, weight: np.ndarray | None = None, **options: object) -> Trace:
    learner = Linear(**{"penalty": ElasticNet(1.0), "count": 20, "tolerance": 1e-10, **options})  # type: ignore[arg-type]
    problem = Problem(make_design(X), y, find("losses", "squared")(), np.zeros(len(y)))
    return learner.fit_paths(problem, Resamples.full(np.ones(len(y)) if weight is None else weight))[0].trace()


def same(one: Trace, other: Trace, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(one.strengths, other.strengths, rtol=1e-9)
    for k in range(len(one)):
        np.testing.assert_allclose(one.coef(k), other.coef(k), atol=tolerance)
        np.testing.assert_allclose(one.intercept[k], other.intercept[k], atol=tolerance)


def test_entries_of_a_sparse_matrix_that_come_twice_are_summed() -> None:
    X, y = rows()
    once = sparse.coo_matrix(X)
    twice = (np.concatenate([0.25 * once.data, 0.75 * once.data]), (np.tile(once.row, 2), np.tile(once.col, 2)))
    for form in ("coo", "csc", "csr"):
        built = sparse.coo_matrix(twice, shape=X.shape)
        X_twice = built if form == "coo" else _unsummed(built, form)
        np.testing.assert_allclose(
            Lasso(alpha=0.05).fit(X_twice, y).coef_, Lasso(alpha=0.05).fit(X, y).coef_, atol=1e-6
        )


def _unsummed(coo: sparse.coo_matrix, form: str) -> sparse.csc_matrix | sparse.csr_matrix:
    """A compressed matrix that still has its entries twice."""
    major, minor = (coo.col, coo.row) if form == "csc" else (coo.row, coo.col)
    order = np.argsort(major, kind="stable")
    size = coo.shape[1] if form == "csc" else coo.shape[0]
    ends = np.concatenate([[0], np.cumsum(np.bincount(major, minlength=size))])
    kind = sparse.csc_matrix if form == "csc" else sparse.csr_matrix
    out = kind((coo.data[order], minor[order], ends), shape=coo.shape)
    assert out.nnz == coo.nnz
    return out


@pytest.mark.parametrize("classes", [False, True])
def test_weights_count_on_sparse_columns(classes: bool) -> None:
    X, y = rows()
    weight = np.random.default_rng(1).integers(0, 4, len(y)).astype(float)
    times = np.repeat(np.arange(len(y)), weight.astype(int))
    model = LogisticRegression(l1_ratio=1.0, solver="saga", tol=1e-9) if classes else Lasso(alpha=0.05, tol=1e-9)
    target = (y > 1).astype(int) if classes else y
    repeated = model.fit(X[times], target[times]).coef_.copy()
    for kind in (sparse.csc_matrix, sparse.csr_array):
        found = model.fit(kind(X), target, sample_weight=weight).coef_
        np.testing.assert_allclose(found, repeated, atol=1e-5)
    assert np.abs(model.fit(X, target).coef_ - repeated).max() > 1e-3


@pytest.mark.parametrize("kind", [sparse.csc_array, sparse.csr_array, sparse.csc_matrix])
def test_indices_of_64_bits(kind: type) -> None:
    X, y = rows()
    wide = kind(X)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    assert wide.indices.dtype == np.int64
    np.testing.assert_allclose(Lasso(alpha=0.05).fit(wide, y).coef_, Lasso(alpha=0.05).fit(X, y).coef_, atol=1e-8)


def test_arrays_that_cannot_be_written_to_and_arrays_with_gaps() -> None:
    X, y = rows()
    expected = Lasso(alpha=0.05).fit(X, y).coef_
    gaps = np.zeros((2 * len(y), 3 * X.shape[1]))
    gaps[::2, ::3] = X
    locked, locked_y = X.copy(order="F"), y.copy()
    locked.flags.writeable = locked_y.flags.writeable = False
    backward = np.ascontiguousarray(X[::-1])[::-1]
    for form in (gaps[::2, ::3], locked, backward):
        before = form.copy()
        np.testing.assert_allclose(Lasso(alpha=0.05).fit(form, locked_y).coef_, expected, atol=1e-8)
        assert np.array_equal(form, before)


@pytest.mark.parametrize("scale", [1e-200, 1e200, 1e300])
def test_a_target_of_any_size_has_an_answer_or_one_error(scale: float) -> None:
    X, y = rows()
    start = time.process_time()
    try:
        coef = walk(X, y * scale, count=5, ratio=0.1).coef(4)[:, 0]
    except RightfitError as error:
        assert str(error)
    else:
        expected = walk(X, y, count=5, ratio=0.1).coef(4)[:, 0]
        np.testing.assert_allclose(coef / scale, expected, atol=1e-4)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("scale", [1e-200, 1e-15, 1e15, 1e200])
def test_several_targets_of_any_size_have_an_answer_or_one_error(scale: float) -> None:
    X, y = rows()
    both, options = np.column_stack([y, X[:, 1] - y]), {"penalty": "group", "strengths": None, "count": 4, "folds": 2}
    try:
        coef = PenalizedRegressor(**options).fit(X, both * scale).path_.coef(3)
    except RightfitError as error:
        assert "target" in str(error) and not 1e-20 < scale < 1e20
    else:
        expected = PenalizedRegressor(**options).fit(X, both).path_.coef(3)
        np.testing.assert_allclose(coef / scale, expected, atol=1e-4)


def test_fifty_thousand_columns_of_which_each_comes_a_hundred_times() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(size=(50, 500))
    y = base[:, 0] - base[:, 1] + 0.3 * rng.normal(size=50)
    start = time.process_time()
    many = walk(np.tile(base, 100), y, count=10, ratio=0.2, tolerance=1e-7)
    assert time.process_time() - start < 60
    few = walk(base, y, count=10, ratio=0.2, tolerance=1e-9)
    assert many.features == 50_000 and np.all(many.gap <= 1e-7)
    for k in range(10):
        summed = many.coef(k)[:, 0].reshape(100, 500).sum(axis=0)
        np.testing.assert_allclose(base @ summed, base @ few.coef(k)[:, 0], atol=5e-3)


def test_a_hundred_copies_among_fifty_thousand_columns() -> None:
    """The path's predictions are those without the copies, and every step is certified."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(40, 49_900))
    y = 2 * X[:, 7] + 0.5 * rng.normal(size=40)
    start = time.process_time()
    with_copies = np.hstack([X, np.tile(X[:, [7]], (1, 100))])
    many, few = (walk(form, y, count=5, ratio=0.5, tolerance=1e-8) for form in (with_copies, X))
    assert time.process_time() - start < 60
    assert many.features == 50_000 and np.all(many.gap <= 1e-8)
    for k in range(5):
        np.testing.assert_allclose(with_copies @ many.coef(k)[:, 0], X @ few.coef(k)[:, 0], atol=2e-3)


@pytest.mark.parametrize("form", [np.asarray, sparse.csc_array], ids=["dense", "sparse"])
def test_half_of_the_weights_are_zero(form: type) -> None:
    X, y = rows()
    weight = (np.arange(len(y)) % 2).astype(float)
    wild = np.where(weight[:, None] == 0, 1e6 * (X != 0), X)
    spoiled = np.where(weight == 0, 1e9, y)
    same(walk(form(wild), spoiled, weight), walk(form(X[1::2]), y[1::2]))


@pytest.mark.parametrize("seed", range(6))
def test_one_standard_error_never_takes_a_weaker_penalty(seed: int) -> None:
    X, y = rows(60, 8, seed)
    steps = {}
    for rule in ("best", "one_se"):
        model = PenalizedRegressor(rule=rule, folds=5, count=25).fit(X, y)
        steps[rule] = model.choice_.step
        assert len(model.path_) == 25
    assert steps["one_se"] <= steps["best"]


def test_scales_are_learned_inside_the_fold() -> None:
    X, y = rows()
    folds = make_folds(len(y), folds=5, seed=3)
    out = np.flatnonzero(folds.scored[2])
    X[out[0]] = 1e4  # one row that only the model without it may ignore
    learner = Linear(penalty=ElasticNet(0.5), strengths=np.geomspace(1, 0.01, 8), tolerance=1e-10)
    loss = find("losses", "squared")()
    paths, evidence = crossfit(Problem(make_design(X), y, loss, np.zeros(len(y))), folds, learner)
    keep = np.flatnonzero(folds.multiplicity[2])
    alone = walk(X[keep], y[keep], penalty=ElasticNet(0.5), strengths=np.geomspace(1, 0.01, 8), count=8)
    same(paths[2].trace(), alone)
    eta = np.array([X[out] @ alone.coef(k)[:, 0] + alone.intercept[k, 0] for k in range(8)])
    np.testing.assert_allclose(evidence.loss[out], 0.5 * (y[out] - eta).T ** 2, rtol=1e-4)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 0.0])
def test_a_strength_means_the_same_for_more_rows_of_the_same_kind(l1_ratio: float) -> None:
    X, y = rows()
    one, five = (walk(np.tile(X, (k, 1)), np.tile(y, k), penalty=ElasticNet(l1_ratio)) for k in (1, 5))
    same(one, five)


def test_cross_validation_chooses_the_same_for_weights_and_for_rows() -> None:
    X, y = rows()
    alphas = np.geomspace(0.5, 0.005, 15)
    plain = LassoCV(alphas=alphas, cv=[(np.arange(0, 90, 2), np.arange(1, 90, 2))]).fit(X, y)
    heavy = LassoCV(alphas=alphas, cv=[(np.arange(0, 90, 2), np.arange(1, 90, 2))]).fit(X, y, np.full(90, 7.0))
    assert plain.alpha_ == heavy.alpha_
    np.testing.assert_allclose(plain.coef_, heavy.coef_, atol=1e-7)
