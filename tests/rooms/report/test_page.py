"""The page as a file: its size, its policy, its escapes, and the same bytes for the same run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rightfit.errors import FileError
from rightfit.report.figures import path_data
from rightfit.report.page import LIMIT, render, write_page
from rightfit.report.path_page import render_path
from rightfit.report.shell import as_json
from tests.rooms.report.specimen import KINDS, bare, large, specimen
from tests.rooms.report.specimen_parts import HOSTILE


def _data(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_small_and_the_same_each_time(kind: str) -> None:
    run = specimen(kind, holdout=True, drift=True)
    page = render(run)
    assert page == render(run)
    assert len(page.encode()) < 150_000


def test_the_largest_run_stays_within_the_limit_and_says_what_is_left_out() -> None:
    page = render(large())
    data = _data(page)
    assert len(page.encode()) <= LIMIT == 2_500_000
    assert "further columns are not listed" in page
    assert len(data["features"]) < data["used"] == 20_000  # type: ignore[arg-type]
    assert page.count("was seen once") <= 60


def test_the_limit_holds_for_names_of_any_length() -> None:
    run = specimen("classes", holdout=True, drift=True)
    features = tuple(replace(f, name=f"{k} " + "🙂" * 200_000) for k, f in enumerate(run.features))
    columns = tuple(replace(c, name=c.name * 50_000, reason="&" * 100_000) for c in run.schema.columns)
    page = render(
        replace(run, features=features, schema=replace(run.schema, columns=columns), verdict=("<" * 300_000,) * 50)
    )
    assert len(page.encode()) <= LIMIT


def test_a_thousand_steps_are_thinned_but_keep_the_marked_ones() -> None:
    run = large(p=50, steps=1_000)
    trace = replace(run.trace, indices=run.trace.indices % 50)
    choice = replace(run.choice, step=501)
    data = path_data(trace, run.features, None, choice, (choice,))
    assert len(data["steps"]) <= 401 and data["steps"][data["chosen"]] == 501


def test_the_policy_names_this_style_and_this_script_and_nothing_else() -> None:
    page = render(specimen("classes", holdout=True, drift=True))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    assert policy is not None
    rules = policy[1].replace("&#39;", "'")

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    style = re.search(r"<style>(.*?)</style>", page, re.S)
    script = re.search(r"<script>(.*?)</script>", page, re.S)
    assert style is not None and script is not None
    assert "default-src 'none'" in rules and "unsafe" not in rules
    assert f"style-src 'sha256-{digest(style[1])}'" in rules and f"script-src 'sha256-{digest(script[1])}'" in rules
    assert "innerHTML" not in script[1] and "http://" not in script[1].replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page.replace(script[1], ""))
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_hostile_names_are_escaped_in_words_and_data() -> None:
    page = render(specimen("several", hostile=True))
    assert "<img" not in page and page.count("</script>") == 2
    assert "\u202e" not in page and "\x1b" not in page
    text = as_json({"names": [*HOSTILE, "\u2028\u2029"]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["names"][:-1] == list(HOSTILE)


def test_lone_surrogates_do_not_stop_the_page(tmp_path: Path) -> None:
    run = specimen("regression")
    run = replace(run, source=replace(run.source, name="bad \ud800 name.csv"))
    write_page(run, tmp_path / "report.html")
    assert "bad ‹U+D800› name.csv" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_data_are_those_of_the_run() -> None:
    run = specimen("classes", holdout=True, drift=True)
    data = path_data(run.trace, run.features, run.curve, run.choice, run.choices)
    for step in (0, run.choice.step, 49):
        coef = run.trace.coef(step)[:, 0]
        got = np.zeros(12)
        for f in data["features"]:
            got[f["index"]] = f["coef"][0][step - f["first"]] if step >= f["first"] else 0
        np.testing.assert_allclose(got, coef, rtol=1e-3)
    np.testing.assert_allclose(data["curve"]["mean"], run.curve.mean, rtol=1e-4)
    sizes = [
        abs(f["coef"][0][run.choice.step - f["first"]] * f["scale"]) if run.choice.step >= f["first"] else 0
        for f in data["features"]
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_what_is_missing_is_never_written_as_nan() -> None:
    page = render(bare())
    assert "NaN" not in json.dumps(_data(page)) and not re.search(r">\s*nan\b", page)


def test_a_page_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        write_page(specimen("regression"), tmp_path / "nowhere" / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_path_needs_a_name_for_each_feature() -> None:
    with pytest.raises(ValueError, match="12 features, but 1 names"):
        render_path(specimen("regression").trace, ["a"])


def test_an_end_of_the_grid_is_named_once_and_not_where_nothing_lies_beyond() -> None:
    run = specimen("regression")
    words = "the optimum may lie beyond it"
    for strength, reason, times in (
        (0.1, "the smallest loss", 1),
        (0.1, "the weakest end of the path", 0),
        (0.0, "", 0),
    ):
        choice = replace(run.choice, strength=strength, reason=reason, at_end="weakest")
        assert render(replace(run, choice=choice, choices=(choice,))).count(words) == times


def test_many_columns_are_folded_away() -> None:
    run = specimen("regression")
    assert "<details><summary>List" not in render(run)
    more = tuple(replace(run.schema.columns[0], name=f"g{k}", role="dropped") for k in range(70))
    page = render(replace(run, schema=replace(run.schema, columns=(*run.schema.columns, *more))))
    assert f"<summary>List {70 + len(run.schema.columns)} columns</summary>" in page
