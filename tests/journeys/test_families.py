"""Families of models on one table: one leaderboard, one run, one way to predict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit import catalog
from rightfit.cli import main
from rightfit.contracts import Problem
from rightfit.errors import FitError
from rightfit.records import Resamples
from rightfit.solvers.watch import tell
from tests.journeys.files import houses

pytest.importorskip("xgboost")
pytest.importorskip("torch")
QUICK = ["--strengths", "12", "--folds", "3", "--l1-ratio", "1", "--quiet"]
EVERY = "linear,tree,forest,boosting,network"
SETTINGS = {
    "forest.n_estimators": 15,
    "boosting.rounds": 25,
    "boosting.max_depth": 3,
    "network.units": 8,
    "network.epochs": 8,
}
SMALL = [word for name, value in SETTINGS.items() for word in ("--setting", f"{name}={value}")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table and its run with all families, made by the command line."""
    folder = tmp_path_factory.mktemp("families")
    houses(240).write_csv(folder / "houses.csv")
    assert fit(folder, "all", "--learners", EVERY, *SMALL) == 0
    return folder


def fit(folder: Path, name: str, *words: str) -> int:
    files = ["-o", str(folder / f"{name}.rightfit"), "--report", str(folder / f"{name}.html"), "--force"]
    return main(["fit", str(folder / "houses.csv"), "--target", "price", *QUICK, *files, *words])


def test_predictions_only_fall_with_a_column_that_is_to_and_who_cannot_promise_it_is_left_out(folder: Path) -> None:
    """Prices rise with size in the rows; every family that is walked obeys all the same."""
    words = ("--learners", EVERY, "--monotone", "size=-", "--monotone", "noise 1=+", "--prefer", "stack", *SMALL)
    assert fit(folder, "monotone", *words) == 0
    run = rightfit.load(folder / "monotone.rightfit").run
    assert {f.name: bool(f.reason) for f in run.families} == {
        name: name == "network" for name in catalog.names("learners")
    }
    assert "only rise or only fall" in next(f.reason for f in run.families if f.reason)
    assert "rise with 'noise 1' and only fall with 'size'" in next(
        n.sentence for n in run.notes if "--monotone" in n.sentence
    )
    assert run.command.count("--monotone") == 2
    frame = houses(20).drop("price")
    grid = pl.concat([frame.with_columns(pl.lit(float(size)).alias("size")) for size in range(20, 260, 10)])
    said = rightfit.load(folder / "monotone.rightfit").predict(grid)["prediction"].to_numpy().reshape(-1, 20)
    assert (np.diff(said, axis=0) <= 1e-6).all()


def test_all_families_stand_on_one_leaderboard(folder: Path) -> None:
    run = rightfit.load(folder / "all.rightfit").run
    assert sorted(f.name for f in run.families) == catalog.names("learners")
    losses = [f.loss for f in run.families]
    assert losses == sorted(losses) and run.families[0].difference == 0
    assert all(f.difference >= 0 and f.size and f.fit and f.sentence and not f.reason for f in run.families)
    assert [f.chosen for f in run.families] == [True, False, False, False, False]
    assert run.families[0].loss == pytest.approx(run.curve.mean[run.choice.step])
    assert any("Of the families compared" in sentence for sentence in run.verdict)
    page = (folder / "all.html").read_text().lower()
    assert "families of models compared" in page and all(f.words.split(",")[0].lower() in page for f in run.families)


def test_every_family_predicts_alike_from_the_command_line_and_from_python(folder: Path) -> None:
    table = houses(60).drop("price").with_columns(pl.lit("new kind").alias("roof"))
    table.write_csv(folder / "new.csv")
    for family in catalog.names("learners"):
        assert fit(folder, family, "--learners", family, *SMALL) == 0
        saved = rightfit.load(folder / f"{family}.rightfit")
        assert saved.run.fitted.learner == family and saved.run.families == ()
        words = [
            str(folder / f"{family}.rightfit"),
            str(folder / "new.csv"),
            "-o",
            str(folder / "out.parquet"),
            "-q",
            "--force",
        ]
        assert main(["predict", *words]) == 0
        by_command = pl.read_parquet(folder / "out.parquet")["prediction"].to_numpy()
        by_python = saved.predict(pl.read_csv(folder / "new.csv"))["prediction"].to_numpy()
        assert np.isfinite(by_command).all() and by_command.tobytes() == by_python.tobytes()


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_threads(folder: Path) -> None:
    assert fit(folder, "one", "--learners", EVERY, *SMALL, "--threads", "1") == 0
    assert fit(folder, "two", "--learners", EVERY, *SMALL, "--threads", "2") == 0
    assert (folder / "one.rightfit").read_bytes() == (folder / "two.rightfit").read_bytes()
    run = rightfit.load(folder / "one.rightfit").run
    repeat = [*run.command[1:2], str(folder / "houses.csv"), *run.command[3:], "-o", str(folder / "again.rightfit")]
    assert main([*repeat, "--no-report", "--quiet"]) == 0
    assert (folder / "again.rightfit").read_bytes() == (folder / "one.rightfit").read_bytes()


def test_what_needs_coefficients_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit(folder, "tree", "--learners", "tree") == 0
    assert main(["summary", str(folder / "tree.rightfit")]) == 2
    words = " ".join(capsys.readouterr().err.split())
    assert "no coefficients" in words and "--learners linear" in words
    assert main(["report", str(folder / "tree.rightfit"), "-o", str(folder / "again.html"), "-q", "--force"]) == 0
    assert (folder / "again.html").read_bytes() == (folder / "tree.html").read_bytes()
    assert "The chosen tree" in (folder / "again.html").read_text()


def test_a_family_that_fails_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: Any, problem: Problem, resamples: Resamples) -> Sequence[Any]:
        raise FitError("it does not like this table")

    monkeypatch.setattr(catalog.find("learners", "tree"), "fit_paths", fail)
    boosting = catalog.find("learners", "boosting")
    monkeypatch.setattr(boosting, "lacks", classmethod(lambda cls: "xgboost is not installed: pip install xgboost"))
    assert fit(folder, "some", "--learners", "linear,tree,boosting", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert {f["name"]: f["reason"] for f in result["families"] if f["reason"]} == {
        "tree": "it does not like this table",
        "boosting": "xgboost is not installed: pip install xgboost",
    }
    told = [note["sentence"] for note in result["notes"] if note["severity"] == "warning"]
    assert sum("the family tree has no result" in t or "the family boosting was not tried" in t for t in told) == 2
    assert "it does not like this table" in " ".join((folder / "some.html").read_text().split()).lower()
    assert main(["fit", str(folder / "houses.csv"), "--target", "price", "--learners", "boosting", "-q"]) == 6
    assert "pip install" in capsys.readouterr().err


def test_a_family_that_is_too_slow_ends_in_time_and_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    def slow(self: Any, problem: Problem, resamples: Resamples) -> Sequence[Any]:
        while True:
            time.sleep(0.02)
            tell()

    monkeypatch.setattr(catalog.find("learners", "tree"), "fit_paths", slow)
    start = time.perf_counter()
    saved = rightfit.fit(
        folder / "houses.csv", target="price", learners="linear,tree", strengths=10, folds=3, time_budget=12
    )
    assert time.perf_counter() - start < 13.2
    (late,) = [f for f in saved.run.families if f.name == "tree"]
    assert "time" in late.reason and not late.walked
    with pytest.raises(FitError, match="time-budget"):
        rightfit.fit(folder / "houses.csv", target="price", learners="tree", folds=3, time_budget=1)


def test_a_simpler_family_within_noise_is_named_and_taken_where_it_is_preferred(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    x = chance.normal(size=(400, 4))
    y = 2 * x[:, 0] - x[:, 1] + 0.3 * (x[:, 2] > 0) + chance.normal(size=400)
    frame = pl.DataFrame({f"x{j}": x[:, j] for j in range(4)}).with_columns(y=pl.Series(y))
    given: dict[str, Any] = {"target": "y", "learners": "linear,forest,boosting", "folds": 4, "strengths": 15}
    given |= {"settings": {**SETTINGS, "forest.min_samples_leaf": 3}, "l1_ratio": (1.0,)}
    best = rightfit.fit(frame, **given).run
    simple = rightfit.fit(frame, **given, prefer="simple").run
    near = [f for f in best.families if f.name == "linear" and f.difference <= f.difference_error]
    assert near  # the truth is linear but for a step
    assert next(f.name for f in simple.families if f.chosen) == "linear" and simple.fitted.learner == "linear"
    if best.fitted.learner != "linear":
        assert any("--prefer simple" in note.sentence for note in best.notes)


def test_a_mixture_predicts_where_it_is_preferred_and_better(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    x = chance.normal(size=(400, 3))
    y = 2 * x[:, 0] + 2.5 * (x[:, 1] > 0.5) + 0.7 * chance.normal(size=400)
    frame = pl.DataFrame({f"x{j}": x[:, j] for j in range(3)}).with_columns(y=pl.Series(y))
    given: dict[str, Any] = {"target": "y", "learners": "linear,boosting", "folds": 3, "strengths": 10}
    given |= {"settings": {"boosting.rounds": 60, "boosting.max_depth": 2}, "l1_ratio": (1.0,)}
    offered = rightfit.fit(frame, **given)
    mixture = offered.run.stack
    assert mixture is not None and mixture.gain > mixture.gain_error and mixture.members == ()
    assert mixture.weight.sum() == pytest.approx(1) and (mixture.weight > 0.05).all()
    assert "--prefer stack" in offered.run.verdict[-1]
    taken = rightfit.fit(frame, **given, prefer="stack")
    parts = [rightfit.fit(frame, **{**given, "learners": name}).predict(frame) for name in mixture.names]
    mixed = sum(a * part["prediction"].to_numpy() for a, part in zip(mixture.weight, parts, strict=True))
    np.testing.assert_allclose(taken.predict(frame)["prediction"].to_numpy(), mixed, rtol=1e-9)
    taken.save(tmp_path / "mixed.rightfit")
    again = rightfit.load(tmp_path / "mixed.rightfit").predict(frame)
    assert again.equals(taken.predict(frame))


@pytest.mark.parametrize("words", [["--learners", "oak"], ["--setting", "tree.depth"], ["--setting", "oak.depth=3"]])
def test_mistakes_are_named(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert fit(folder, "none", *words) == 2
    assert words[0] in capsys.readouterr().err


@pytest.mark.parametrize(("word", "seconds"), [("60s", 60), ("90", 90), ("5m", 300), ("1h", 3600)])
def test_times_are_read(word: str, seconds: float) -> None:
    from rightfit.cli.choices import read_seconds

    assert read_seconds(word) == seconds


def test_a_net_walks_in_epochs_and_is_attacked(folder: Path) -> None:
    words = [
        "network.walks=epochs",
        "network.epochs=1,6,30",
        "network.units=8",
        "network.norm=batch",
        "network.noise=0.1",
    ]
    told = [word for setting in words for word in ("--setting", setting)]
    assert fit(folder, "walked", "--learners", "network", *told, "--attack", "0.2") == 0
    run = rightfit.load(folder / "walked.rightfit").run
    assert run.evidence.axis.positions.tolist() == [0, 1, 6, 30] and run.evidence.luck.shape[1] == 4
    assert "walking in epochs" in run.penalty and "batch normalization" in run.penalty
    assert run.picture.examples is not None and run.picture.examples.labels[-1] == "with noise"
    found = run.robustness
    assert found is not None and found.loss[0] < found.loss[2] <= found.loss[3] and found.sentence in run.verdict
    page = (folder / "walked.html").read_text(encoding="utf-8")
    for title in ("Rows moved against the model", "Rows that augmentation made", "Epoch by epoch"):
        assert title in page
    assert fit(folder, "unmoved", "--learners", "linear", "--attack", "0.2") == 0
    unmoved = rightfit.load(folder / "unmoved.rightfit").run
    assert unmoved.robustness is None and any("--attack was left out" in note.sentence for note in unmoved.notes)


def test_words_are_no_values_of_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for setting in ("tree.max_depth=deep", "forest.min_samples_leaf=few", "boosting.max_depth=deep", "network.norm=9"):
        family = setting.partition(".")[0]
        assert fit(folder, "none", "--learners", family, "--setting", setting) != 0
        assert "must be" in capsys.readouterr().err
