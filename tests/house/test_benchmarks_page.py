"""The table of docs/benchmarks.md is what was kept of the runs, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.page import END, RESULTS, START, lines, merge

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_is_what_was_measured() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    table = text.split(START)[1].split(END)[0].strip()
    assert table == "\n".join(lines(json.loads(RESULTS.read_text(encoding="utf-8"))))


def test_runs_that_do_not_belong_together_are_not_merged() -> None:
    run = {"processor": "a", "threads": 1, "clock": "wall", "target": 1e-6, "versions": {}, "workloads": []}
    with pytest.raises(ValueError, match="clock differs"):
        merge([run, {**run, "clock": "processor"}])


def test_a_part_that_is_measured_again_replaces_the_old_one() -> None:
    def run(seconds: float, *libraries: str) -> dict[str, object]:
        rows = [{"library": name, "task": "cv", "seconds": seconds} for name in libraries]
        record = {"workload": "tall", "shape": [1, 1], "bytes": 8, "standings": rows}
        same = {"processor": "a", "threads": 1, "clock": "wall", "target": 1e-6}
        return {**same, "versions": {}, "workloads": [record]}

    (record,) = merge([run(3.0, "rightfit", "glmnet"), run(1.0, "rightfit")])["workloads"]
    assert {row["library"]: row["seconds"] for row in record["standings"]} == {"rightfit": 1.0, "glmnet": 3.0}
