"""Categories of real tables as groups: all levels of one enter together, and are never spread out as dense columns."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rightfit.cli import main
from rightfit.contracts import Loss, Problem
from rightfit.data import stacked_design
from rightfit.data.encode import encode, list_features
from rightfit.data.schema import check_frame, infer_schema
from rightfit.learners.linear import Linear
from rightfit.losses.logistic import Logistic
from rightfit.losses.squared import Squared
from rightfit.penalties.group import Group
from rightfit.records import Resamples, Run
from rightfit.store.file import load
from tests.shared import shared_data

HOUSES = [
    "price",
    "area",
    "Neighborhood",
    "MS.Zoning",
    "Bldg.Type",
    "House.Style",
    "Foundation",
    "Heating.QC",
    "Year.Built",
]


def fitted(folder: Path, table: pl.DataFrame, target: str, *words: str) -> Run:
    table.write_csv(folder / "table.csv")
    run = folder / "table.rightfit"
    given = ["fit", str(folder / "table.csv"), "--target", target, "--penalty", "group", "-o", str(run), "--no-report"]
    assert main([*given, "--folds", "3", "--strengths", "15", "--quiet", *words]) == 0
    return load(run)


def assert_together(run: Run) -> set[str]:
    """At every penalized step all that is made of a column is in, or nothing is. Who is in at the chosen step."""
    sources = np.array([feature.source for feature in run.features])
    assert max(np.unique(sources, return_counts=True)[1]) > 5
    spread = run.trace.scale > 0
    chosen: set[str] = set()
    entered = 0
    for k in np.flatnonzero(run.trace.strengths > 0):
        used = run.trace.coef(k).any(axis=1)
        for source in np.unique(sources[spread]):
            own = used[spread & (sources == source)]
            assert own.all() or not own.any(), (source, k)
            entered += own.any()
            if own.any() and k == run.choice.step:
                chosen.add(str(source))
    assert entered > 10
    assert run.trace.gap.max() <= 1e-6
    return chosen


def test_houses(tmp_path: Path) -> None:
    table = pl.read_csv(shared_data("ames_housing"), infer_schema_length=None).sample(500, seed=1).select(HOUSES)
    run = fitted(tmp_path, table, "price")
    assert run.task.kind == "regression"
    assert {"area", "Neighborhood"} <= assert_together(run)
    assert run.comparison.gain[0] > 5 * run.comparison.gain_error[0]
    new = table.head(40).drop("price").with_columns(Neighborhood=pl.lit("Atlantis"))
    new.write_csv(tmp_path / "new.csv")
    out = tmp_path / "predicted.csv"
    assert (
        main(["predict", str(tmp_path / "table.rightfit"), str(tmp_path / "new.csv"), "-o", str(out), "--quiet"]) == 0
    )
    assert 50_000 < pl.read_csv(out)["prediction"].mean() < 500_000


def test_credit(tmp_path: Path) -> None:
    table = pl.read_csv(shared_data("credit_data"), infer_schema_length=None, null_values=["", "NA"]).sample(
        700, seed=1
    )
    run = fitted(tmp_path, table, "Status")
    assert run.task.kind == "classes"
    assert {"Records", "Job"} <= assert_together(run)
    assert run.diagnostics.figures["AUC"] > 0.7


@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=lambda loss: loss.name)
def test_many_levels_stay_sparse(loss: Loss) -> None:
    """The working memory of a fit is a small part of what the levels would take as dense columns."""
    n, levels = 30_000, 300
    rng = np.random.default_rng(0)
    level = rng.integers(0, levels, n)
    eta = rng.normal(size=levels)[level]
    y = eta + rng.normal(size=n) if loss.quadratic else (eta + rng.logistic(size=n) > 0).astype(float)
    frame = pl.DataFrame({"shop": [f"s{k}" for k in level], "size": rng.normal(size=n), "y": y})
    schema, _ = infer_schema(frame, target="y", levels=1000)
    design = encode(check_frame(frame, schema)[0], schema)
    groups = np.array([feature.group for feature in list_features(schema)])
    assert design.p == levels + 1
    assert n * levels > stacked_design.SMALL  # else a dense copy is made, which is faster
    problem = Problem(design, y, loss, np.zeros(n))
    tracemalloc.start()
    try:
        learner = Linear(Group(groups), count=6, ratio=1e-3)
        trace = learner.fit_paths(problem, Resamples.full(np.ones(n)))[0].trace()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert trace.nonzero()[-1] == levels + 1
    assert trace.gap.max() <= 1e-6
    assert peak < 0.3 * 8 * n * levels, f"{peak / 1e6:.0f} MB of {8 * n * levels / 1e6:.0f}"
