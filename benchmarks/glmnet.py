"""glmnet in R, through Rscript."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.contestant import Found, enter, need
from benchmarks.workloads import CHECKED, Workload

_FAMILIES = {"squared": "gaussian", "logistic": "binomial", "poisson": "poisson", "multinomial": "multinomial"}
_TOLERANCES = (1e-7, 1e-9, 1e-11, 1e-13, 1e-15)
PROGRAM = os.environ.get("RSCRIPT", "Rscript")


@enter("glmnet", "path", *_TOLERANCES)
def path(work: Workload, tolerance: float) -> Found:
    """``glmnet()``"""
    return _call(work, "path", tolerance)


@enter("glmnet", "cv", *_TOLERANCES)
def cross_validate(work: Workload, tolerance: float) -> Found:
    """``cv.glmnet()``"""
    return _call(work, "cv", tolerance)


def _call(work: Workload, task: str, tolerance: float) -> Found:
    need(not work.group and work.l1_ratio > 0, "no group lasso, no leave-one-out")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(work, folder)
        n, p = work.X.shape
        script = Path(__file__).with_name("glmnet.R")
        words = [folder, folder, task, _FAMILIES[work.family], work.l1_ratio, tolerance, int(work.intercept), n, p]
        words += [int(sparse.issparse(work.X)), ",".join(str(k + 1) for k in CHECKED)]
        done = subprocess.run([PROGRAM, str(script), *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-500:])
        facts = dict(line.split("=", 1) for line in (folder / "result.txt").read_text().splitlines())
        seconds = float(facts["seconds"])
        peak = None if facts["peak"] == "NA" else int(float(facts["peak"]) * 1024)
        if task == "cv":
            return Found(seconds, chosen=float(facts["chosen"]), peak=peak)
        outputs = max(work.classes, 1)
        block = np.fromfile(folder / "coef.bin").reshape(len(CHECKED), outputs, p + 1)
        return Found(seconds, block[:, :, 1:].transpose(0, 2, 1).copy(), block[:, :, 0].copy(), peak=peak)


def _write(work: Workload, folder: Path) -> None:
    """Raw copies that R reads."""
    if sparse.issparse(work.X):
        work.X.data.astype("<f8").tofile(folder / "X-data.bin")
        work.X.indices.astype("<i4").tofile(folder / "X-indices.bin")
        work.X.indptr.astype("<i4").tofile(folder / "X-indptr.bin")
    else:
        with (folder / "X.bin").open("wb") as stream:
            for j in range(work.X.shape[1]):
                stream.write(np.ascontiguousarray(work.X[:, j]).astype("<f8").tobytes())
    work.y.astype("<f8").tofile(folder / "y.bin")
    work.strengths.astype("<f8").tofile(folder / "strengths.bin")
    (work.fold + 1).astype("<i4").tofile(folder / "fold.bin")
