"""A fit that will take long says so at its beginning, and how to bound it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rightfit import catalog
from rightfit.cli.progress import Progress
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.data.table import from_frame
from rightfit.records import Resamples
from rightfit.search import expecting
from rightfit.search.expecting import say_expected
from rightfit.search.fit import fit_table
from rightfit.search.options import FitOptions
from tests.journeys.files import houses


def make(n: int, p: int, loss: Any) -> tuple[Problem, Resamples]:
    return Problem(make_design(np.zeros((n, p))), np.zeros(n), loss, np.zeros(n)), make_folds(n, folds=5)


def test_long_fits_are_announced_and_short_ones_and_bounded_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expecting, "_SLOWEST", 1e9)
    monkeypatch.setattr(expecting, "_slowness", lambda: 1.0)
    options = FitOptions("y", learners=("linear", "tree", "forest", "boosting"), threads=2)
    long = make(100_000, 20, catalog.find("losses", "multinomial")(classes=10))
    words = say_expected(*long, options)
    assert "minutes" in words and "--time-budget" in words
    monkeypatch.setattr(expecting, "_slowness", lambda: 10.0)
    assert "hours" in say_expected(*long, options)
    assert not say_expected(*long, FitOptions("y", time_budget=60.0))
    assert not say_expected(*make(300, 5, catalog.find("losses", "squared")()), options)
    monkeypatch.setattr(expecting, "_slowness", lambda: 300.0)
    short = make(300, 5, catalog.find("losses", "squared")())
    assert "minute" in say_expected(*short, options)
    monkeypatch.undo()
    monkeypatch.setattr(expecting, "_slowness", lambda: pytest.fail("nobody asks how busy a machine is for this"))
    assert not say_expected(*short, options)


@pytest.mark.parametrize("name", ["linear", "tree", "forest", "boosting", "network"])
def test_every_family_knows_that_more_rows_and_folds_take_longer(name: str) -> None:
    kind, squared = catalog.find("learners", name), catalog.find("losses", "squared")()
    (small, few), (large, many) = make(500, 5, squared), make(20_000, 5, squared)
    assert 0 < kind.expect(small, few) < kind.expect(large, many)
    assert kind.expect(small, make_folds(500, folds=2)) < kind.expect(small, few)


def test_the_line_is_printed_once_and_above_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(expecting, "_SLOWEST", 1e9)
    monkeypatch.setattr(expecting, "_slowness", lambda: 1e6)
    with Progress(quiet=False) as progress:
        fit_table(from_frame(houses(60)), FitOptions("price", learners=("linear",), folds=3, strengths=5), progress)
    told = capsys.readouterr().err
    assert told.count("this fit may take about") == 1
    assert told.index("this fit may take about") < told.index("walking the path")
