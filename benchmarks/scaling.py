"""How long a path takes as the table grows: ``python -m benchmarks.scaling``.

A lasso path of 50 strengths down to a hundredth of where all coefficients are zero, to a relative gap of 1e-6, on
tables of one kind that grow a thousandfold: rows at a fixed number of columns, and the non-zeros of a sparse table at a
fixed number a row. Linear cost is a fixed time a number: the last column compares it to that of the largest table.
Small tables take longer a number, since every step has a fixed cost.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Learner, Problem
from rightfit.data.design import make_design
from rightfit.records import Resamples

COLUMNS, SPARSE_COLUMNS, A_ROW, TRUE, STEPS = 50, 2_000, 20, 10, 50
ROWS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


def dense(rows: int, rng: np.random.Generator) -> np.ndarray:
    """(rows, COLUMNS), Fortran order."""
    return np.asfortranarray(rng.standard_normal((COLUMNS, rows)).T)


def thin(rows: int, rng: np.random.Generator) -> sparse.csc_array:
    """(rows, SPARSE_COLUMNS) with about A_ROW numbers a row."""
    count = rows * A_ROW
    places = (rng.integers(0, rows, count), rng.integers(0, SPARSE_COLUMNS, count))
    out = sparse.csc_array(sparse.coo_array((rng.standard_normal(count), places), shape=(rows, SPARSE_COLUMNS)))
    out.sort_indices()
    return out


def seconds(X: np.ndarray | sparse.csc_array, family: str, rng: np.random.Generator) -> float:
    """Processor time of one path."""
    eta = np.asarray(X[:, :TRUE] @ rng.uniform(0.5, 1.0, TRUE)).ravel()
    noisy = eta + rng.logistic(size=len(eta)) * max(eta.std(), 1e-3)
    y = (noisy > 0).astype(float) if family == "logistic" else noisy
    penalty, learner = catalog.find("penalties", "elastic_net"), catalog.find("learners", "linear")
    linear: Learner = learner(penalty=penalty(1.0), count=STEPS, ratio=0.01, standardize=False, tolerance=1e-6)
    problem = Problem(make_design(X), y, catalog.find("losses", family)(), np.zeros(len(y)))
    start = time.process_time()
    linear.fit_paths(problem, Resamples.full(np.ones(len(y))))
    return time.process_time() - start


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    print("| table | rows | numbers | seconds | a million numbers | of the largest's |")
    print("|---|---|---|---|---|---|")
    for name, make, family in (
        ("dense, squared", dense, "squared"),
        ("dense, logistic", dense, "logistic"),
        ("sparse, squared", thin, "squared"),
        ("sparse, logistic", thin, "logistic"),
    ):
        found = []
        for rows in ROWS:
            rng = np.random.default_rng(0)
            X = make(rows, rng)
            numbers = int(X.nnz if isinstance(X, sparse.csc_array) else X.size)
            repeats = 3 if rows < 100_000 else 1
            best = min(seconds(X, family, np.random.default_rng(1)) for _ in range(repeats))
            found.append((rows, numbers, best))
        last = found[-1][2] / found[-1][1]
        for rows, numbers, best in found:
            each = best / numbers
            print(
                f"| {name} | {rows:,} | {numbers:,} | {best:.3g} | {1e6 * each:.3g} s | {each / last:.2f} |", flush=True
            )


if __name__ == "__main__":
    main()
