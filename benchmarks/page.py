"""The table of docs/benchmarks.md from what runs have kept: ``python -m benchmarks.page RESULTS.json [MORE.json ...]``.

Later files replace what earlier ones have of the same library, task and workload, so that a part can be measured again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
"""What the page shows."""
START, END = "<!-- table: python -m benchmarks.page -->", "<!-- end of table -->"
_TASKS = {"path": "path", "cv": "10 folds", "loo": "leave-one-out"}


def merge(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Several runs on one machine as one; ValueError where they do not belong together."""
    first = runs[0]
    for run in runs[1:]:
        for fact in ("processor", "threads", "clock", "target"):
            if run[fact] != first[fact]:
                raise ValueError(f"{fact} differs: {first[fact]!r} and {run[fact]!r}")
    workloads: dict[str, dict[str, Any]] = {}
    for run in runs:
        for record in run["workloads"]:
            held = workloads.setdefault(record["workload"], {**record, "standings": []})
            new = {(row["library"], row["task"]) for row in record["standings"]}
            kept = [row for row in held["standings"] if (row["library"], row["task"]) not in new]
            held["standings"] = kept + record["standings"]
    versions = {name: version for run in runs for name, version in run["versions"].items()}
    return {**first, "versions": versions, "workloads": list(workloads.values())}


def rows(results: dict[str, Any]) -> list[str]:
    """Of the table in Markdown: rightfit beside the fastest peer that is as accurate."""
    out = [
        "| workload | rows x columns | task | rightfit | best peer, as accurate | times faster | memory above data |",
        "|---|---|---|---|---|---|---|",
    ]
    for record in results["workloads"]:
        n, p = record["shape"]
        for task, words in _TASKS.items():
            mine = [row for row in record["standings"] if row["task"] == task and row["seconds"] is not None]
            ours = next((row for row in mine if row["library"] == "rightfit"), None)
            peers = [r for r in mine if r["library"] != "rightfit" and (r["accurate"] or task == "loo")]
            best = min(peers, key=lambda row: float(row["seconds"]), default=None)
            if ours is None:
                continue
            beside = f"{best['library']} {_seconds(best)}" if best else "none ended"
            times = f"{best['seconds'] / ours['seconds']:.1f}" if best else ""
            memory = f"{ours['peak_bytes'] / record['bytes']:.2f} x" if ours["peak_bytes"] is not None else ""
            cells = [f"`{record['workload']}`", f"{n:,} x {p:,}", words, _seconds(ours), beside, times, memory]
            out.append("| " + " | ".join(cells) + " |")
    return out


def _seconds(row: dict[str, Any]) -> str:
    return f"{row['seconds']:.3g} s"


def lines(results: dict[str, Any]) -> list[str]:
    """The table and what belongs to it: machine, versions, clock."""
    raced = {row["library"] for record in results["workloads"] for row in record["standings"]}
    versions = {name: results["versions"].get(name) for name in (*sorted(raced), "numpy", "scipy", "python")}
    names = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    clock = {"processor": "processor's time, on a machine that others used too", "wall": "wall time"}[results["clock"]]
    rounds = "one round" if results["repeats"] == 1 else f"medians of {results['repeats']} rounds"
    return [
        *rows(results),
        "",
        f"{results['processor']}, one thread, {clock}, {rounds}; {names}.",
    ]


def main() -> int:
    """Keep the results and put the table into the page."""
    if len(sys.argv) > 1:
        runs = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
        RESULTS.write_text(json.dumps(merge(runs), indent=1) + "\n", encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = ROOT / "docs" / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(START)
    page.write_text("\n".join([before + START, "", *lines(results), "", END]) + rest.split(END)[1], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
