"""One run of one contestant, in a process of its own: ``python -m benchmarks.job JSON``; the last line is its result.

Time and memory are those of the library's own call. Memory is the highest resident size during the call less the size
before it, with the data loaded and the libraries warm.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contestant import BOOK, Contestant, Found, NotOffered
from benchmarks.workloads import Workload, read

_STATUS = Path("/proc/self/status")


def main() -> int:
    """Run what the argument says."""
    job: dict[str, Any] = json.loads(sys.argv[1])
    importlib.import_module(f"benchmarks.{job['module']}")
    contestant = BOOK[job["library"], job["task"]]
    work = read(Path(job["folder"]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, peak = _run(contestant, work, job)
        result: dict[str, Any] = {"seconds": found.seconds, "peak": peak, "chosen": found.chosen, "note": found.note}
        if found.coef is not None and found.intercept is not None and job.get("answer"):
            np.savez(job["answer"], coef=found.coef, intercept=found.intercept)
            result["answer"] = job["answer"]
    except NotOffered as reason:
        result = {"not offered": str(reason)}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"[:400]}
    print("\nRESULT " + json.dumps(result), flush=True)
    return 0


def _run(contestant: Contestant, work: Workload, job: dict[str, Any]) -> tuple[Found, int | None]:
    if job["module"] != "glmnet":  # R starts anew each time: there is nothing to warm
        with suppress(Exception):
            contestant.run(work.corner(), job["tolerance"])
    before = _kilobytes("VmRSS")
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the highest size so far starts anew
    found = contestant.run(work, job["tolerance"])
    after = _kilobytes("VmHWM")
    if job["module"] == "glmnet":
        return found, found.peak
    return found, None if before is None or after is None else max(0, after - before) * 1024


def _kilobytes(name: str) -> int | None:
    if not _STATUS.exists():
        return None
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return None


if __name__ == "__main__":
    sys.exit(main())
