"""The plane of two columns: what is on it is what the run predicts there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.errors import ColumnError, OptionError
from rightfit.learners._network.inputs import Inputs
from rightfit.losses.squared import Squared
from rightfit.records import Boundary, Resamples
from rightfit.views.kernel import Kernel
from rightfit.views.surfaces import as_bytes, count_regions, share_jointly

N = 110


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3))
    site = rng.choice(["north", "south", "east"], N)
    score = 2 * x[:, 0] - x[:, 1] + (site == "north")
    return {
        "age": x[:, 0],
        "size": np.where(rng.random(N) < 0.1, np.nan, x[:, 1]),
        "noise": x[:, 2],
        "site": site,
        "day": pl.Series(np.datetime64("2024-01-01") + rng.integers(700, size=N)),
        "price": 50 + 10 * score + 3 * rng.normal(size=N),
        "sold": np.where(score + rng.normal(size=N) > 0, "yes", "no"),
        "kind": np.where(score > 1, "a", np.where(score < -1, "b", "c")),
    }


def part(table: dict[str, Any], target: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key in ("age", "size", "noise", "site", "day", target)}


FITTED: dict[str, Any] = {}


def see(table: dict[str, Any], target: str, fit: dict[str, Any], **options: Any) -> tuple[Any, Boundary]:
    saved = FITTED.get(f"{target} {fit}")
    if saved is None:
        saved = FITTED[f"{target} {fit}"] = rightfit.fit(part(table, target), target, strengths=8, folds=3, **fit)
    seen = saved.boundary(part(table, target), **options)
    found = seen.run.views.boundary
    assert found is not None
    return seen, found


@pytest.mark.parametrize(
    ("target", "fit"),
    [
        ("price", {"penalty": "lasso"}),
        ("sold", {"learners": "tree", "settings": {"tree.min_samples_leaf": 5}}),
        ("sold", {"penalty": "ridge"}),
        ("kind", {"penalty": "ridge"}),
        ("price", {"learners": "forest", "settings": {"forest.n_estimators": 8}}),
    ],
    ids=["numbers", "tree", "two classes", "three classes", "lassoed forest"],
)
@pytest.mark.parametrize("columns", [("age", "size"), ("site", "age")])
def test_heights_are_the_predictions_of_the_run(
    table: dict[str, Any], target: str, fit: dict[str, Any], columns: tuple[str, str]
) -> None:
    saved, view = see(table, target, fit, columns=columns, beside=())
    own, (first, second) = view.planes[0], view.sides
    assert len(view.planes) == 1 and (first.name, second.name) == columns
    values = [side.levels or tuple(side.values) for side in view.sides]
    m1, m2 = map(len, values)
    frame = {name: [None if words == "no value" else words] * (m1 * m2) for name, words in view.held.items()}
    frame |= {name: list(map(float, held)) for name, held in frame.items() if name in ("age", "size", "noise")}
    frame |= {columns[0]: list(values[0]) * m2, columns[1]: [v for v in values[1] for _ in range(m1)]}
    answer = saved.predict(pl.DataFrame(frame).with_columns(pl.col("day").str.slice(0, 10).str.to_date()))
    height, span = own.height[own.step].ravel().astype(float) / 255, own.high - own.low
    if target == "price":
        said = answer["prediction"].to_numpy()
        inside = (said > own.low) & (said < own.high)
        assert inside.any()
        # numbers that are held are told in four digits
        np.testing.assert_allclose((own.low + height * span)[inside], said[inside], atol=span / 400 + 0.02)
    else:
        share = answer.select(pl.selectors.starts_with("probability")).to_numpy()
        wanted = share.max(axis=1) if target == "kind" else share[:, 1]
        np.testing.assert_allclose(height, wanted, atol=0.004)
        label = answer["prediction"].to_list()
        mine = own.label[own.step].ravel() if target == "kind" else (height > 0.5).astype(int)
        clear = np.abs(np.sort(share, axis=1)[:, -1] - np.sort(share, axis=1)[:, -2]) > 0.01
        assert [view.classes[c] for c in mine[clear]] == list(np.array(label)[clear])
    assert own.loss[own.step] == pytest.approx(saved.run.curve.mean[saved.run.choice.step])


def test_two_that_matter_most_and_families_beside(table: dict[str, Any], tmp_path: Path) -> None:
    saved, view = see(table, "sold", {"penalty": "lasso"})
    assert {side.name for side in view.sides} == {"age", "size"}
    assert [plane.name for plane in view.planes] == ["the run's model", "linear", "tree", "kernel"]
    for plane in view.planes:
        assert plane.height.dtype == np.uint8 and plane.height.shape == (len(plane.strengths), 51, 51)
        assert np.all(np.diff(plane.strengths) < 0) and np.isfinite(plane.loss).all()
        assert np.argmin(plane.loss) == plane.step or plane.name == "the run's model"
    linear, tree, kernel = view.planes[1:]
    assert np.nanmax(linear.joint) < 1e-9 and np.nanmax(tree.joint) > 0.01 and np.nanmax(kernel.joint) > 0.01
    assert linear.regions.max() <= 2
    words = " ".join(view.sentences)
    assert "do not act together" in words and f"kernel {kernel.loss[kernel.step]:.3g}" in words
    saved.save(tmp_path / "run.rightfit")
    again = rightfit.load(tmp_path / "run.rightfit").run.views.boundary
    assert again is not None and again.sentences == view.sentences
    np.testing.assert_array_equal(again.planes[2].height, tree.height)
    twice = saved.boundary(part(table, "sold"), beside=("kernel",)).run.views.boundary
    np.testing.assert_array_equal(twice.planes[1].height, kernel.height)
    np.testing.assert_array_equal(twice.sides[0].rows, view.sides[0].rows)


def test_what_cannot_be_a_side_is_named(table: dict[str, Any]) -> None:
    saved = rightfit.fit(part(table, "price"), "price", strengths=6, penalty="ridge", folds=3)
    for options, error, words in (
        ({"columns": ("age", "ages")}, ColumnError, "no column 'ages'"),
        ({"columns": ("age", "day")}, OptionError, "'day' is a date column"),
        ({"columns": ("age",)}, OptionError, "two different columns"),
        ({"columns": ("age", "site = north"), "beside": ("bush",)}, OptionError, "no family 'bush'"),
    ):
        with pytest.raises(error, match=words):
            saved.boundary(part(table, "price"), **options)
    alone = {"age": table["age"], "price": table["price"]}
    seen = rightfit.fit(alone, "price", strengths=6, penalty="ridge", folds=3).views(
        alone, options={"bias-variance": {"models": 6}}
    )
    assert "fewer than two columns" in seen.run.views.missing["boundary"]
    assert "is no network" in seen.run.views.missing["dropout"]
    assert "is no network" in seen.run.views.missing["information"]


def test_kernel_ridge_is_the_closed_form() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(45, 2))
    y = np.sin(2 * x[:, 0]) * x[:, 1] + 0.1 * rng.normal(size=45)
    weight = np.ones(45)
    weight[:5] = 0
    problem = Problem(make_design(x), y, Squared(), np.zeros(45))
    path = Kernel(landmarks=100, count=8).fit_paths(problem, Resamples.full(weight))[0]
    own = slice(5, None)
    z = Inputs.of(make_design(x[own]), np.full((40, 1), 1 / 40))[0].read(make_design(x))
    rng = np.random.default_rng([0, 67])
    first, second = rng.integers(40, size=(2, 2000))
    apart = np.linalg.norm(z[own][first] - z[own][second], axis=1)
    distance = np.median(apart[apart > 0])
    kernel = np.exp(-((z[:, None] - z[None, own]) ** 2).sum(axis=2) / (2 * distance**2))
    said = path.predict(make_design(x))[:, :, 0]
    for k, strength in enumerate(path.strengths):
        if strength <= 0:
            continue
        # mean squares / 2 + strength / 2 |f|^2, with a free constant
        system = np.block(
            [[kernel[own] + 40 * strength * np.eye(40), np.ones((40, 1))], [np.ones((1, 40)), np.zeros((1, 1))]]
        )
        solved = np.linalg.solve(system, np.append(y[own], 0.0))
        np.testing.assert_allclose(said[k], kernel @ solved[:-1] + solved[-1], atol=2e-4)


def test_parts_and_interactions_are_counted() -> None:
    a, b = np.meshgrid(np.linspace(-1, 1, 22), np.linspace(-1, 1, 22))
    assert count_regions((a * b > 0).astype(int)) == 4 and count_regions((a > 0).astype(int)) == 2
    assert count_regions(np.zeros((5, 5))) == 1
    assert share_jointly((a + np.exp(b))[..., None]) < 1e-20
    assert share_jointly((a * b)[..., None]) == pytest.approx(1)
    assert share_jointly((a + a * b)[..., None]) == pytest.approx((b**2).mean() / (1 + (b**2).mean()))
    assert np.isnan(share_jointly(np.ones((4, 4, 1))))
    np.testing.assert_array_equal(as_bytes(np.array([-9.0, 0, 0.5, 1, np.nan]), 0, 1), [0, 0, 128, 255, 0])
