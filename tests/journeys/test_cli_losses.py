"""`rightfit fit --loss`: amounts, outliers and quantiles from a file to predictions."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from rightfit.search.predict import restore_loss
from tests.journeys.files import houses, write

QUICK = ["--strengths", "12", "--folds", "3", "--penalty", "lasso", "--drop", "name", "--no-report", "--quiet"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    frame = houses(150).with_columns(pl.col("price").clip(lower_bound=1.0))
    claims = pl.when(pl.col("quarter") == "west").then(0.0).otherwise(pl.col("price") / 10)
    write(frame.with_columns(claims.alias("claims")), tmp_path / "houses.csv")
    return tmp_path


def fit(target: str, *words: str) -> int:
    other = "claims" if target == "price" else "price"
    return main(["fit", "houses.csv", "--target", target, "--drop", other, *QUICK, *words])


def test_amounts_above_zero(folder: Path) -> None:
    assert fit("price", "--loss", "gamma") == 0
    saved = rightfit.load("houses.rightfit")
    assert saved.run.task.loss == "gamma" and saved.run.task.parameters == {}
    assert saved.run.evidence.measure == "gamma deviance / 2"
    answer = saved.predict(houses(40, seed=5))["prediction"]
    assert (answer > 0).all() and answer.median() == pytest.approx(250, rel=0.3)  # type: ignore[operator]
    assert saved.run.diagnostics.figures["deviance explained"] > 0.5
    assert len(saved.run.diagnostics.calibration) > 3


def test_a_told_parameter_is_kept_and_repeated(folder: Path) -> None:
    assert fit("claims", "--loss", "tweedie", "--power", "1.6180339887") == 0
    run = rightfit.load("houses.rightfit").run
    assert run.task.parameters == {"power": 1.6180339887}
    assert run.command[run.command.index("--power") + 1] == "1.6180339887"
    assert restore_loss(run).power == 1.6180339887  # type: ignore[attr-defined]
    assert not [note for note in run.notes if "the loss tweedie has" in note.sentence]


def test_parameters_that_suit_the_target_are_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "houses.csv", "--target", "price", "--drop", "claims", "--loss", "huber", *QUICK[:-1]]) == 0
    out = " ".join(capsys.readouterr().out.split())
    run = rightfit.load("houses.rightfit").run
    delta = run.task.parameters["delta"]
    assert f"regression (huber loss, delta {delta:.4g})" in out
    assert [n.sentence for n in run.notes if "tell --delta for another" in n.sentence]
    assert "--delta" not in run.command


def test_a_quantile(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["fit", "houses.csv", "--target", "price", "--drop", "claims", "--loss", "quantile", "--level", "0.8"]
    assert main([*words, *QUICK, "--rule", "best", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["task"]["parameters"]["level"] == 0.8 and told["task"]["parameters"]["width"] > 0
    assert abs(told["figures"]["share below"] - 0.8) < 0.1
    assert told["model"]["selected"] > 0
    assert main(["report", "houses.rightfit", "-o", "page.html"]) == 0
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "smoothed pinball loss" in page and "quantile loss, level 0.8" in page


def test_mistakes_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, sentence in (
        (("price", "--loss", "gamma", "--power", "1.5"), "--power: this is no parameter of the loss gamma"),
        (("price", "--level", "0.5"), "--level: this is no parameter of the loss squared"),
        (("price", "--loss", "quantile", "--level", "90"), "level of a quantile loss must lie between 0 and 1"),
        (("claims", "--loss", "tweedie", "--power", "2"), "power of a tweedie loss must lie between 1 and 2"),
        (("price", "--loss", "huber", "--delta", "-1"), "delta of a huber loss must be above 0"),
    ):
        assert fit(*words) == 2
        assert sentence in " ".join(capsys.readouterr().err.split())
    assert fit("claims", "--loss", "gamma") == 3
    assert "amounts above 0" in " ".join(capsys.readouterr().err.split())
    assert not (folder / "houses.rightfit").exists()
