"""Frozen fits of glmnet's gamma and Tweedie families: coefficients agree to 1e-6. Made by make_amounts.py, which needs
R; this file does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.golden.make_amounts import objectives

FIXTURES = sorted((Path(__file__).resolve().parent / "amounts").glob("*.json"))
TOLERANCE = 1e-6
LISTS = ("x", "y", "weight", "offset", "factors", "lower", "upper", "lambda", "glmnet_intercept", "glmnet_coef")


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    return raw | {k: np.asarray(raw[k], dtype=float) for k in LISTS}


def test_there_are_enough_fixtures() -> None:
    fixtures = [read(path) for path in FIXTURES]
    assert len(fixtures) >= 10
    for family in ("gamma", "tweedie"):
        mine = [f for f in fixtures if f["family"] == family]
        assert {f["alpha"] for f in mine} >= {0, 1, 0.5}
        assert {f["sparse"] for f in mine} == {f["standardize"] for f in mine} == {True, False}
        assert any((f["weight"] == 0).any() and f["offset"].any() for f in mine)
        assert any(np.isinf(f["factors"]).any() and (f["factors"] == 0).any() for f in mine)
        assert any(np.isfinite(f["lower"]).any() for f in mine)
    assert len({tuple(f["settings"]) for f in fixtures}) >= 5


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_the_fixture_is_optimal(path: Path) -> None:
    """The reference itself meets the optimality conditions of the stated objective (NumPy alone)."""
    fixture = read(path)
    for k, objective in enumerate(objectives(fixture)):
        coef = fixture["glmnet_coef"][k][:, None]
        intercept, exact = objective.polish(fixture["glmnet_intercept"][k], coef)
        assert objective.violation(intercept, exact) < 1e-10
        assert np.abs(exact - coef).max() < 1e-7 * max(1.0, np.abs(exact).max())


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_coefficients_agree_with_glmnet(path: Path, record_property: Any) -> None:
    from scipy.sparse import csc_array

    from tests.golden.walk import walk

    fixture = read(path)
    same = ("weight", "offset", "factors", "lower", "upper", "standardize", "intercept", "settings")
    trace = walk(
        fixture["family"],
        csc_array(fixture["x"]) if fixture["sparse"] else fixture["x"],
        fixture["y"],
        strengths=fixture["lambda"],
        l1_ratio=fixture["alpha"],
        tolerance=1e-14,
        **{option: fixture[option] for option in same},
    ).trace()
    found = []
    for k in range(len(fixture["lambda"])):
        expected, intercept = fixture["glmnet_coef"][k], fixture["glmnet_intercept"][k]
        away = max(np.abs(trace.coef(k)[:, 0] - expected).max(), np.abs(trace.intercept[k] - intercept).max())
        found.append(away / max(1.0, np.abs(expected).max()))
    record_property("largest_error", float(max(found)))
    assert max(found) < TOLERANCE, f"errors by strength: {found}"
