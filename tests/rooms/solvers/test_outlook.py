"""What a bound tells of columns that no pass has looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Loss, Path, Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Status
from rightfit.solvers import outlook
from rightfit.solvers.outlook import Outlook
from rightfit.solvers.setting import Setting, prepare

N, P = 60, 1500


def draw(seed: int, kind: str, *, even: bool = False) -> np.ndarray | sparse.csc_array:
    """Columns of very different levels and sizes, or of much the same."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N, P)) * (1.0 if even else rng.choice([0.01, 1.0, 30.0], P))
    if kind == "thin":
        return sparse.csc_array(X * (rng.random((N, P)) < 0.2))
    return np.asfortranarray(X + (1.0 if even else rng.choice([0.0, 5.0, -100.0], P)))


def setting_of(X: np.ndarray | sparse.csc_array, *, standardize: bool, weight: np.ndarray) -> Setting:
    rng = np.random.default_rng(7)
    problem = Problem(make_design(X), rng.normal(size=N), catalog.find("losses", "squared")(), np.zeros(N))
    teach = np.array([np.arange(N) % 5 != k for k in range(5)])
    return prepare(problem, Resamples(weight, teach, ~teach), ElasticNet(1.0), standardize=standardize, intercept=True)


@pytest.mark.parametrize("kind", ["dense", "thin"])
@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_no_column_is_overlooked(kind: str, standardize: bool, weighted: bool) -> None:
    X, rng = draw(3, kind), np.random.default_rng(5)
    weight = rng.uniform(0, 3, N) * (rng.random(N) > 0.2) if weighted else np.ones(N)
    setting = setting_of(X, standardize=standardize, weight=weight)
    told = 0
    for size in (0.003, 0.01, 0.03, 0.1, 0.3, 10.0):
        view = Outlook(setting)
        dual = setting.weight * rng.normal(size=setting.weight.shape)
        later = dual + size * setting.weight * rng.normal(size=dual.shape)
        unit = np.where(setting.excluded, 0.0, 1 / setting.divisor)
        before, after = (np.abs(np.asarray(X.T @ d.T) * unit).max(axis=1) for d in (dual, later))
        view.remember(dual[:, None], dual.sum(axis=1, keepdims=True), before)
        for strength in np.quantile(before, [0.5, 0.9, 0.99, 1.0]):
            boxes = setting.boxes(np.zeros((P, 1)), float(strength))
            some = view.doubtful(boxes, later[:, None], later.sum(axis=1, keepdims=True))
            if some is not None:
                told += 1
                assert set(np.flatnonzero(after >= boxes.tangent.l1)) <= set(some)
    assert told >= 4


def test_nothing_is_told_before_a_pass_or_of_what_is_not_a_number() -> None:
    setting = setting_of(draw(1, "dense"), standardize=True, weight=np.ones(N))
    view, boxes = Outlook(setting), setting.boxes(np.zeros((P, 1)), 1e6)
    dual, total = np.zeros((5, 1, N)), np.zeros((5, 1))
    assert view.doubtful(boxes, dual, total) is None
    view.remember(dual, total, np.zeros(P))
    some = view.doubtful(boxes, dual, total)
    assert some is not None
    assert len(some) == 0
    dual[2, 0, 3] = np.nan
    assert view.doubtful(boxes, dual, total) is None


@pytest.mark.parametrize("family", ["squared", "logistic", "multinomial", "poisson"])
@pytest.mark.parametrize("kind", ["dense", "thin"])
def test_paths_are_those_of_whole_passes(family: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    X, rng = draw(11, kind, even=True), np.random.default_rng(2)
    first = X[:, :5].toarray() if kind == "thin" else X[:, :5]
    score = (first / first.std(axis=0)).sum(axis=1) + rng.normal(size=N)
    loss: Loss = catalog.find("losses", family)(*([3] if family == "multinomial" else []))
    y = {"logistic": score > np.median(score), "multinomial": np.digitize(score, np.quantile(score, [0.3, 0.7]))}.get(
        family, np.abs(score)
    )
    teach = np.array([np.ones(N, bool), *(np.arange(N) % 3 != k for k in range(3))])
    resamples = Resamples(np.ones(N), teach, ~teach)
    problem = Problem(make_design(X), np.asarray(y, float), loss, np.zeros(N))
    asked: list[int] = []

    def counted(self: Outlook, *given: object) -> np.ndarray | None:
        out = told(self, *given)  # type: ignore[arg-type]
        asked.append(-1 if out is None else len(out))
        return out

    told = Outlook.doubtful
    monkeypatch.setattr(Outlook, "doubtful", counted)

    def walk() -> Sequence[Path]:
        return Linear(ElasticNet(1.0), count=12, ratio=0.4, tolerance=1e-8).fit_paths(problem, resamples)

    ours = walk()
    assert sum(count >= 0 for count in asked) >= 2  # passes that were spared
    monkeypatch.setattr(outlook, "LEAST", P + 1)
    for one, twin in zip(ours, walk(), strict=True):
        for k in range(12):
            assert one.trace().status[k] == Status.CONVERGED
            a, b = one.trace().coef(k), twin.trace().coef(k)
            np.testing.assert_allclose(a, b, atol=1e-4 * np.abs(b).max())
