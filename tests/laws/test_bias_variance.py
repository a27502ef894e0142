"""Bias and variance as measured are bias and variance: against closed forms and against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.catalog import find, names
from rightfit.contracts import Learner, Problem
from rightfit.data.bootstrap import make_bootstrap
from rightfit.data.design import make_design
from rightfit.data.pairs import make_pairs
from rightfit.views.measured import measure_bias_variance
from rightfit.views.simulate import simulate_bias_variance
from rightfit.views.teachers import spread_of_teachers

STRENGTHS = np.geomspace(8.0, 0.004, 14)


def ridge(strengths: np.ndarray = STRENGTHS) -> Learner:
    return find("learners", "linear")(penalty=find("penalties", "elastic_net")(l1_ratio=0.0), strengths=strengths)


def some_rows(n: int = 60, p: int = 12, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    return x, 1.5 + x[:, :4] @ np.array([0.8, -0.5, 0.4, 0.3])


def closed_forms(x: np.ndarray, mean: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Squared bias and variance of ridge on fixed rows, at every strength: with the hat matrix H of centred columns
    divided by their standard deviations, |(I - H) mean|^2 / n and noise^2 tr(H H') / n."""
    n = len(x)
    z = (x - x.mean(0)) / x.std(0)
    bias, variance = [], []
    for strength in STRENGTHS:
        hat = np.ones((n, n)) / n + z @ np.linalg.solve(z.T @ z / n + strength * np.eye(z.shape[1]), z.T) / n
        bias.append(((mean - hat @ mean) ** 2).mean())
        variance.append(noise**2 * (hat**2).sum() / n)
    return np.array(bias), np.array(variance)


def test_ridge_has_the_bias_and_variance_of_its_closed_forms() -> None:
    x, mean = some_rows()
    noise = 0.7
    part = simulate_bias_variance(ridge(), x, mean, noise, count=150, seed=1).parts[0]
    bias, variance = closed_forms(x, mean, noise)
    assert (np.abs(part.bias - bias) <= 3 * part.bias_error).all()
    assert (np.abs(part.variance - variance) <= 3 * part.variance_error).all()
    assert (np.abs(part.noise - noise**2) <= 3 * part.noise_error).all()
    assert part.variance_error.max() < 0.05 * variance.max()  # the errors are small enough to mean something
    np.testing.assert_allclose(part.bias + part.variance + part.noise, part.total, rtol=1e-12)


def test_variance_rises_and_bias_falls_from_strong_to_weak() -> None:
    x, mean = some_rows()
    part = simulate_bias_variance(ridge(), x, mean, 0.7, count=80, seed=2).parts[0]
    assert (np.diff(part.variance) > 0).all()
    assert (np.diff(part.bias) < 2 * part.bias_error[1:]).all()
    assert part.bias[0] > 20 * part.bias[-1]
    assert 0 < part.total.argmin() < len(STRENGTHS) - 1


def test_errors_of_simulations_are_standard_errors() -> None:
    """Over simulations with other seeds, estimates scatter as their errors say."""
    x, mean = some_rows(30, 5)
    found = [simulate_bias_variance(ridge(STRENGTHS[::6]), x, mean, 0.5, count=25, seed=s).parts[0] for s in range(24)]
    for name in ("bias", "variance", "total"):
        scatter = np.std([getattr(part, name) for part in found], axis=0, ddof=1)
        said = np.mean([getattr(part, f"{name}_error") for part in found], axis=0)
        assert (scatter < 1.6 * said).all() and (scatter > said / 1.9).all(), name


@pytest.mark.parametrize("how", ["pairs", "bootstrap"])
def test_errors_of_the_variance_count_the_rows_that_taught(how: str) -> None:
    """Over files drawn anew, the variance scatters as its error says: rows with much noise teach models that differ."""
    found = []
    for seed in range(36):
        g = np.random.default_rng([seed, 11])
        x = g.normal(size=(90, 6))
        problem = Problem(
            make_design(x), x @ np.ones(6) + g.standard_t(6, 90), find("losses", "squared")(), np.zeros(90)
        )
        draw = {"pairs": make_pairs, "bootstrap": make_bootstrap}[how]
        resamples = draw(90, count=40 if how == "pairs" else 80, seed=seed)
        found.append(measure_bias_variance(problem, resamples, ridge(np.array([1.0, 0.02]))).parts[0])
    variance, error = (np.array([getattr(part, name) for part in found]) for name in ("variance", "variance_error"))
    ratio = np.sqrt((error**2).mean(axis=0)) / variance.std(axis=0, ddof=1)
    assert (ratio > 0.8).all() and (ratio < 1.5).all()
    held = np.abs(variance - variance.mean(axis=0)) < 1.96 * error
    assert (held.mean(axis=0) > 0.8).all()


def test_contributions_of_teachers_are_found() -> None:
    """Differences made of known contributions: their spread is told, noise is not taken for it."""
    g = np.random.default_rng(3)
    told = {}
    for name, size in (("alike", np.ones(60)), ("unlike", np.geomspace(0.2, 5, 60))):
        effect = g.normal(size=(60, 40)) * np.sqrt(size)[:, None]
        weight = (effect**2).sum(axis=1)
        truth = ((weight - weight.mean()) ** 2).sum() * 60 / 59 / weight.sum() ** 2
        found = []
        for _ in range(40):
            sign = g.choice([-1.0, 1.0], (50, 60))
            found.append(spread_of_teachers(sign @ effect, sign, np.full(60, 50.0)))
        told[name] = float(np.mean(found))
        assert told[name] == pytest.approx(truth, rel=0.25, abs=0.002)
    assert told["unlike"] > 5 * told["alike"]


@pytest.mark.parametrize("kind", ["squared", "logistic", "poisson", "multinomial"])
@pytest.mark.parametrize("how", ["pairs", "bootstrap"])
def test_parts_add_up_to_the_measured_error(kind: str, how: str) -> None:
    rng = np.random.default_rng(3)
    x, mean = some_rows(80, 4)
    y = {
        "squared": mean + rng.normal(size=80),
        "logistic": (rng.random(80) < 1 / (1 + np.exp(1.5 - mean))).astype(float),
        "poisson": rng.poisson(np.exp(mean / 3)).astype(float),
        "multinomial": rng.integers(0, 3, 80).astype(float),
    }[kind]
    loss = find("losses", kind)(**({"classes": 3} if kind == "multinomial" else {}))
    problem = Problem(make_design(x), loss.check(y), loss, np.zeros(80))
    weight = rng.uniform(0.5, 2, 80)
    make = make_pairs if how == "pairs" else make_bootstrap
    resamples = make(80, count=20, seed=4, weight=weight)
    learner = ridge(np.geomspace(3, 0.01, 5))
    measured = measure_bias_variance(problem, resamples, learner)
    for part in measured.parts:
        np.testing.assert_allclose(part.bias + part.variance, part.total, rtol=1e-9)
    assert (measured.parts[0].variance > 0).all()
    # and that error is the mean loss of single models on rows that they left out
    paths = learner.fit_paths(problem, resamples)
    lost, times = np.zeros((5, 80)), resamples.scored.sum(axis=0)
    for path, scored in zip(paths[1:], resamples.scored[1:], strict=True):
        eta = path.predict(problem.design)
        value = np.array([loss.value(y, e if kind == "multinomial" else e[:, 0]) for e in eta])
        lost[:, scored] += value[:, scored] * (2 if kind == "squared" else 1)
    rows = times > 1
    expected = np.average(lost[:, rows] / times[rows], axis=1, weights=weight[rows])
    np.testing.assert_allclose(measured.parts[0].total, expected, rtol=1e-9)


@pytest.mark.parametrize("name", names("learners"))
def test_every_family_is_taken_apart(name: str) -> None:
    """Whatever walks a path: parts that add up, and more variance at the weak end than at the strong one."""
    kind = find("learners", name)
    if kind.lacks():
        pytest.skip(kind.lacks())
    x, mean = some_rows(80, 4)
    y = mean + np.random.default_rng(2).normal(size=80)
    problem = Problem(make_design(x), y, find("losses", "squared")(), np.zeros(80))
    part = measure_bias_variance(problem, make_pairs(80, count=10, seed=3), next(iter(kind.specimens()))).parts[0]
    np.testing.assert_allclose(part.bias + part.variance, part.total, rtol=1e-9)
    assert (part.variance >= 0).all() and part.variance[-1] > part.variance[0]


def test_pairs_are_unbiased_where_the_bootstrap_is_not() -> None:
    """Many files of one law, least squares on p Gaussian columns: a fit of m rows has no bias, and on a new row the
    variance noise^2 (1 / m + (1 + 1 / m) p / (m - p - 2)). What pairs say is right on average; the bootstrap counts the
    variance of its own centre as bias."""
    n, p, noise = 70, 6, 1.0
    found: dict[str, list[np.ndarray]] = {"pairs": [], "bootstrap": []}
    loss = find("losses", "squared")()
    for seed in range(60):
        rng = np.random.default_rng([seed, 9])
        x = rng.normal(size=(n, p))
        mean = x @ np.linspace(-1, 1, p)
        problem = Problem(make_design(x), mean + noise * rng.normal(size=n), loss, np.zeros(n))
        for how, resamples in (
            ("pairs", make_pairs(n, count=10, seed=seed)),
            ("bootstrap", make_bootstrap(n, count=30, seed=seed)),
        ):
            part = measure_bias_variance(problem, resamples, ridge(np.array([0.0])), truth=mean).parts[0]
            found[how].append(np.array([part.bias[0], part.variance[0], part.noise[0]]))
    half = 0.45 * n
    variance = noise**2 * (1 / half + (1 + 1 / half) * p / (half - p - 2))
    middle = {how: np.mean(values, axis=0) for how, values in found.items()}
    error = {how: np.std(values, axis=0, ddof=1) / np.sqrt(60) for how, values in found.items()}
    assert abs(middle["pairs"][0]) < 3 * error["pairs"][0]
    assert abs(middle["pairs"][1] - variance) < 3 * error["pairs"][1] < 0.2 * variance
    assert abs(middle["pairs"][2] - noise**2) < 3 * error["pairs"][2]
    assert middle["bootstrap"][0] > 8 * error["bootstrap"][0]
