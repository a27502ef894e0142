"""How a file is written can be told to fit and path; predict remembers it, and can be told otherwise."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from rightfit.errors import OptionError
from tests.journeys.files import houses

TOLD = ["--delimiter", "~", "--decimal", "comma", "--encoding", "cp1252", "--no-quoting"]
QUICK = ["--strengths", "10", "--folds", "3", "--learners", "linear", "--quiet"]


def odd(frame: pl.DataFrame, path: Path) -> None:
    """Thousands as 1.000, fractions as 1,5; the signs for that, for columns and letters are not those looked for."""
    text = frame.with_columns(pl.col("quarter").replace({"south": "Süd"})).write_csv(separator="~")
    path.write_bytes(text.replace(".", ",").encode("cp1252"))


def test_predict_reads_a_file_as_fit_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd(houses(100), tmp_path / "odd.txt")
    odd(houses(30, seed=4), tmp_path / "new.txt")
    houses(30, seed=4).with_columns(pl.col("quarter").replace({"south": "Süd"})).write_csv(tmp_path / "plain.csv")
    assert main(["fit", "odd.txt", "--target", "price", "--no-report", *TOLD, *QUICK]) == 0
    run = rightfit.load("odd.rightfit").run
    assert run.source.told == {"delimiter": "~", "decimal": ",", "encoding": "cp1252", "quoting": "no"}
    assert run.schema.column("size").kind == "number" and "Süd" in run.schema.column("quarter").levels
    words = " ".join(run.command)
    assert "--delimiter ~" in words and "--decimal comma" in words and "--no-quoting" in words

    assert main(["predict", "odd.rightfit", "new.txt", "-o", "out.csv", "--quiet"]) == 0
    utf8 = ["--encoding", "utf-8", "--decimal", "point", "--quoting", "--delimiter", "comma"]
    assert main(["predict", "odd.rightfit", "plain.csv", "-o", "plain-out.csv", "--quiet", *utf8]) == 0
    assert (tmp_path / "out.csv").read_text() == (tmp_path / "plain-out.csv").read_text()
    told = {"delimiter": "~", "decimal": "comma", "encoding": "cp1252", "quoting": False}
    by_python = rightfit.fit("odd.txt", target="price", strengths=10, folds=3, learners="linear", **told)
    assert by_python.run.schema == run.schema
    with pytest.raises(OptionError, match="in memory"):
        rightfit.fit(houses(50), target="price", delimiter=";")


def test_path_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd(houses(60), tmp_path / "odd.txt")
    assert main(["path", "odd.txt", "--target", "price", "--strengths", "10", "--quiet", *TOLD]) == 0
    assert (tmp_path / "odd-path.html").exists()


@pytest.mark.parametrize(("words", "said"), [("--delimiter ab", "one character"), ("--decimal ;", "point or comma")])
def test_what_cannot_be_told(words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,y\n1,2\n")
    assert main(["fit", str(file), "--target", "y", *words.split()]) == 2
    assert said in capsys.readouterr().err
