"""Small problems, and fits that are checked against the exact optimum before they are believed."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.errors import FitError
from rightfit.records import Status
from tests.golden.objective import Objective
from tests.golden.walk import walk

Array = Any
FINE = {Status.CONVERGED, Status.NOT_UNIQUE}


def make(n: int = 40, p: int = 5, seed: int = 0, family: str = "gaussian") -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p))
    eta = x @ rng.standard_normal(p) * 0.7 + 0.3
    if family == "gaussian":
        return x, eta + rng.standard_normal(n)
    if family == "binomial":
        return x, (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0
    if family == "poisson":
        return x, rng.poisson(np.exp(np.clip(eta, -3, 2))) * 1.0
    return x, np.arange(n) % 3 * 1.0


def last(family: str, x: Array, y: Array, strength: float, **options: Any) -> tuple[Array, Array]:
    """Intercept (C,) and coefficients (p, C) at one strength, reached and certified."""
    trace = walk(family, x, y, strengths=np.array([strength]), tolerance=1e-12, **options).trace()
    assert Status(trace.status[0]) in FINE, Status(trace.status[0]).sentence
    assert 0 <= trace.gap[0] <= 1e-12
    return trace.intercept[0], trace.coef(0)


def same(mine: tuple[Array, Array], other: tuple[Array, Array], accuracy: float = 1e-7) -> None:
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=accuracy * max(1.0, np.abs(b).max(initial=0)))


def optimal(
    family: str, x: Array, y: Array, strength: float, l1_ratio: float = 1.0, **options: Any
) -> tuple[Array, Array]:
    """The fit, after checking that it is the exact minimizer of the stated objective."""
    n, p = x.shape
    found = last(family, x, y, strength, l1_ratio=l1_ratio, **options)
    objective = Objective(
        family,
        np.asarray(x, float),
        np.asarray(y, float),
        np.asarray(options.get("weight", np.ones(n)), float),
        np.asarray(options.get("offset", np.zeros(n)), float),
        np.asarray(options.get("factors", np.ones(p)), float),
        np.full(p, -np.inf),
        np.full(p, np.inf),
        l1=strength * l1_ratio,
        l2=strength * (1 - l1_ratio),
        standardize=options.get("standardize", True),
        intercept=options.get("intercept", True),
    )
    exact = objective.polish(*found)
    assert objective.violation(*exact) < 1e-9
    same(found, exact, 1e-6)
    return found


def has_no_optimum(family: str, x: Array, y: Array, strengths: Any, **options: Any) -> None:
    """The weakest step is refused by a FitError or marked as having no finite optimum, never passed off as a fit."""
    try:
        trace = walk(family, x, y, strengths=np.asarray(strengths, float), **options).trace()
    except FitError as error:
        assert str(error).endswith(".") or len(str(error)) > 20
        return
    assert Status(trace.status[-1]) is Status.NO_OPTIMUM, Status(trace.status[-1]).sentence
    assert np.isnan(trace.gap[-1])
