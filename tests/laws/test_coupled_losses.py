"""What losses promise whose rows depend on each other, survival times, against a slow twin that can be checked by eye.

The twin is a loop over all pairs of rows; the sums of the real thing run along sorted times, or through a tree where
rows enter late."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from rightfit import catalog
from rightfit.contracts import Loss, Problem
from rightfit.data.design import make_design
from rightfit.errors import DataError, FitError, OptionError, RowError
from rightfit.learners.linear import Linear
from rightfit.losses._concordance import concordance
from rightfit.losses.cox import Cox
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Status

LOSSES = [case[0] for kind in catalog.everything("losses").values() for case in kind.specimens() if case[0].coupled]
SHAPES = ("plain", "ties", "strata", "many strata", "entry", "everything")

every_case = pytest.mark.parametrize(("ties", "shape"), [(t, s) for t in ("breslow", "efron") for s in SHAPES])


def times(shape: str, n: int = 50, seed: int = 0) -> np.ndarray:
    """(n, 4) of each shape; all but ``plain`` have ties, between events and between events and others."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(size=n) if shape == "plain" else rng.integers(3, 12, n).astype(float)
    late = shape in ("entry", "everything")
    entry = np.where(rng.random(n) < 0.6, rng.integers(0, 3, n) * (time / 3), -np.inf) if late else np.full(n, -np.inf)
    strata = {"strata": 3, "many strata": 40, "everything": 3}.get(shape, 1)
    return np.column_stack([time, rng.random(n) < 0.6, np.minimum(entry, time - 0.5), rng.integers(0, strata, n)])


def draw(shape: str, n: int = 50, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Target, weights (some zero), predictors."""
    rng = np.random.default_rng(seed + 1)
    return times(shape, n, seed), rng.uniform(0.5, 2, n) * (rng.random(n) > 0.15), rng.normal(scale=1.5, size=n)


def slow(y: np.ndarray, eta: np.ndarray, weight: np.ndarray, ties: str) -> np.ndarray:
    """(n,) the loss of each row, from the definition."""
    time, event, entry, stratum = y.T
    rows = range(len(y))
    out = np.zeros(len(y))
    for i in rows:
        if event[i] != 1 or weight[i] == 0:
            continue
        risk = [j for j in rows if stratum[j] == stratum[i] and entry[j] < time[i] <= time[j]]
        tied = [j for j in risk if event[j] == 1 and time[j] == time[i] and weight[j] > 0]
        S = sum(weight[j] * np.exp(eta[j]) for j in risk)
        D = sum(weight[j] * np.exp(eta[j]) for j in tied)
        W = sum(weight[j] for j in tied)
        mean = sum(weight[j] * eta[j] for j in tied) / W
        d = len(tied)
        if ties == "breslow":
            out[i] = np.log(S) - np.log(W) - mean
        else:
            out[i] = np.mean([np.log(S - k / d * D) - np.log(W * (1 - k / d)) for k in range(d)]) - mean
    return out


@every_case
def test_the_loss_is_its_slow_twin(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape)
    loss = Cox(ties).bind(weight)
    np.testing.assert_allclose(loss.value(y, eta), slow(y, eta, weight, ties), rtol=1e-12, atol=1e-12)
    several = np.stack([eta, 2 * eta, np.zeros(len(y))])
    assert loss.value(y, several).tobytes() == np.stack([loss.value(y, one) for one in several]).tobytes()


@every_case
def test_derivatives_are_those_of_the_weighted_total(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape, n=30)
    loss = Cox(ties).bind(weight)
    h, steps = 1e-5, np.eye(len(y))
    live = weight > 0

    def total(at: np.ndarray) -> float:
        return float(weight @ loss.value(y, at))

    def gradient(at: np.ndarray) -> np.ndarray:
        return np.where(live, weight * loss.slope(y, at), 0.0)

    slope = np.array([(total(eta + h * s) - total(eta - h * s)) / (2 * h) for s in steps])
    np.testing.assert_allclose(gradient(eta), slope, atol=1e-8)
    assert abs(gradient(eta).sum()) < 1e-12 * len(y)
    second = np.array([(gradient(eta + h * s) - gradient(eta - h * s)) / (2 * h) for s in steps])
    np.testing.assert_allclose((weight * loss.second_derivative(y, eta))[live], np.diag(second)[live], atol=1e-8)
    X = np.random.default_rng(5).normal(size=(len(y), 4))
    shared = loss.shared(y, eta, X)
    whole = (X.T * np.where(live, weight * loss.curvature(y, eta), 0.0)) @ X
    np.testing.assert_allclose(whole - shared.T @ shared, X.T @ second @ X, atol=1e-7)


@every_case
def test_young_bounds_the_excess_and_is_it_at_both_ends(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape, n=30)
    loss = Cox(ties).bind(weight)
    live = weight > 0
    assert np.abs(loss.young(y, eta, 1.0)).max() <= 1e-12
    for scale in (0.99, 0.6, 0.1, 0.0):
        dual = scale * np.where(live, weight * loss.slope(y, eta), 0.0)

        def tilted(at: np.ndarray, dual: np.ndarray = dual) -> tuple[float, np.ndarray]:
            slope = np.where(live, weight * loss.slope(y, at), 0.0)
            return float(weight @ loss.value(y, at) - dual @ at), slope - dual

        best = minimize(tilted, eta, jac=True, method="BFGS", options={"gtol": 1e-9}).fun
        true = tilted(eta)[0] - best
        found = float(weight @ loss.young(y, eta, scale))
        assert found >= true - 1e-6
        if scale == 0:
            np.testing.assert_allclose(found, weight @ loss.value(y, eta), rtol=1e-10)  # the conjugate at 0 is 0
        if scale > 0.9:
            assert found <= 50 * (1 - scale) ** 2 * float(weight @ loss.value(y, eta)) + 1e-9  # of second order


@every_case
def test_a_row_of_weight_zero_is_no_row_and_the_scale_of_weights_is_free(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape)
    live = weight > 0
    whole, rest = Cox(ties).bind(weight), Cox(ties).bind(7 * weight[live])
    for name in ("value", "slope", "curvature", "second_derivative"):
        found = getattr(whole, name)(y, eta)[live]
        np.testing.assert_allclose(found, getattr(rest, name)(y[live], eta[live]), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(whole.young(y, eta, 0.5)[live], rest.young(y[live], eta[live], 0.5), rtol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_with_breslows_ties_a_weight_of_two_is_the_row_twice(shape: str) -> None:
    """Efron's count the tied rows, whatever they weigh: there a copy is one more of them."""
    y, weight, eta = draw(shape)
    times_over = np.random.default_rng(3).integers(0, 3, len(y))
    many = np.repeat(np.arange(len(y)), times_over)
    once, twice = Cox("breslow").bind(weight * times_over), Cox("breslow").bind(weight[many])
    live = (weight > 0)[many]
    for name in ("value", "slope", "curvature"):
        found = getattr(once, name)(y, eta)[many][live]
        np.testing.assert_allclose(found, getattr(twice, name)(y[many], eta[many])[live], rtol=1e-11, atol=1e-12)


@every_case
def test_predictors_of_any_size_have_finite_losses(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape)
    loss, live = Cox(ties).bind(weight), weight > 0
    for size in (1e3, 1e6):
        value = loss.value(y, size * eta)
        assert np.isfinite(value).all()
        assert (value >= 0).all()
        assert np.isfinite(loss.slope(y, size * eta)[live]).all()
        assert np.isfinite(loss.young(y, size * eta, 0.3)).all()
        level = loss.value(y, eta + size)  # a constant changes nothing
        np.testing.assert_allclose(level, loss.value(y, eta), atol=1e-9 * size)


@every_case
def test_judged_rows_bear_what_they_add_to_the_others(ties: str, shape: str) -> None:
    y, weight, eta = draw(shape, n=80)
    judged = np.random.default_rng(4).random(80) < 0.3
    teaching, judging = np.where(judged, 0.0, weight), np.where(judged, weight, 0.0)
    added = Cox(ties).judge(y, eta, teaching, judging)
    difference = weight @ slow(y, eta, weight, ties) - teaching @ slow(y, eta, teaching, ties)
    np.testing.assert_allclose(judging @ added, difference, rtol=1e-10)
    assert not added[judging == 0].any()
    if ties == "breslow" and shape == "plain":
        assert (added >= 0).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_concordance_is_its_slow_twin(shape: str) -> None:
    y, weight, eta = draw(shape, n=60)
    eta = np.round(eta)  # ties
    part = np.random.default_rng(6).integers(0, 2, 60)
    time, event, entry, stratum = y.T
    good = pairs = 0.0
    for i in range(60):
        for j in range(60):
            later = time[j] > time[i] or (time[j] == time[i] and event[j] == 0)
            if event[i] and later and entry[j] < time[i] and stratum[i] == stratum[j] and part[i] == part[j]:
                pairs += weight[i] * weight[j]
                good += weight[i] * weight[j] * ((eta[i] > eta[j]) + 0.5 * (eta[i] == eta[j]))
    np.testing.assert_allclose(concordance(y, eta, weight, part), good / pairs if pairs else np.nan, rtol=1e-10)


@pytest.mark.parametrize("penalty", [ElasticNet(1.0), ElasticNet(0.5), ElasticNet(0.0)], ids=lambda p: p.sentence())
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.ties)
def test_paths_are_certified_within_few_newton_steps(
    loss: Loss, penalty: ElasticNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More columns than rows, nearly to where the events are told perfectly."""
    from rightfit.solvers import newton

    steps = []
    step = newton.NewtonWalk._step

    def counted(walk: newton.NewtonWalk, *each: object, **named: object) -> object:
        steps.append(1)
        return step(walk, *each, **named)

    monkeypatch.setattr(newton.NewtonWalk, "_step", counted)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 60))
    y = loss.check(np.column_stack([np.ceil(9 * rng.exponential(size=40) * np.exp(-X[:, 0])), rng.random(40) < 0.7]))
    task = Problem(make_design(X), y, loss, np.zeros(40))
    trace = Linear(penalty, count=20).fit_paths(task, Resamples.full(np.ones(40)))[0].trace()
    assert set(trace.status) == {Status.CONVERGED}
    assert trace.gap.max() <= 1e-6
    assert len(steps) <= 6 * 20


def test_the_mean_predictor_of_the_rows_of_the_fit_is_zero() -> None:
    rng = np.random.default_rng(1)
    X, weight = rng.normal(size=(60, 3)) + 5, rng.uniform(size=60)
    y = Cox().check(np.column_stack([rng.exponential(size=60), np.ones(60)]))
    path = Linear(count=5).fit_paths(Problem(make_design(X), y, Cox(), np.zeros(60)), Resamples.full(weight))[0]
    np.testing.assert_allclose(path.predict(make_design(X))[:, :, 0] @ weight, 0, atol=1e-12)


def test_impossible_targets_are_refused_by_row() -> None:
    good = np.column_stack([[3.0, 2.0, 5.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    for column, bad, words in ((0, np.nan, "time"), (1, 2.0, "event"), (2, 5.0, "entry"), (2, np.nan, "entry")):
        broken = good.copy()
        broken[2, column] = bad
        with pytest.raises(RowError, match=f"{words} of the target in row 2"):
            Cox().check(broken)
    with pytest.raises(DataError, match="two dimensions"):
        Cox().check(np.zeros(3))
    with pytest.raises(OptionError, match="ties"):
        Cox(ties="exact")
    with pytest.raises(DataError, match="bound to 2 rows"):
        Cox().bind(np.ones(2)).value(Cox().check(good), np.zeros(3))


def test_no_events_have_no_fit() -> None:
    y = Cox().check(np.column_stack([[1.0, 2.0, 3.0, 4.0], np.zeros(4)]))
    task = Problem(make_design(np.arange(4.0)[:, None]), y, Cox(), np.zeros(4))
    with pytest.raises(FitError, match="no events"):
        Linear().fit_paths(task, Resamples.full(np.ones(4)))
