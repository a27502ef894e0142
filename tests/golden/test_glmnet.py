"""Frozen fits of glmnet: coefficients agree to 1e-6. Made by make_glmnet.py, which needs R; this file does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
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
    assert len(fixtures) >= 60
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


def l1_share(fixture: dict[str, Any]) -> float:
    return float(fixture["l1"][0] / (fixture["l1"][0] + fixture["l2"][0]))


def walk_fixture(fixture: dict[str, Any], **options: Any) -> Any:
    """The trace of our own path."""
    from scipy.sparse import csc_array

    from tests.golden.walk import walk

    x = csc_array(fixture["x"]) if fixture["sparse"] else fixture["x"]
    same = ("weight", "offset", "factors", "lower", "upper", "standardize", "intercept")
    options |= {option: fixture[option] for option in same}
    return walk(fixture["family"], x, fixture["y"], l1_ratio=l1_share(fixture), **options).trace()


def errors(fixture: dict[str, Any]) -> np.ndarray:
    """(K,) largest error of the coefficients and intercepts at each strength, relative to max(1, the largest)."""
    strengths = fixture["l1"] + fixture["l2"]
    trace = walk_fixture(fixture, strengths=strengths, tolerance=1e-14)
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
    plugins = request.config.pluginmanager
    terminal, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    if terminal is None or not found:
        return
    name, worst = max(found.items(), key=lambda item: item[1])
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        terminal.ensure_newline()
        terminal.write_line(f"largest error of a coefficient over {len(found)} glmnet fixtures: {worst:.1e} ({name})")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_coefficients_agree_with_glmnet(path: Path, ledger: dict[str, float], record_property: Any) -> None:
    found = errors(read(path))
    ledger[path.stem] = float(found.max())
    record_property("largest_error", float(ledger[path.stem]))
    assert found.max() < TOLERANCE, f"errors by strength: {found}"


WITH_GRID = [path for path in FIXTURES if len(read(path)["grid_ends"])]


@pytest.mark.parametrize("path", WITH_GRID, ids=lambda p: p.stem)
def test_the_default_grid_is_glmnets(path: Path) -> None:
    """100 strengths from the smallest one without a penalized coefficient, down to 1e-4 of it (1e-2 where n <= p);
    ridge starts where l1_ratio = 0.001 would. What is compared is the price of |b|, for ridge that of b^2/2, which
    glmnet divides by the deviation of a gaussian y: see glmnet.R."""
    fixture = read(path)
    strengths, l1_ratio = walk_fixture(fixture, strengths=None, tolerance=1e-2).strengths, l1_share(fixture)
    ridge = fixture["alpha"] == 0
    expected = fixture["grid_ends"] * (fixture["l2"][0] / fixture["lambda"][0] if ridge else fixture["alpha"])
    assert len(strengths) == 100
    np.testing.assert_allclose(strengths[[0, -1]] * (l1_ratio or 1.0), expected, rtol=1e-9)
    np.testing.assert_allclose(np.diff(np.log(strengths)), np.log(expected[1] / expected[0]) / 99, rtol=1e-9)
