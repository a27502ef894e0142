"""Frozen fits of glmnet: coefficients agree to 1e-6. Made by make_glmnet.py, which needs R; this file does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.golden.objective import Objective

FIXTURES = sorted((Path(__file__).resolve().parent / "glmnet").glob("*.json"))
TOLERANCE = 1e-6


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    return {k: np.asarray(v, dtype=float) if isinstance(v, list) else v for k, v in raw.items()}


def objectives(fixture: dict[str, Any]) -> list[Objective]:
    """One a strength."""
    fixed = {
        k: fixture[k]
        for k in ("family", "x", "y", "weight", "offset", "factors", "lower", "upper", "standardize", "intercept")
    }
    return [Objective(**fixed, l1=a, l2=b) for a, b in zip(fixture["l1"], fixture["l2"], strict=True)]


def test_there_are_enough_fixtures() -> None:
    fixtures = [read(path) for path in FIXTURES]
    assert len(fixtures) >= 20
    for family in ("gaussian", "binomial", "poisson", "multinomial"):
        mine = [f for f in fixtures if f["family"] == family]
        assert {f["alpha"] for f in mine} >= {0, 1, 0.5}
        assert any(np.ptp(f["weight"]) > 0 for f in mine)
        assert {f["sparse"] for f in mine} == {f["standardize"] for f in mine} == {
            True,
            False,
        } or family == "multinomial"
        assert any(np.ptp(f["factors"]) > 0 for f in mine)
    assert any(
        np.isfinite(f["lower"]).any() and np.isinf(f["factors"]).any() and (f["factors"] == 0).any() for f in fixtures
    )


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_the_fixture_is_optimal(path: Path) -> None:
    """The reference itself meets the optimality conditions of the stated objective (NumPy alone)."""
    fixture = read(path)
    for k, objective in enumerate(objectives(fixture)):
        intercept, coef = objective.polish(fixture["glmnet_intercept"][k], fixture["glmnet_coef"][k])
        assert objective.violation(intercept, coef) < 1e-10
        assert np.abs(coef - fixture["glmnet_coef"][k]).max() < 1e-8 * max(1.0, np.abs(coef).max())


def errors(fixture: dict[str, Any]) -> np.ndarray:
    """(K,) largest error of the coefficients and intercepts at each strength, relative to max(1, the largest)."""
    from scipy.sparse import csc_array

    from tests.golden.walk import walk

    strengths = fixture["l1"] + fixture["l2"]
    x = csc_array(fixture["x"]) if fixture["sparse"] else fixture["x"]
    path = walk(
        fixture["family"],
        x,
        fixture["y"],
        strengths=strengths,
        l1_ratio=float(fixture["l1"][0] / strengths[0]),
        weight=fixture["weight"],
        offset=fixture["offset"],
        factors=fixture["factors"],
        lower=fixture["lower"],
        upper=fixture["upper"],
        standardize=fixture["standardize"],
        intercept=fixture["intercept"],
        tolerance=1e-13,
    )
    trace = path.trace()
    np.testing.assert_allclose(trace.strengths, strengths, rtol=1e-12)
    found = []
    for k in range(len(strengths)):
        coef, expected = trace.coef(k), fixture["glmnet_coef"][k]
        intercept = trace.intercept[k]
        if fixture["family"] == "multinomial":
            assert abs(intercept.sum()) < 1e-6
        largest = max(1.0, np.abs(expected).max())
        found.append(
            max(np.abs(coef - expected).max(), np.abs(intercept - fixture["glmnet_intercept"][k]).max()) / largest
        )
    return np.array(found)


@pytest.fixture(scope="module")
def ledger(request: pytest.FixtureRequest) -> Iterator[dict[str, float]]:
    """Largest error of each fixture; the largest of all is written to the terminal at the end."""
    found: dict[str, float] = {}
    yield found
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and found:
        name, worst = max(found.items(), key=lambda item: item[1])
        terminal.write_line(f"largest error of a coefficient over {len(found)} glmnet fixtures: {worst:.1e} ({name})")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_coefficients_agree_with_glmnet(path: Path, ledger: dict[str, float], record_property: Any) -> None:
    found = errors(read(path))
    ledger[path.stem] = float(found.max())
    record_property("largest_error", ledger[path.stem])
    assert found.max() < TOLERANCE, f"errors by strength: {found}"
