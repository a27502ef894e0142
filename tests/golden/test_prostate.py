"""Published coefficients of the prostate data: Hastie, Tibshirani and Friedman, The Elements of Statistical
Learning, second edition, chapter 3, table 3.3 (columns LS, Ridge and Lasso; 67 training rows, target lpsa).

How the book computed them decides how closely they can be met:

- The predictors are scaled over all 97 rows with the n - 1 deviation. With that, least squares agrees in every
  printed digit, so it is held to half a unit of the third decimal (and a hair for the rounding of our own).
- Ridge is on these columns as they are, df(lambda) = sum d^2 / (d^2 + lambda) = 5.0. The printed column is not
  the exact solution for any lambda: at the exact one, age is -0.048 (printed -0.046) and lcavol 0.421 (0.420);
  all but age are met within 1.2e-3. Hence 2.5e-3. Its printed intercept, 2.452, is the mean of the target: there
  the columns were centred on the training rows.
- The lasso scales once more, over the training rows, and reports on the first scale: with printed coefficients,
  exactly then are the gradients of the active columns equal. That is what standardize=True does. The printed bound
  s = 0.36 is cut after two digits: the printed coefficients themselves sum to 0.3667 of least squares. The
  strength is therefore the one whose sum of |b| is the printed one; then every digit agrees.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars
from scipy.optimize import brentq

from tests.shared import shared_data

COLUMNS = ["lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45"]
PRINTED = {
    "least squares": (2.465, [0.680, 0.263, -0.141, 0.210, 0.305, -0.288, -0.021, 0.267]),
    "ridge": (2.452, [0.420, 0.238, -0.046, 0.162, 0.227, 0.000, 0.040, 0.133]),
    "lasso": (2.468, [0.533, 0.169, 0.000, 0.002, 0.094, 0.000, 0.000, 0.000]),
}
DIGIT = 0.0005 + 1e-4


def training_rows() -> tuple[Any, Any]:
    frame = polars.read_csv(shared_data("prostate"))
    x = frame.select(COLUMNS).to_numpy().astype(float)
    x = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    train = frame["train"].to_numpy()
    assert train.sum() == 67
    return x[train], frame["lpsa"].to_numpy()[train]


def fit(strength: float, **options: Any) -> tuple[float, Any]:
    from tests.golden.walk import walk

    x, y = training_rows()
    trace = walk("gaussian", x, y, strengths=np.array([strength]), tolerance=1e-12, **options).trace()
    return float(trace.intercept[0, 0]), trace.coef(0)[:, 0]


def test_least_squares() -> None:
    intercept, coef = fit(0.0)
    printed = PRINTED["least squares"]
    assert abs(intercept - printed[0]) < DIGIT
    np.testing.assert_allclose(coef, printed[1], rtol=0, atol=DIGIT)


def test_ridge_at_five_degrees_of_freedom() -> None:
    x, y = training_rows()
    d = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    penalty = brentq(lambda size: (d**2 / (d**2 + size)).sum() - 5.0, 1.0, 100.0)
    intercept, coef = fit(penalty / len(y), l1_ratio=0.0, standardize=False)
    printed = PRINTED["ridge"]
    assert abs(intercept + x.mean(axis=0) @ coef - printed[0]) < DIGIT
    np.testing.assert_allclose(coef, printed[1], rtol=0, atol=2.5e-3)


def test_lasso_at_the_printed_bound() -> None:
    intercept, printed = PRINTED["lasso"][0], np.array(PRINTED["lasso"][1])
    strength = brentq(lambda s: np.abs(fit(s)[1]).sum() - np.abs(printed).sum(), 0.05, 0.5, xtol=1e-9)
    found, coef = fit(strength)
    share = np.abs(coef).sum() / np.abs(fit(0.0)[1]).sum()
    assert 0.36 <= share < 0.37
    assert abs(found - intercept) < DIGIT
    np.testing.assert_allclose(coef, printed, rtol=0, atol=DIGIT)
    assert not coef[printed == 0].any()
