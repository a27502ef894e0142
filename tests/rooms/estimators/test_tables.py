"""RightFitRegressor and RightFitClassifier do what the command line does, on frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.data.table import from_frame
from rightfit.errors import ColumnError, DataError, OptionError
from rightfit.search.fit import fit_table
from rightfit.search.options import make_options

GENERATOR = np.random.default_rng(4)
N = 60
TOWN = np.array(["Bonn", "Kiel", "Ulm"])[GENERATOR.integers(0, 3, N)]
AREA = np.round(GENERATOR.normal(90, 20, N), 1)
PRICE = AREA * 3 + 40 * (TOWN == "Kiel") + GENERATOR.normal(0, 10, N)
FRAME = pl.DataFrame({"town": TOWN, "area": AREA})
SMALL: dict[str, Any] = {"strengths": 8, "folds": 3, "l1_ratio": 1.0}


def test_the_same_run_as_the_command_line(tmp_path: Path) -> None:
    fitted = rightfit.RightFitRegressor(**SMALL).fit(FRAME, pl.Series("price", PRICE))
    whole = FRAME.with_columns(price=PRICE)
    run = fit_table(from_frame(whole), make_options(target="price", task="regression", **SMALL))
    assert fitted.run_.choice == run.choice
    np.testing.assert_array_equal(fitted.run_.trace.values, run.trace.values)
    by_name = rightfit.RightFitRegressor(**SMALL).fit(whole, "price")
    np.testing.assert_array_equal(by_name.predict(FRAME), fitted.predict(FRAME))
    assert fitted.score(FRAME, PRICE) > 0.7
    fitted.report(tmp_path / "report.html")
    assert "town" in (tmp_path / "report.html").read_text(encoding="utf-8")
    fitted.save(tmp_path / "run.rightfit")
    again = rightfit.load(tmp_path / "run.rightfit").predict(FRAME)["prediction"].to_numpy()
    np.testing.assert_array_equal(again, fitted.predict(FRAME))


def test_new_tables_are_matched_by_name() -> None:
    fitted = rightfit.RightFitRegressor(**SMALL).fit(FRAME, PRICE)
    moved = FRAME.select("area", pl.lit(1).alias("more"), "town")
    np.testing.assert_array_equal(fitted.predict(moved), fitted.predict(FRAME))
    with pytest.raises(ColumnError, match="area"):
        fitted.predict(FRAME.drop("area"))
    with pytest.raises(ValueError, match="named columns"):
        fitted.predict(AREA[:, None])
    with pytest.raises(OptionError, match="prize"):
        rightfit.RightFitRegressor().fit(FRAME, "prize")


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [10, 9], [1.0, 2.0]], ids=str)
def test_labels_come_back_as_they_were(labels: list[Any]) -> None:
    y = np.array(labels)[(PRICE > np.median(PRICE)).astype(int)]
    fitted = rightfit.RightFitClassifier(**SMALL).fit(FRAME, y)
    assert fitted.classes_.tolist() == sorted(labels)
    share = fitted.predict_proba(FRAME)
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert (fitted.predict(FRAME) == fitted.classes_[share.argmax(axis=1)]).all()
    assert fitted.score(FRAME, y) > 0.8


def test_a_column_of_weights() -> None:
    weighted = FRAME.with_columns(w=np.where(np.arange(N) < 40, 1.0, 0.0))
    fitted = rightfit.RightFitRegressor(weight="w", **SMALL).fit(weighted, PRICE)
    assert [c.name for c in fitted.run_.schema.having("weight")] == ["w"]


def test_signs_and_images_are_handed_on() -> None:
    fitted = rightfit.RightFitRegressor(monotone={"area": -1}, **SMALL).fit(FRAME, PRICE)
    assert (fitted.run_.trace.values[[f.source for f in fitted.run_.features].index("area")] <= 0).all()
    pixels = GENERATOR.normal(size=(60, 6))
    given: dict[str, Any] = {"learners": "linear", "image": "2x2", **SMALL}
    with pytest.raises(DataError, match="images of 2x2 have 4 pixels"):
        rightfit.RightFitClassifier(**given).fit(pixels, pixels[:, 0] > 0)
    with pytest.raises(OptionError, match="--attack"):
        rightfit.RightFitClassifier(attack=11.0, **SMALL).fit(pixels, pixels[:, 0] > 0)
