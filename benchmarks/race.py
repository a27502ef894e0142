"""Runs of one workload: who reaches the target at which tolerance, then rounds in which everybody runs once."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import Certified, certify
from benchmarks.workloads import CHECKED, Workload

ROOT = Path(__file__).resolve().parents[1]
TARGET = 1e-6
"""Certified excess, relative to the constant model, that an answer must reach."""
TIGHT = 1e-9
"""Tolerance of the untimed run of rightfit that bounds the optimum from below."""


@dataclass(frozen=True)
class Entry:
    """A contestant at one task, and the interpreter that it runs in."""

    library: str
    task: str
    module: str
    tolerances: tuple[float, ...]
    python: str


@dataclass
class Standing:
    """What is known of one contestant so far."""

    entry: Entry
    tolerance: float = 0.0
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    excess: float | None = None
    gap: float | None = None
    chosen: float | None = None
    why: str = ""
    """Why there is no time, or what is to be known about it."""
    ran: bool = False

    def record(self) -> dict[str, Any]:
        """As the JSON keeps it."""
        return {
            "library": self.entry.library,
            "task": self.entry.task,
            "tolerance": self.tolerance,
            "seconds": statistics.median(self.seconds) if self.seconds else None,
            "runs": self.seconds,
            "peak_bytes": max(self.peaks, default=None),
            "excess": self.excess,
            "gap": self.gap,
            "accurate": self.excess is not None and self.excess <= TARGET * 1.01,
            "chosen": self.chosen,
            "why": self.why,
        }


@dataclass
class Race:
    """One workload."""

    work: Workload
    folder: Path
    limit: float
    repeats: int
    scratch: Path
    lower: np.ndarray | None = None

    def run(self, entries: list[Entry]) -> list[Standing]:
        """Tolerances are found on paths; cross-validation then runs at the tolerance of its library's path."""
        self.lower = self._bound(entries)
        standings = [Standing(entry) for entry in entries]
        for standing in standings:
            if standing.entry.task != "cv":
                self._qualify(standing)
        found = {s.entry.library: s for s in standings if s.entry.task == "path"}
        for standing in standings:
            if standing.entry.task == "cv":
                path = found.get(standing.entry.library)
                standing.tolerance = path.tolerance if path and path.ran else standing.entry.tolerances[0]
                standing.excess = path.excess if path else None
                standing.gap = path.gap if path else None
                self._time(standing)
        for _ in range(self.repeats - 1):
            for standing in standings:
                if standing.ran and standing.seconds and standing.seconds[0] < self.limit / 5:
                    self._time(standing)
        return [s for s in standings if s.ran or s.why]

    def _bound(self, entries: list[Entry]) -> np.ndarray | None:
        """(m,) lower bounds of the optima at the checked strengths, from a tight run."""
        for entry in entries:
            if entry.library == "rightfit" and entry.task == "path":
                result = self._start(entry, TIGHT, answer=True)
                certified = self._certify(result, entry)
                return None if certified is None else certified.lower
        return None

    def _qualify(self, standing: Standing) -> None:
        """Tighten the tolerance until the answer is accurate enough, or the time is up."""
        entry = standing.entry
        for tolerance in entry.tolerances:
            result = self._start(entry, tolerance, answer=True)
            if "seconds" not in result:
                standing.why = standing.why or self._reason(result)
                return
            certified = self._certify(result, entry)
            assert certified is not None
            left = self._judge(certified, alone=entry.task == "loo")
            if standing.excess is None or left < standing.excess:
                standing.tolerance, standing.excess, standing.gap = tolerance, left, certified.largest_gap()
                standing.ran, standing.chosen = True, result["chosen"]
                standing.seconds, standing.peaks = [result["seconds"]], [p for p in [result["peak"]] if p is not None]
            if left <= TARGET:
                return
        standing.why = f"never gets to {TARGET:g}"

    def _judge(self, certified: Certified, *, alone: bool) -> float:
        """The excess over the best lower bounds that anybody's certificates gave so far; ``alone``: over the own."""
        if alone:
            return certified.largest_gap()
        self.lower = certified.lower if self.lower is None else np.maximum(self.lower, certified.lower)
        return certified.excess(self.lower)

    def _time(self, standing: Standing) -> None:
        result = self._start(standing.entry, standing.tolerance, answer=False)
        if "seconds" not in result:
            standing.why = standing.why or self._reason(result)
            return
        standing.ran, standing.chosen = True, result["chosen"]
        standing.why = standing.why or str(result["note"] if "own folds" in result["note"] else "")
        standing.seconds.append(result["seconds"])
        standing.peaks += [p for p in [result["peak"]] if p is not None]

    def _reason(self, result: dict[str, Any]) -> str:
        return str(result.get("error") or (f"over {self.limit:g} s" if "timeout" in result else ""))

    def _certify(self, result: dict[str, Any], entry: Entry) -> Certified | None:
        if "answer" not in result:
            return None
        with np.load(result["answer"]) as answer:
            coef, intercept = answer["coef"], answer["intercept"]
        Path(result["answer"]).unlink()
        alone = entry.task == "loo"
        strengths = np.array([result["chosen"]]) if alone else self.work.strengths[CHECKED]
        return certify(self.work, strengths, coef, intercept, free=alone or self.work.intercept)

    def _start(self, entry: Entry, tolerance: float, *, answer: bool) -> dict[str, Any]:
        """One process; killed with all that it started once its time is up."""
        job = {"library": entry.library, "task": entry.task, "module": entry.module, "tolerance": tolerance}
        job |= {"folder": str(self.folder)}
        if answer:
            job["answer"] = tempfile.mktemp(suffix=".npz", dir=self.scratch)
        env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "PYTHONPATH")}
        env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
        env["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), *([str(ROOT / "src")] if entry.python == sys.executable else [])]
        )
        words = [entry.python, "-m", "benchmarks.job", json.dumps(job)]
        process = subprocess.Popen(
            words, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            out, err = process.communicate(timeout=self.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the group that was started here, R included
            process.communicate()
            return {"timeout": self.limit}
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        for line in reversed(out.splitlines()):
            if line.startswith("RESULT "):
                result: dict[str, Any] = json.loads(line[7:])
                return result
        return {"error": f"exit code {process.returncode}: {err.strip()[-200:]}"}
