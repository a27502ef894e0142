"""summary() of estimators and runs, and rightfit summary."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import rightfit
from rightfit.cli import main
from rightfit.errors import DataError, OptionError

pandas = pytest.importorskip("pandas")

G = np.random.default_rng(1)
FRAME = pandas.DataFrame(G.normal(size=(90, 4)), columns=["age", "height", "weight", "noise"])
FRAME["town"] = G.choice(["Ulm", "Bern"], 90)
Y = 3 * FRAME["age"] - 2 * FRAME["height"] + (FRAME["town"] == "Ulm") + G.normal(size=90)
NUMBERS = FRAME.drop(columns="town")


def test_an_estimator_keeps_no_rows_and_says_so():
    model = rightfit.PenalizedRegressor(count=15, folds=4).fit(NUMBERS, Y)
    alone, with_rows = model.summary(), model.summary(NUMBERS, Y)
    assert "call summary(X, y)" in str(alone) and not alone.lower.size
    row = with_rows.plain()["coefficients"][0]
    assert row["feature"] == "age" and row["lower"] < 3 < row["upper"] and row["selected"] == 1
    assert row["coefficient"] == pytest.approx(model.coef_[0], rel=1e-4)
    assert "PenalizedRegressor: lasso (L1)" in str(with_rows)
    with pytest.raises(DataError, match="columns"):
        model.summary(NUMBERS[["age"]], Y)
    assert model.n_features_in_ == 4


def test_classes():
    label = np.where(Y > 0, "yes", "no")
    model = rightfit.PenalizedClassifier(count=10, folds=4, class_weight="balanced").fit(NUMBERS, label)
    found = model.summary(NUMBERS, label, level=0.9)
    assert found.lower.shape == (4, 1) and "90 % interval" in str(found)
    with pytest.raises(DataError, match="classes"):
        model.summary(NUMBERS, np.where(Y > 0, "ja", "no"))
    three = rightfit.PenalizedClassifier(count=8, folds=3).fit(NUMBERS, np.digitize(Y, [-2, 2]))
    assert "age [0]" in str(three.summary())


def test_a_run_on_a_table_and_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "people.csv"
    FRAME.assign(pay=Y).to_csv(file, index=False)
    saved = rightfit.fit(file, target="pay", l1_ratio=(1.0,), folds=4)
    whole = saved.summary(file)
    assert "pay from people.csv: lasso" in str(whole) and "not the file of the fit" not in str(whole)
    ages = next(c for c in whole.plain()["coefficients"] if c["feature"] == "age")
    assert ages["lower"] < 3 < ages["upper"]
    assert "not the file of the fit" in " ".join(str(saved.summary(FRAME.assign(pay=Y))).split())
    saved.save(tmp_path / "pay.rightfit")
    for words in (
        ["--intervals", "none"],
        [str(file), "--level", "0.9"],
        [str(file), "--intervals", "bootstrap", "--all"],
    ):
        assert main(["summary", str(tmp_path / "pay.rightfit"), *words]) == 0
        text = capsys.readouterr().out
        assert "age" in text and "selected" in text
    assert main(["summary", str(tmp_path / "pay.rightfit"), str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["coefficients"][0]["lower"] is not None
    assert main(["summary", str(tmp_path / "pay.rightfit"), "--intervals", "likely"]) == 2
    assert "intervals" in capsys.readouterr().err


def test_an_estimator_on_tables():
    model = rightfit.RightFitRegressor(l1_ratio=1.0, folds=4).fit(FRAME, Y.rename("pay"))
    assert "no intervals" in str(model.summary())
    found = model.summary(FRAME, Y)
    assert found.lower.shape[0] == len(found.names) and "town" in " ".join(found.names)
    with pytest.raises(OptionError, match="level"):
        model.summary(FRAME, Y, level=2)


@pytest.mark.parametrize("penalty", ["mcp", "adaptive", "slope"])
def test_other_penalties(penalty: str):
    saved = rightfit.fit(NUMBERS.assign(pay=Y), target="pay", families=(penalty,), folds=3, strengths=12)
    found = saved.summary(NUMBERS.assign(pay=Y))
    ages = next(c for c in found.plain()["coefficients"] if c["feature"] == "age")
    assert ages["lower"] < 3 < ages["upper"]
    percentiles = saved.summary(NUMBERS.assign(pay=Y), intervals="bootstrap", count=40)
    assert percentiles.lower[0, 0] <= saved.run.trace.coef(saved.run.choice.step)[0, 0] <= percentiles.upper[0, 0]
