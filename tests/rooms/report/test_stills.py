"""Stills are drawn from the page's own data: shapes inside their picture, names escaped, nothing where nothing is."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from rightfit.report import figures
from rightfit.report.page import LIMIT, render
from rightfit.report.path_page import render_path
from rightfit.report.scales import Linear, Strengths, spread
from rightfit.report.squares import square_stills
from rightfit.report.stills import RIGHT, Still, curve_still, drift_still, path_still
from tests.rooms.report.specimen import KINDS, bare, large, specimen


def data(kind: str, **more: Any) -> dict[str, Any]:
    run = specimen(kind, **more)
    return figures.path_data(run.trace, run.features, run.curve, run.choice, run.choices)


def inside(still: Still) -> bool:
    places = [(float(x), float(y)) for _, d in still.paths for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", d)]
    places += [(x, y) for _, x, y, _, _ in still.texts] + [(x, y) for _, x, y, _ in still.circles]
    places += [end for _, a, b, c, d in still.lines for end in ((a, b), (c, d))]
    return all(-1 <= x <= still.width + 1 and -1 <= y <= still.height + 1 for x, y in places)


@pytest.mark.parametrize("kind", KINDS)
def test_every_shape_is_inside_its_picture(kind: str) -> None:
    run, path = specimen(kind, drift=True), data(kind)
    drift = figures.drift_data(run.drift, path["steps"])
    stills = [path_still(path, "x"), curve_still(path), drift_still(path, drift)]
    stills += square_stills(figures.diagnostics_data(run))
    assert len(stills) >= 4 - (kind == "several") and all(still is not None and inside(still) for still in stills)


def test_the_chosen_step_is_marked_where_it_is() -> None:
    path = data("classes")
    still, curve = path_still(path, "x"), curve_still(path)
    assert still is not None and curve is not None
    (marker,) = [line for line in still.lines if line[0] == "now"]
    place = Strengths.over(path["strengths"], 58, RIGHT)(path["strengths"][path["chosen"]])
    assert marker[1] == marker[3] == pytest.approx(place, abs=0.06)
    assert [x for kind, x, _, _ in curve.circles if kind == "here"] == [marker[1]]
    assert f"{path['nonzero'][path['chosen']]} non-zero" in " ".join(text[-1] for text in still.texts)


def test_nothing_to_draw_is_no_picture() -> None:
    path = data("classes")
    assert path_still({**path, "features": []}, "x") is None
    assert curve_still({**path, "curve": None}) is None
    assert drift_still(path, None) is None
    empty = {"kind": "classes", "actual": [], "roc": [], "precisionRecall": [], "calibration": [], "figures": {}}
    assert square_stills(empty) == []
    assert "<noscript" in render(bare())


def test_values_that_are_missing_break_a_line() -> None:
    path = data("regression")
    mean = [None if 3 <= k <= 5 else v for k, v in enumerate(path["curve"]["mean"])]
    still = curve_still({**path, "curve": {**path["curve"], "mean": mean}})
    assert still is not None and inside(still)
    assert dict(still.paths)["line loss"].count("M") == 2


def test_hostile_names_are_text_in_stills_too() -> None:
    class Reader(HTMLParser):
        tags: set[str] = set()

        def handle_starttag(self, tag: str, attributes: Any) -> None:
            self.tags.add(tag)
            assert not any(name.startswith("on") or name == "style" for name, _ in attributes)

    page = render(specimen("classes", hostile=True, drift=True))
    stills = " ".join(re.findall(r"<noscript>.*?</noscript>", page, re.DOTALL))
    reader = Reader()
    reader.feed(stills)
    assert reader.tags <= {"noscript", "div", "figure", "svg", "line", "path", "circle", "text", "p"}
    assert "&lt;img" in stills


def test_stills_stay_within_the_pages_limit() -> None:
    page = render(large())
    assert len(page.encode()) <= LIMIT
    assert sum(map(len, re.findall(r"<noscript>.*?</noscript>", page, re.DOTALL))) < 400_000


def test_a_path_without_a_range_is_drawn() -> None:
    run = specimen("regression")
    trace = replace(run.trace, values=np.zeros_like(run.trace.values))
    path = figures.path_data(trace, run.features, run.curve, run.choice, run.choices)
    assert path_still(path, "x") is None or inside(path_still(path, "x"))  # type: ignore[arg-type]


def test_scales_have_round_ticks_and_zero_stands_apart() -> None:
    assert [label for _, label in Linear.over(0, 1, 0, 100).ticks(5)] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert [v for v, _ in Linear.over(3, 3, 0, 9).ticks(3)] == [2, 3, 4]
    axis = Strengths.over([1, 0.1, 0.01, 0], 0, 400)
    assert axis(1) == 0 and axis(0) == 400 and axis(0.01) < 400 - 15
    assert [label for _, label in axis.ticks(60)][-1] == "0"
    assert Strengths.over([0.5], 0, 400)(0.5) == 200
    assert spread([10, 11, 12], 5, 0, 100) == [10, 15, 20]
    assert spread([98, 99, 100], 5, 0, 100) == [90, 95, 100]


def test_the_page_of_a_path_alone_has_its_still() -> None:
    run = specimen("classes")
    page = render_path(run.trace, [feature.name for feature in run.features], title="A path", loss="logistic")
    (stills,) = re.findall(r"<noscript><div class=\"stills.*?</noscript>", page, re.DOTALL)
    assert stills.count("<svg") == 1 and "log-odds per standard deviation" in stills and "chosen" not in stills


def test_several_classes_say_which_one_is_drawn() -> None:
    run = specimen("several")
    stills = "".join(re.findall(r"<noscript>.*?</noscript>", render(run), re.DOTALL))
    assert f"log-odds of {run.task.classes[0]} per standard deviation" in stills
