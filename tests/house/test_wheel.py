"""The smallest test of an installed rightfit; needs pytest and nothing of this checkout. Run on every wheel."""

from __future__ import annotations

import subprocess
import sys

import numpy as np


def test_a_lasso_fits() -> None:
    from rightfit import Lasso

    X = np.column_stack([np.linspace(-1, 1, 20), np.cos(np.arange(20.0))])
    y = 3 * X[:, 0] + 1
    # one column matters: soft-thresholding of its covariance gives the answer in closed form up to the other one
    model = Lasso(alpha=0.05).fit(X, y)
    residual = y - model.predict(X)
    slack = np.abs((X - X.mean(axis=0)).T @ residual) / len(y)
    active = model.coef_ != 0
    np.testing.assert_allclose(slack[active], 0.05, rtol=1e-4)
    assert (slack[~active] <= 0.05 * (1 + 1e-6)).all()


def test_the_command_is_there() -> None:
    program = "from rightfit.cli import main; main(['--version'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("rightfit ")
