"""Times rightfit against scikit-learn at equal certified accuracy: ``make bench``, see benchmarks/README.md."""

from __future__ import annotations

import os
import sys

# One BLAS thread, and the kernels that OpenBLAS would choose by itself: both are read when numpy is imported.
os.environ.pop("OPENBLAS_CORETYPE", None)
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import json
import platform
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

from benchmarks.accuracy import Answer, Bounds, bounds, excess
from benchmarks.contestants import Contestant, rightfit, scikit_learn, walk
from benchmarks.workloads import Workload, workloads

TARGET = 1e-6
"""Certified excess, relative to the null loss, that an answer must reach."""
LADDER = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)
"""Tolerances that a peer gets, one after the other, until it is accurate enough."""
PATIENCE = 20.0
"""Seconds for one run of a peer beyond which no tighter tolerance is tried."""


def fastest(contestant: Contestant, work: Workload, tolerance: float, repeats: int) -> tuple[float, Answer]:
    """The least wall time of several runs, in seconds, and the answer."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        answer = contestant(work, tolerance)
        best = min(best, time.perf_counter() - start)
    return best, answer


def peer(work: Workload, bound: Bounds, repeats: int) -> dict[str, float | bool]:
    """scikit-learn at the first tolerance that is accurate enough, or at its most accurate one."""
    closest: dict[str, float | bool] = {}
    for tolerance in LADDER:
        seconds, answer = fastest(scikit_learn, work, tolerance, 1)
        left = excess(work, answer, bound)
        if not closest or left < closest["excess"]:
            closest = {"seconds": seconds, "excess": left, "tolerance": tolerance, "accurate": left <= TARGET}
        if closest["accurate"] or seconds > PATIENCE:
            break
    if closest["accurate"] and repeats > 1:
        again, _ = fastest(scikit_learn, work, float(closest["tolerance"]), repeats - 1)
        closest["seconds"] = min(float(closest["seconds"]), again)
    return closest


def measure(work: Workload, repeats: int) -> dict[str, object]:
    """One line of the table."""
    if work.folds:  # the bound is wanted at every strength that a choice may fall on
        tight, gap = walk(Workload(work.name, work.X, work.y, work.loss, work.l1_ratio, work.strengths), 1e-9)
    else:
        tight, gap = walk(work, 1e-9)
    bound = bounds(work, tight, gap)
    seconds, answer = fastest(rightfit, work, TARGET, repeats)
    left = excess(work, answer, bound)
    ours = {"seconds": seconds, "excess": left, "tolerance": TARGET, "accurate": left <= TARGET * 1.01}
    return {"workload": work.name, "rightfit": ours, "scikit-learn": peer(work, bound, repeats)}


def main() -> int:
    """Run the workloads, print the table, write the JSON; 1 if rightfit missed its own accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="run the workloads whose name contains this")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()

    import numpy
    import scipy
    import sklearn

    import rightfit as package

    print(f"{'':20} {'rightfit':>10} {'scikit-learn':>13} {'ratio':>7}   excess, rightfit and scikit-learn")
    lines = []
    for work in workloads():
        if options.only not in work.name:
            continue
        line = measure(work, options.repeats)
        lines.append(line)
        ours, theirs = line["rightfit"], line["scikit-learn"]
        assert isinstance(ours, dict) and isinstance(theirs, dict)
        ratio = theirs["seconds"] / ours["seconds"]
        remark = "" if theirs["accurate"] else "  (scikit-learn never gets to 1e-6)"
        print(
            f"{work.name:20} {ours['seconds']:8.3f} s {theirs['seconds']:11.3f} s {ratio:6.1f}x"
            f"   {ours['excess']:.0e} {theirs['excess']:.0e}{remark}",
            flush=True,
        )
    record = {
        "versions": {
            "rightfit": package.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "blas_threads": 1,
        "target": TARGET,
        "lines": lines,
    }
    out = ROOT / "benchmarks" / "out"
    out.mkdir(exist_ok=True)
    target = out / time.strftime("bench-%Y%m%d-%H%M%S.json")
    target.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    missed = [line["workload"] for line in lines if not line["rightfit"]["accurate"]]  # type: ignore[index]
    if missed:
        print(f"rightfit missed its own accuracy: {', '.join(map(str, missed))}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
