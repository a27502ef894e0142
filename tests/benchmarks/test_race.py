"""The benchmark judges fairly: certificates of anybody's coefficients, equal accuracy, times of finished runs alone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ours, table
from benchmarks.accuracy import certify
from benchmarks.contestant import BOOK, Found, NotOffered, enter
from benchmarks.environment import requirements
from benchmarks.race import Entry, Race
from benchmarks.workloads import CHECKED, FULL, QUICK, STEPS, Workload, prepare, read, steepest


def small(name: str) -> Workload:
    return QUICK[name]().corner(200, 30)


@pytest.mark.parametrize("name", ["mini", "mini_sparse", "mini_logit", "mini_poisson", "mini_multinomial"])
def test_the_certificate_finds_what_is_wrong(name: str) -> None:
    work = small(name)
    strengths = work.strengths[CHECKED]
    loose, tight = (ours.path(work, tolerance) for tolerance in (1e-2, 1e-10))
    assert tight.coef is not None and tight.intercept is not None and loose.coef is not None
    best = certify(work, strengths, tight.coef, tight.intercept, free=work.intercept)
    assert best.largest_gap() < 1e-9
    for coef in (loose.coef, tight.coef * 1.02, np.zeros_like(tight.coef)):
        other = certify(work, strengths, coef, tight.intercept, free=work.intercept)
        left = other.excess(best.lower)
        assert -1e-12 <= left <= other.largest_gap() + 1e-12
    assert certify(work, strengths, tight.coef * 1.02, tight.intercept, free=work.intercept).excess(best.lower) > 1e-6


def test_an_intercept_that_is_off_costs_what_it_costs() -> None:
    work = small("mini_poisson")
    strengths, found = work.strengths[CHECKED], ours.path(work, 1e-10)
    assert found.coef is not None and found.intercept is not None
    off = certify(work, strengths, found.coef, found.intercept + 0.01, free=True)
    right = certify(work, strengths, found.coef, found.intercept, free=True)
    assert np.all(off.gap - right.gap > 0.9 * (off.objective - right.objective)) and np.all(
        off.objective > right.objective
    )


def test_a_group_lasso_has_a_certificate_too() -> None:
    work = small("mini_group")
    zeros = np.zeros((1, work.X.shape[1], 1)), np.zeros((1, 1))
    assert certify(work, work.strengths[:1], *zeros, free=False).largest_gap() < 1e-9
    assert certify(work, work.strengths[-1:], *zeros, free=False).largest_gap() > 1e-2


@pytest.mark.parametrize("name", QUICK)
def test_workloads_are_seeded_and_start_where_all_are_zero(name: str, tmp_path: Path) -> None:
    work, again = QUICK[name](), read(prepare(name, tmp_path))
    assert abs(work.X - again.X).sum() == 0 and np.array_equal(work.y, again.y) and len(work.strengths) == STEPS
    assert np.all(np.diff(work.strengths) < 0)
    if work.l1_ratio:
        assert steepest(work) == pytest.approx(work.strengths[0])
    assert sorted(np.bincount(work.fold)) == sorted(np.bincount(np.arange(len(work.y)) % 10))
    assert set(FULL).isdisjoint(QUICK) and len(FULL) == 12


def test_leave_one_out_is_exact() -> None:
    work = replace(QUICK["mini_ridge"]().corner(40, 30), strengths=np.geomspace(1, 1e-3, 6))
    found = ours.leave_one_out(work, 0.0)
    lost = np.zeros(6)
    for row in range(40):
        keep = np.arange(40) != row
        X, y = work.X[keep], work.y[keep]
        centre, level = X.mean(axis=0), y.mean()
        for k, strength in enumerate(work.strengths):
            matrix = (X - centre).T @ (X - centre) + 40 * strength * np.eye(30)
            coef = np.linalg.solve(matrix, (X - centre).T @ (y - level))
            lost[k] += (work.y[row] - level - (work.X[row] - centre) @ coef) ** 2
    assert found.chosen == work.strengths[int(np.argmin(lost))]


def test_a_race_runs_each_in_its_own_process_and_says_who_cannot(tmp_path: Path) -> None:
    folder = prepare("mini", tmp_path / "data")
    entries = [
        Entry("rightfit", "path", "ours", (1e-6,), sys.executable),
        Entry("rightfit", "cv", "ours", (1e-6,), sys.executable),
        Entry("rightfit", "loo", "ours", (0.0,), sys.executable),
        Entry("nobody", "path", "nowhere", (1e-4,), sys.executable),
    ]
    standings = {(s.entry.library, s.entry.task): s for s in Race(read(folder), folder, 120, 2, tmp_path).run(entries)}
    path, folds = standings["rightfit", "path"], standings["rightfit", "cv"]
    assert path.excess is not None and path.excess <= 1e-6 and len(path.seconds) == 2 == len(folds.seconds)
    assert folds.tolerance == 1e-6 and folds.chosen in read(folder).strengths
    assert ("rightfit", "loo") not in standings  # not offered for a lasso
    assert "nowhere" in standings["nobody", "path"].why
    record = {
        "workload": "mini",
        "shape": [2000, 100],
        "bytes": 1,
        "standings": [s.record() for s in standings.values()],
    }
    json.dumps(record)
    lines = table.workload_lines(record)
    assert lines[0].startswith("mini: 2,000 x 100") and any("nobody" in line and "nowhere" in line for line in lines)
    assert table.summary_lines([record])[1].startswith("mini")


def test_the_book_names_every_library_once_a_task() -> None:
    import benchmarks.glmnet
    import benchmarks.peers

    assert benchmarks.glmnet and benchmarks.peers
    libraries = {library for library, _ in BOOK}
    assert {"rightfit", "glmnet", "scikit-learn", "adelie", "celer", "skglm", "glum"} <= libraries
    pinned = {line.partition("==")[0] for line in requirements() if "==" in line}
    assert pinned == {"scikit-learn", "adelie", "celer", "skglm", "glum", "imodels"}

    @enter("a test's", "path", 1.0)
    def refuse(work: Workload, tolerance: float) -> Found:
        raise NotOffered("never")

    assert BOOK.pop(("a test's", "path")).run is refuse
