"""From a file to a run, a report and predictions by the command line, and the same by Python."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from rightfit.search import contest
from tests.journeys.files import flowers, houses, write

QUICK = ["--strengths", "20", "--folds", "4", "--learners", "linear"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a file of houses."""
    monkeypatch.chdir(tmp_path)
    write(houses(), tmp_path / "houses.csv")
    return tmp_path


def fit(*words: str) -> int:
    return main(["fit", "houses.csv", "--target", "price", *QUICK, *words])


def test_the_whole_journey(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit() == 0
    out, err = capsys.readouterr()
    assert "On unseen rows the chosen model loses" in out
    assert "houses.rightfit" in out and "houses-report.html" in out
    assert "walking the path of the lasso" in err
    page = (folder / "houses-report.html").read_text(encoding="utf-8")
    assert "price" in page and "Content-Security-Policy" in page

    (folder / "houses-report.html").unlink()
    (folder / "houses.csv").rename(folder / "gone.csv")
    assert main(["report", "houses.rightfit"]) == 0
    assert (folder / "houses-report.html").read_text(encoding="utf-8") == page

    write(houses(50, seed=7), folder / "new.csv")
    assert main(["predict", "houses.rightfit", "new.csv", "-o", "out.csv", "--id", "name"]) == 0
    answer = pl.read_csv(folder / "out.csv")
    new = houses(50, seed=7)
    assert answer.columns == ["name", "prediction"]
    assert answer["name"].to_list() == new["name"].to_list()
    known = 1 - ((answer["prediction"] - new["price"]) ** 2).mean() / new["price"].var()  # type: ignore[operator]
    assert known > 0.7


def test_python_and_the_command_line_give_the_same_bits(folder: Path) -> None:
    assert fit("--quiet") == 0
    write(houses(70, seed=9), folder / "new.csv")
    assert main(["predict", "houses.rightfit", "new.csv", "-o", "out.csv", "--quiet"]) == 0
    by_file = pl.read_csv(folder / "out.csv")["prediction"].to_list()
    assert rightfit.load("houses.rightfit").predict(houses(70, seed=9))["prediction"].to_list() == by_file
    saved = rightfit.fit("houses.csv", target="price", strengths=20, folds=4, learners="linear")
    assert saved.predict(houses(70, seed=9).to_pandas())["prediction"].to_list() == by_file
    saved.save("again.rightfit")
    assert (folder / "again.rightfit").read_bytes() == (folder / "houses.rightfit").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder: Path) -> None:
    for name, seed, threads in (("a", "3", "1"), ("b", "3", "2"), ("c", "4", "1")):
        assert fit("--quiet", "--seed", seed, "--threads", threads, "-o", f"{name}.rightfit", "--no-report") == 0
    contents = [(folder / f"{name}.rightfit").read_bytes() for name in "abc"]
    assert contents[0] == contents[1] != contents[2]
    assert not (folder / "houses-report.html").exists()


def test_json_is_one_object_and_quiet_is_silence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit("--json", "--holdout", "0.25") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["task"]["kind"] == "regression"
    assert [model["model"] for model in result["comparison"]["models"]] == ["constant model", "unpenalized", "chosen"]
    assert result["holdout"]["rows"] == 30
    assert {c["feature"] for c in result["coefficients"]} >= {"size"}
    assert result["command"][:3] == ["rightfit", "fit", "houses.csv"]
    assert fit("--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_command_in_the_run_repeats_it(folder: Path) -> None:
    given = [
        "--seed",
        "5",
        "--as",
        "garden=category",
        "--drop",
        "noise 1",
        "--l1-ratio",
        "0.3,1",
        "--rule",
        "best",
        "--holdout",
        "0.1",
    ]
    assert fit("--quiet", *given, "--no-standardize", "--repeats", "2") == 0
    command = list(rightfit.load("houses.rightfit").run.command)
    before = (folder / "houses.rightfit").read_bytes()
    assert command[0] == "rightfit"
    assert main([*command[1:], "--quiet", "-o", "again.rightfit"]) == 0
    assert (folder / "again.rightfit").read_bytes() == before


def test_ctrl_c_keeps_the_paths_that_are_done(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = contest.walk_one

    def stop_at(name: str) -> None:
        def walk_one(problem, resamples, this, options):  # type: ignore[no-untyped-def]
            if this.name == name:
                raise KeyboardInterrupt
            return whole(problem, resamples, this, options)

        monkeypatch.setattr(contest, "walk_one", walk_one)

    stop_at("lasso")
    assert fit() == 130
    assert "nothing was saved" in capsys.readouterr().err
    assert not list(folder.glob("*.rightfit"))

    stop_at("elastic net, l1_ratio 0.5")
    assert fit() == 130
    assert "only these paths were walked: lasso" in " ".join(capsys.readouterr().out.split())
    run = rightfit.load("houses.rightfit").run
    assert [candidate.name for candidate in run.candidates] == ["lasso"]
    assert any("Ctrl-C" in note.sentence for note in run.notes)
    assert main(["predict", "houses.rightfit", "houses.csv", "-o", "out.csv"]) == 0


def test_files_of_others_are_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "houses.rightfit").write_text("my notes")
    assert fit() == 2
    assert "--force" in capsys.readouterr().err
    assert (folder / "houses.rightfit").read_text() == "my notes"
    assert fit("--quiet", "--force") == 0
    assert fit("--quiet") == 0  # a run and a report are replaced without asking
    assert main(["predict", "houses.rightfit", "houses.csv", "-o", "houses.csv"]) == 2
    assert "is the input itself" in capsys.readouterr().err
    (folder / "out.csv").write_text("precious")
    assert main(["predict", "houses.rightfit", "houses.csv", "-o", "out.csv"]) == 2
    assert (folder / "out.csv").read_text() == "precious"


def test_classes_have_probabilities_and_formulas_are_harmless(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(flowers(), folder / "flowers.csv")
    assert main(["fit", "flowers.csv", "--target", "sort", "--quiet", *QUICK]) == 0
    assert main(["predict", "flowers.rightfit", "flowers.csv", "--id", "sort"]) == 0
    out = capsys.readouterr().out
    assert "'=cmd()" in out and "\n=cmd()" not in out and ",=cmd()" not in out
    assert main(["predict", "flowers.rightfit", "flowers.csv", "-o", "out.parquet"]) == 0
    answer = pl.read_parquet(folder / "out.parquet")
    assert answer.columns == ["prediction", "probability: =cmd()", "probability: aster", "probability: bellis"]
    assert answer.select(pl.sum_horizontal(pl.exclude("prediction"))).to_series().to_list() == pytest.approx([1.0] * 90)
    assert (answer["prediction"] == flowers()["sort"]).mean() > 0.8  # type: ignore[operator]
    assert main(["predict", "flowers.rightfit", "flowers.csv", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["prediction"] for row in result["predictions"]] == answer["prediction"].to_list()


def test_new_files_are_safe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit("--quiet") == 0
    new = houses(40, seed=5)
    base = rightfit.load("houses.rightfit").predict(new)["prediction"].to_list()
    write(new.select(reversed(new.columns)).with_columns(extra=pl.lit(1)).drop("price"), folder / "moved.csv")
    assert main(["predict", "houses.rightfit", "moved.csv", "-o", "moved-out.csv"]) == 0
    assert pl.read_csv(folder / "moved-out.csv")["prediction"].to_list() == base

    write(new.with_columns(quarter=pl.lit("east"), size=pl.lit(9000.0)), folder / "far.csv")
    capsys.readouterr()
    assert main(["predict", "houses.rightfit", "far.csv", "-o", "far-out.csv"]) == 0
    err = " ".join(capsys.readouterr().err.split())
    assert "'quarter'" in err and "40" in err and "'size'" in err

    write(new.drop("garden"), folder / "less.csv")
    assert main(["predict", "houses.rightfit", "less.csv", "-o", "less-out.csv"]) == 3
    assert "'garden'" in capsys.readouterr().err
    assert not (folder / "less-out.csv").exists()
    write(new.with_columns(size=pl.lit("big")), folder / "typed.csv")
    assert main(["predict", "houses.rightfit", "typed.csv"]) == 3
    assert "'size'" in capsys.readouterr().err


def test_a_path_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["path", "houses.csv", "--target", "price"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[2].split()[-1] == "size"
    assert (
        "<svg" in (folder / "houses-path.html").read_text(encoding="utf-8").lower()
        or (folder / "houses-path.html").stat().st_size
    )
    assert main(["path", "houses.csv", "--target", "price", "--penalty", "ridge", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["penalty"].startswith("ridge")
