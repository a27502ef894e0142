"""Survival curves against R's `survival::survfit`, for both kinds of ties, strata, weights and delayed entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rightfit import CoxRegressor
from rightfit.errors import DataError

FIXTURES = sorted((Path(__file__).resolve().parent / "baseline").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text())
    return {k: np.asarray(v, dtype=float) if isinstance(v, list) else v for k, v in raw.items()}


def fitted(f: dict[str, Any]) -> CoxRegressor:
    model = CoxRegressor(ties=f["ties"], strengths=[0.0], folds=2, rule="best")
    target = np.column_stack([f["time"], f["status"]])
    return model.fit(f["x"], target, f["weight"], entry=f["entry"], strata=f["strata"])


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_survival_curves_agree_with_survfit(path: Path, record_property: Any) -> None:
    f = read(path)
    model = fitted(f)
    np.testing.assert_allclose(model.coef_, f["coef"], rtol=0, atol=1e-7)
    found = model.predict_survival(f["rows"], f["moments"], strata=f["rows_strata"])
    record_property("largest_error", float(np.abs(found - f["survival"]).max()))
    np.testing.assert_allclose(found, f["survival"], rtol=0, atol=1e-8)
    assert (np.diff(found, axis=1) <= 0).all()


def test_nothing_is_told_beyond_what_was_watched() -> None:
    f = read(FIXTURES[0])
    model = fitted(f)
    last = f["time"].max()
    share = model.predict_survival(f["rows"], [0.0, last, last + 1], strata=f["rows_strata"])
    assert (share[:, 0] == 1).all() and np.isfinite(share[:, 1]).all() and np.isnan(share[:, 2]).all()
    strata = read(next(path for path in FIXTURES if path.stem == "breslow_strata_weights"))
    with pytest.raises(DataError, match="strata holds '9'"):
        fitted(strata).predict_survival(strata["rows"], [1.0], strata=["9"] * 4)
    with pytest.raises(DataError, match="one label for each of the 4 rows"):
        fitted(strata).predict_survival(strata["rows"], [1.0])
