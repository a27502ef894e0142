"""The smallest test of an installed rightfit; needs pytest and nothing of this checkout. Run on every wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_a_table_becomes_a_run_a_report_and_predictions(tmp_path: Path) -> None:
    import rightfit

    size = np.linspace(0, 9, 40)
    table = {"size": size, "colour": ["red", "blue"] * 20, "price": 3 * size + np.cos(np.arange(40.0))}
    rightfit.fit(table, target="price").save(tmp_path / "a.rightfit")
    run = rightfit.load(tmp_path / "a.rightfit")
    predicted = run.predict({"size": [2.0, 3.0], "colour": ["red", "red"]})["prediction"].to_list()
    assert abs(predicted[1] - predicted[0] - 3) < 0.3
    run.report(tmp_path / "a.html")
    assert "price" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_the_command_is_there() -> None:
    program = "from rightfit.cli import main; main(['--version'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("rightfit ")
