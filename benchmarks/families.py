"""Every family on six tables, by the command line: ``python -m benchmarks.families FOLDER``.

FOLDER holds the tables as ``NAME.csv.gz``. Each is fitted once with all families that are installed, within the time
budget that stands beside it, of five minutes at most (``--budget`` gives all tables another, ``--budget none`` none at
all). What is told comes from the JSON that ``rightfit fit --json`` prints: held-out loss with its standard error,
paired difference to the best family, the step that the rule takes, size, verdict, and seconds to fit on as many threads
as there are processors; and the seconds of the whole command, report included. The load of the machine at the beginning
stands beside them, since what a budget allows depends on it.

Results are added to ``benchmarks/out/families.json``, so that tables may be fitted one at a time (``--only``), and all
that is there is written as a table to ``benchmarks/out/families.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent / "out"
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "ames_housing": ("240s", ("--target", "price", "--id", "Order", "--id", "PID")),
    "credit_data": ("240s", ("--target", "Status")),
    "letter": ("300s", ("--target", "lettr")),
    "bike_hourly": (
        "300s",
        ("--target", "cnt", "--task", "counts", "--id", "instant", "--drop", "casual", "--drop", "registered"),
    ),
    "flights_2013": (
        "300s",
        (
            *("--target", "arr_delay", "--id", "tailnum", "--id", "flight"),
            *("--drop", "arr_time", "--drop", "air_time", "--drop", "dep_delay", "--drop", "dep_time"),
        ),
    ),
    "golub_leukemia": ("240s", ("--target", "class")),
}
"""The budget of each and what it is asked; columns that know the target are dropped."""


def fit(path: Path, words: tuple[str, ...], limit: float) -> dict[str, Any]:
    """What one fit printed, with its seconds and the load; its last words where it failed."""
    command = [sys.executable, "-c", "import sys; from rightfit.cli import main; sys.exit(main(sys.argv[1:]))"]
    with tempfile.TemporaryDirectory() as folder:
        load, start = os.getloadavg()[0], time.perf_counter()
        files = ("-o", f"{folder}/run.rightfit", "--report", f"{folder}/report.html")
        try:
            done = subprocess.run(
                [*command, "fit", str(path), *words, *files, "--json"], capture_output=True, text=True, timeout=limit
            )
        except subprocess.TimeoutExpired:
            return {"words": words, "load": load, "error": f"it had not ended after {limit:g} s"}
        spent = time.perf_counter() - start
        if done.returncode:
            return {"words": words, "load": load, "error": done.stderr.strip()[-500:]}
        told = json.loads(done.stdout.splitlines()[-1])
    kept = ("rows", "families", "stack", "verdict", "notes")
    return {"words": words, "load": load, "seconds": spent} | {name: told[name] for name in kept}


def as_markdown(found: dict[str, dict[str, Any]]) -> str:
    """A line for each table and family."""
    lines = [
        "| table | family | held-out loss | behind the best by | step | size | verdict | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in TABLES:
        record = found.get(name)
        if record is None:
            continue
        budget = f" within {record['budget']}" if record["budget"] != "none" else ""
        if "error" in record:
            lines.append(f"| {name}{budget} | | {record['error']} | | | | | |")
            continue
        title = f"{name} ({record['rows']:,} rows; {record['seconds']:.0f} s in all{budget}, load {record['load']:.1f})"
        for family in record["families"]:
            if not family["walked"]:
                lines.append(f"| {title} | {family['name']} | {family['reason']} | | | | | {family['seconds']:.0f} |")
                title = ""
                continue
            behind = (
                "" if not family["difference"] else f"{family['difference']:.3g} ± {family['difference_error']:.2g}"
            )
            size = "" if family["size"] == family["step"] else family["size"]
            taught = family["words"].rpartition(", taught by ")[2] if ", taught by " in family["words"] else ""
            size = "; ".join(filter(None, [size, taught and f"taught by {taught}"]))
            loss, seconds = f"{family['loss']:.4g} ± {family['error']:.2g}", f"{family['seconds']:.0f}"
            cells = (title, family["name"], loss, behind, family["step"], size, family["fit"], seconds)
            lines.append(f"| {' | '.join(cells)} |")
            title = ""
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, add to the file, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="tables by name, with commas")
    parser.add_argument("--budget", help="for every table, such as 60s, or none; its own where not given")
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which a fit is given up")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    file = OUT / "families.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    for name in options.only.split(",") if options.only else TABLES:
        own, words = TABLES[name]
        budget = options.budget or own
        asked = words if budget == "none" else (*words, "--time-budget", budget)
        found[name] = {"budget": budget} | fit(options.folder / f"{name}.csv.gz", asked, options.limit)
        file.write_text(json.dumps(found, indent=1))
        (OUT / "families.md").write_text(as_markdown(found))
        print(name, found[name].get("error") or f"{found[name]['seconds']:.0f} s", flush=True)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
