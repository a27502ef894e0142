"""Ctrl-C ends a fit within about two seconds, in a sentence, with exit code 130 and no half-written file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.cli.progress import Progress
from rightfit.data.table import from_frame
from rightfit.search.fit import fit_table
from rightfit.search.options import make_options

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="Ctrl-C is sent as POSIX systems send it")

SLOW = """
import sys, time
import rightfit.search.contest as contest
from rightfit.cli import main
whole = contest.walk_one
def walk_one(problem, resamples, proposal, options):
    if proposal.own["l1_ratio"] == float(sys.argv[1]):
        print("there", flush=True)
        {wait}
    return whole(problem, resamples, proposal, options)
contest.walk_one = walk_one
sys.exit(main(sys.argv[2:]))
"""
IN_PYTHON = "time.sleep(60)"
# one call into compiled code, during which Python cannot look at Ctrl-C
IN_COMPILED_CODE = "import hashlib; hashlib.pbkdf2_hmac('sha512', b'a', b'b', 40_000_000)"


def table(folder: Path) -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(80, 4))
    frame = pl.DataFrame({f"x{j}": x[:, j] for j in range(4)})
    frame.with_columns(y=pl.Series(x[:, 0] + 0.1 * chance.normal(size=80))).write_csv(folder / "t.csv")


def stop(folder: Path, wait: str, share: float, *words: str, presses: int = 1) -> tuple[int, str, str, float]:
    """Exit code, stdout, stderr, and seconds from Ctrl-C to the end."""
    program = [sys.executable, "-c", SLOW.format(wait=wait), str(share), "fit", "t.csv", "--target", "y"]
    quick = ["--strengths", "10", "--folds", "3", "--learners", "linear"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    home = {**os.environ, "PYTHONPATH": str(Path(rightfit.__file__).resolve().parents[1])}
    with subprocess.Popen([*program, *quick, *words], cwd=folder, env=home, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        time.sleep(0.2)
        start = time.perf_counter()
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err, time.perf_counter() - start


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("wait", [IN_PYTHON, IN_COMPILED_CODE], ids=["python", "compiled code"])
def test_ctrl_c_ends_soon_with_a_sentence(wait: str, tmp_path: Path) -> None:
    table(tmp_path)
    code, out, err, seconds = stop(tmp_path, wait, 1.0)
    assert code == 130 and seconds < 4
    assert "stopped by Ctrl-C; nothing was saved" in err
    assert "Traceback" not in err + out
    assert left(tmp_path) == {"t.csv"}


def test_ctrl_c_is_said_in_json(tmp_path: Path) -> None:
    table(tmp_path)
    code, out, err, _ = stop(tmp_path, IN_COMPILED_CODE, 1.0, "--json", "--quiet")
    assert code == 130 and err == ""
    assert json.loads(out)["error"]["exit_code"] == 130


def test_one_ctrl_c_keeps_the_paths_that_are_done(tmp_path: Path) -> None:
    table(tmp_path)
    code, out, err, _ = stop(tmp_path, IN_PYTHON, 0.5)
    assert code == 130 and "finishing with the paths that are done" in err and "Traceback" not in err + out
    assert left(tmp_path) == {"t.csv", "t.rightfit", "t-report.html"}
    assert [c.name for c in rightfit.load(tmp_path / "t.rightfit").run.candidates] == ["lasso"]


def test_two_leave_at_once(tmp_path: Path) -> None:
    table(tmp_path)
    code, out, err, seconds = stop(tmp_path, IN_COMPILED_CODE, 0.5, presses=2)
    assert code == 130 and seconds < 4 and "Traceback" not in err + out
    assert left(tmp_path) == {"t.csv"}


def test_a_walk_is_heard_of_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightfit.search.walk._PAUSE", 0.0)
    chance = np.random.default_rng(1)
    x = chance.normal(size=(60, 3))
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": (x[:, 0] > 0.3).astype(int)})
    heard: list[tuple[str, float]] = []
    options = make_options(target="y", strengths=8, folds=3, l1_ratio=(1.0, 0.5))
    fit_table(from_frame(frame), options, lambda stage, done, total, message: heard.append((stage, done / total)))
    places = [place for _, place in heard]
    assert places == sorted(places) and places[-1] <= 1
    assert len({place for stage, place in heard if stage == "walk"}) > 20
    assert [stage for stage, _ in heard].count("walked") == 2


def test_a_log_hears_of_a_long_stage_again(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(np.arange(0, 100, 3.0).tolist())
    monkeypatch.setattr("rightfit.cli.progress.time.perf_counter", lambda: next(clock))
    with Progress(quiet=False) as progress:
        for k in range(10):
            progress("walk", k, 10, "walking")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and lines[0].endswith("0 %  walking") and lines[-1].endswith("80 %  walking")
