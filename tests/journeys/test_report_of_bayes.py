"""The Bayesian view in a real browser: the slider moves prior and posterior, every control works from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
from tests.journeys.browser import browser, visit
from tests.journeys.test_report_page import OVERLAPS, WIDE

POSTERIOR = "document.querySelector('#bayes-density path.loss').getAttribute('d')"
PRIOR = "document.querySelector('#bayes-density path.training').getAttribute('d')"
READING = "document.getElementById('bayes-reading').textContent"


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as program:
        yield program


@pytest.fixture(scope="module")
def pages(opened: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports of an exact, a sampled and an approximate posterior."""
    folder = tmp_path_factory.mktemp("bayes-pages")
    g = np.random.default_rng(0)
    x = g.normal(size=(80, 4))
    price = 10 + 3 * x[:, 0] - x[:, 1] + 2 * g.normal(size=80)
    columns = {f"<b>column {k}</b>": x[:, k] for k in range(4)}
    pl.DataFrame({"price": price, "sold": np.where(price > 10, "yes", "no")} | columns).write_csv(folder / "few.csv")
    made = {}
    for name, target, drop, ratio in (
        ("exact", "price", "sold", 0.0),
        ("sampled", "price", "sold", 1.0),
        ("approximate", "sold", "price", 0.0),
    ):
        run = rightfit.fit(
            folder / "few.csv", target=target, drop=(drop,), learners=("linear",), l1_ratio=(ratio,), strengths=30
        )
        made[name] = folder / f"{name}.html"
        run.bayes(folder / "few.csv", draws=300 if name == "sampled" else None, count=50).report(made[name])
    return made


@pytest.mark.parametrize(
    ("kind", "width"), [("exact", 1280), ("exact", 390), ("sampled", 1280), ("sampled", 390), ("approximate", 390)]
)
def test_the_slider_moves_prior_and_posterior(opened: Any, pages: dict[str, Path], kind: str, width: int) -> None:
    with visit(opened, pages[kind], width=width) as here:
        page = here.page
        before = [page.evaluate(what) for what in (POSTERIOR, PRIOR, READING)]
        page.focus("#bayes-step")
        for _ in range(4):
            page.keyboard.press("ArrowLeft")
        after = [page.evaluate(what) for what in (POSTERIOR, PRIOR, READING)]
        assert all(a != b for a, b in zip(before, after, strict=True))
        assert page.evaluate("document.getElementById('step').value === document.getElementById('bayes-step').value")
        page.focus("#bayes-column")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(READING) != after[2]
        assert "penalized coefficient" in page.evaluate(READING)
        assert page.evaluate(OVERLAPS) == []
        wide, window = page.evaluate(WIDE)
        assert wide <= window
        assert page.locator("#bayes-evidence svg").count() == (0 if kind == "sampled" else 1)
        assert page.locator("#bayes-section table tbody tr").count() == 4
        assert here.complaints == []
        assert here.requests == [pages[kind].as_uri()]


def test_the_peak_of_the_posterior_stands_at_the_coefficient(opened: Any, pages: dict[str, Path]) -> None:
    """At every step, in both units: the picture says that the mode is the penalized fit."""
    script = """() => {
      const path = document.querySelector('#bayes-density path.loss').getAttribute('d');
      const points = path.slice(1).split('L').map((p) => p.split(' ').map(Number));
      const top = points.reduce((a, b) => (b[1] < a[1] ? b : a));
      const mode = Number(document.querySelector('#bayes-density line.now').getAttribute('x1'));
      return Math.abs(top[0] - mode);
    }"""
    for kind in ("exact", "sampled"):
        with visit(opened, pages[kind]) as here:
            for _ in range(6):
                here.page.focus("#bayes-step")
                here.page.keyboard.press("ArrowLeft")
                assert here.page.evaluate(script) <= 3
            here.page.click("[data-units=original]")
            assert here.page.evaluate(script) <= 3


def test_without_its_script_the_page_shows_stills_and_the_table(opened: Any, pages: dict[str, Path]) -> None:
    with visit(opened, pages["exact"], java_script_enabled=False) as here:
        assert here.page.locator("#bayes-section noscript svg").count() == 2
        assert here.page.locator("#bayes-section table tbody tr").count() == 4
        assert not here.page.locator("#bayes-explorer").is_visible()
