"""rightfit beside other libraries at equal certified accuracy: ``make bench``, see benchmarks/README.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import benchmarks.glmnet
import benchmarks.ours
import benchmarks.peers
from benchmarks.contestant import BOOK, CLOCK
from benchmarks.environment import PYTHON
from benchmarks.race import TARGET, Entry, Race
from benchmarks.table import summary_lines, workload_lines
from benchmarks.workloads import FULL, QUICK, prepare, read

ROOT = Path(__file__).resolve().parents[1]
_MODULES = {"rightfit": "ours", "glmnet": "glmnet"}
_PACKAGES = {"adelie, Gram": "adelie", "scikit-learn": "sklearn"}


def versions(python: str, names: list[str]) -> dict[str, str]:
    """Of the packages that this interpreter can import."""
    program = (
        "import importlib.metadata as m, json, sys\n"
        "found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([python, "-c", program, *names], capture_output=True, text=True, check=False)
    found: dict[str, str] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found


def glmnet_version() -> str | None:
    """Where R and its glmnet are there."""
    if shutil.which(benchmarks.glmnet.PROGRAM) is None:
        return None
    words = [benchmarks.glmnet.PROGRAM, "-e", 'cat(as.character(packageVersion("glmnet")))']
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None if done.returncode == 0 else None


def entries(peers_python: str | None, only: list[str]) -> tuple[list[Entry], dict[str, str], list[str]]:
    """Who can run here; versions; and sentences about who cannot."""
    libraries = list(dict.fromkeys(library for library, _ in BOOK))
    here = versions(sys.executable, ["rightfit", "scikit-learn", "numpy", "scipy"])
    there = {} if peers_python is None else versions(peers_python, [_PACKAGES.get(name, name) for name in libraries])
    known = {**here, **there, "scikit-learn": here.get("scikit-learn", "")}
    r = glmnet_version()
    if r:
        known["glmnet"] = r
    able, missing = [], []
    for (library, task), contestant in BOOK.items():
        if only and library not in only and library != "rightfit":
            continue
        module = _MODULES.get(library, "peers")
        own = library in ("rightfit", "scikit-learn", "glmnet")
        package = _PACKAGES.get(library, library)
        if (library == "glmnet" and not r) or (not own and package not in there):
            if library not in missing:
                missing.append(library)
            continue
        python = sys.executable if own else str(peers_python)
        able.append(Entry(library, task, module, contestant.tolerances, python))
    return able, known, [f"{library} is not installed and is left out" for library in missing]


def main() -> int:
    """Run the workloads, print the table, write the JSON; 1 if rightfit missed its own accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the large workloads: hours, most of them the peers'")
    parser.add_argument("--only", default="", help="these workloads, with commas")
    parser.add_argument("--peers", default="", help="these peers alone, with commas")
    parser.add_argument("--no-peers", action="store_true", help="rightfit alone")
    parser.add_argument(
        "--repeats", type=int, help="rounds in which everybody runs once, for medians; 2, with --full 3"
    )
    parser.add_argument("--limit", type=float, help="seconds for one run; 30, with --full 600")
    parser.add_argument("--processor", action="store_true", help="processor's time, on a machine that others use too")
    parser.add_argument("--peers-python", help="interpreter that has the peers; that of benchmarks/.venv if not given")
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks" / "out" / "data", help="where data are kept")
    options = parser.parse_args()
    if options.processor:
        os.environ[CLOCK] = "1"
    book = {**QUICK, **FULL}
    names = [name for name in options.only.split(",") if name] or list(FULL if options.full else QUICK)
    unknown = [name for name in names if name not in book]
    if unknown:
        parser.error(f"there is no workload {unknown[0]!r}; choose from {', '.join(book)}")
    python = options.peers_python or (str(PYTHON) if PYTHON.exists() else None)
    able, known, missing = entries(
        None if options.no_peers else python, options.peers.split(",") if options.peers else []
    )
    if options.no_peers:
        able, missing = [entry for entry in able if entry.library == "rightfit"], []
    for sentence in missing:
        print(sentence)
    limit = options.limit or (600.0 if options.full else 30.0)
    options.repeats = options.repeats or (3 if options.full else 2)
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            folder = prepare(name, options.data)
            work = read(folder)
            race = Race(work, folder, limit, options.repeats, Path(scratch))
            standings = [standing.record() for standing in race.run(able)]
            size = work.X.data.nbytes + work.X.indices.nbytes if hasattr(work.X, "indptr") else work.X.nbytes
            records.append({"workload": name, "shape": work.X.shape, "bytes": int(size), "standings": standings})
            print("\n" + "\n".join(workload_lines(records[-1])), flush=True)
            del work, race
    print("\n" + "\n".join(summary_lines(records)))
    clock = "processor's time; " if options.processor else ""
    print(f"\nMedians of {options.repeats} rounds; {clock}one thread; at most {TARGET:g} over the optimum.")
    target = write(records, known, options)
    print(f"written to {os.path.relpath(target)}")
    missed = [r["workload"] for r in records if not _accurate(r)]
    if missed:
        print(f"rightfit missed its own accuracy: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def _accurate(record: dict[str, Any]) -> bool:
    ours = [row for row in record["standings"] if row["library"] == "rightfit" and row["seconds"] is not None]
    return all(row["accurate"] for row in ours)


def write(records: list[dict[str, Any]], known: dict[str, str], options: argparse.Namespace) -> Path:
    """The JSON of this run."""
    facts = {
        "versions": {**known, "python": platform.python_version()},
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": 1,
        "clock": "processor" if options.processor else "wall",
        "target": TARGET,
        "repeats": options.repeats,
        "workloads": records,
    }
    out = ROOT / "benchmarks" / "out"
    out.mkdir(parents=True, exist_ok=True)
    target = out / time.strftime("bench-%Y%m%d-%H%M%S.json")
    target.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return target


def _processor() -> str:
    with_names = Path("/proc/cpuinfo")
    if with_names.exists():
        for line in with_names.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
