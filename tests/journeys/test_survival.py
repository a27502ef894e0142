"""Survival on a real table: fit, report, predictions and what is refused, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rightfit.cli import main
from tests.shared import shared_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The German breast cancer trial, with a made-up entry and stratum, and its run."""
    folder = tmp_path_factory.mktemp("survival")
    table = pl.read_csv(shared_data("gbsg_survival"))
    clinic = pl.Series("clinic", (["north", "south", "west"] * len(table))[: len(table)])
    table.with_columns(clinic, start=pl.col("rfstime") // 4).write_csv(folder / "trial.csv")
    words = ["fit", str(folder / "trial.csv"), "--target", "rfstime", "--event", "status", "--id", "pid"]
    more = ["--entry", "start", "--strata", "clinic", "--folds", "3", "--strengths", "12", "--penalty", "lasso"]
    files = ["-o", str(folder / "trial.rightfit"), "--report", str(folder / "report.html")]
    assert main([*words, *more, *files, "--holdout", "0.2", "--quiet"]) == 0
    return folder


def test_the_run_says_what_was_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder / "trial.rightfit"), "-o", str(folder / "again.html"), "--json"]) == 0
    capsys.readouterr()
    from rightfit.store.file import load

    run = load(folder / "trial.rightfit")
    assert (run.task.kind, run.task.loss) == ("survival", "cox")
    roles = {c.role: c.name for c in run.schema.columns if c.role != "feature"}
    assert roles == {"target": "rfstime", "event": "status", "entry": "start", "stratum": "clinic", "id": "pid"}
    assert not {"rfstime", "status", "start", "clinic", "pid"} & {f.source for f in run.features}
    assert run.comparison.gain[0] > 2 * run.comparison.gain_error[0]  # better than no model
    assert run.holdout is not None
    assert run.trace.gap.max() <= 1e-6
    assert 0.6 < run.diagnostics.figures["concordance"] < 0.75
    assert run.curve.metrics["concordance"].shape == run.curve.mean.shape
    assert "--event" in run.command
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "the time until an event" in page
    assert "concordance" in page


def test_predictions_are_relative_risks(folder: Path) -> None:
    new = pl.read_csv(folder / "trial.csv").drop("rfstime", "status", "start", "clinic")
    new.write_csv(folder / "new.csv")
    out = folder / "predicted.csv"
    assert main(["predict", str(folder / "trial.rightfit"), str(folder / "new.csv"), "-o", str(out), "--quiet"]) == 0
    answer = pl.read_csv(out)
    assert answer.columns[-2:] == ["prediction", "linear predictor"]
    np.testing.assert_allclose(answer["prediction"], np.exp(answer["linear predictor"]), rtol=1e-12)
    assert abs(answer["linear predictor"].mean()) < 0.1  # relative to the means of the training rows


def test_survival_at_chosen_times(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The baseline hazard is stored with the run: no training row is needed again."""
    table = pl.read_csv(folder / "trial.csv")
    table.drop("rfstime", "status", "start").head(50).write_csv(folder / "later.csv")
    run, out = str(folder / "trial.rightfit"), folder / "later-predicted.csv"
    assert main(["predict", run, str(folder / "later.csv"), "--times", "365,730.5", "-o", str(out), "--quiet"]) == 0
    answer = pl.read_csv(out)
    assert answer.columns == ["prediction", "linear predictor", "survival at 365", "survival at 730.5"]
    assert (answer["survival at 730.5"] <= answer["survival at 365"]).all()
    assert 0.3 < answer["survival at 730.5"].mean() < 0.95
    import rightfit

    saved = rightfit.load(run)
    again = saved.predict(pl.read_csv(folder / "later.csv"), times=[365, 730.5])
    np.testing.assert_allclose(answer["survival at 365"], again["survival at 365"], rtol=1e-12)
    # a stratum alone has a curve of its own: the same row elsewhere has another survival, and the same risk
    moved = saved.predict(pl.read_csv(folder / "later.csv").with_columns(clinic=pl.lit("west")), times=[365])
    assert (moved["prediction"] == again["prediction"]).all()
    assert (moved["survival at 365"] != again["survival at 365"]).any()
    new = table.head(3).with_columns(clinic=pl.lit("east"))
    new.write_csv(folder / "east.csv")
    table.head(3).drop("clinic").write_csv(folder / "nowhere.csv")
    for file, times, sentence in (
        ("east.csv", "365", "column 'clinic' has 'east' in row 0"),
        ("nowhere.csv", "365", "column 'clinic' is missing"),
        ("later.csv", "1e6", "--times: 1e+06 is too late"),
        ("later.csv", "-1", "--times: -1.0 is no time"),
        ("later.csv", "soon", "--times: 'soon' is no list of numbers"),
    ):
        capsys.readouterr()
        assert main(["predict", run, str(folder / file), "--times", times, "--json"]) > 0
        assert sentence in json.loads(capsys.readouterr().out)["error"]["message"]


def test_ties_are_told_and_kept(folder: Path, tmp_path: Path) -> None:
    from rightfit.store.file import load

    words = ["fit", str(folder / "trial.csv"), "--target", "rfstime", "--event", "status", "--drop", "start"]
    more = ["--folds", "2", "--strengths", "5", "--penalty", "lasso", "--no-report", "--quiet"]
    runs = {}
    for ties in ("breslow", "efron"):
        file = tmp_path / f"{ties}.rightfit"
        assert main([*words, *more, "--ties", ties, "-o", str(file)]) == 0
        runs[ties] = load(file)
        assert runs[ties].task.words == {"ties": ties}
    assert "--ties" in runs["breslow"].command
    one, two = (runs[ties].trace.coef(4) for ties in runs)
    assert 0 < np.abs(one - two).max() < 0.01 * np.abs(one).max()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--ties", "breslow"], "--ties: name the column of the event with --event too"),
        (["--event", "status", "--ties", "exact"], "--ties: choose efron or breslow"),
        (["--entry", "start"], "--entry: name the column of the event with --event too"),
        (["--task", "survival"], "--event: name the column that says whether it happened"),
        (["--event", "status", "--task", "counts"], "--event: not with --task counts"),
        (["--event", "grade"], "column 'grade' cannot be the event"),
        (["--event", "stat"], "did you mean"),
        (["--event", "status", "--entry", "clinic"], "column 'clinic' cannot be the entry: it is not a number"),
        (["--event", "status", "--entry", "age"], "not before its time"),
    ],
)
def test_what_is_refused(folder: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["fit", str(folder / "trial.csv"), "--target", "rfstime", *words, "-o", str(folder / "none.rightfit")]
    assert main([*given, "--json", "--no-report"]) > 0
    assert sentence in json.loads(capsys.readouterr().out)["error"]["message"]
    assert not (folder / "none.rightfit").exists()


def test_the_event_is_told_by_its_values() -> None:
    """The larger of two numbers, what means yes, else the rarer one."""
    from rightfit.data.schema import infer_schema

    def event(values: list[object]) -> tuple[str, ...]:
        frame = pl.DataFrame({"days": range(1, 9), "end": values, "age": [3, 1, 4, 1, 5, 9, 2, 6]})
        schema, _ = infer_schema(frame, target="days", roles={"end": "event"}, task="survival")
        return schema.column("end").levels

    assert event([1, 2, 2, 2, 2, 2, 1, 2]) == ("1", "2")
    assert event(["yes", "no", "yes", "yes", "no", "yes", "yes", "yes"]) == ("no", "yes")
    assert event(["alive", "dead", "alive", "alive", "dead", "alive", "alive", "alive"]) == ("alive", "dead")
