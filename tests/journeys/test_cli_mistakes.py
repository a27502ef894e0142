"""Mistakes of users: one sentence that says what to do, the documented exit code, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rightfit.cli import main
from tests.journeys.files import houses, write

HEADER = "size,quarter,price\n"
ROWS = "".join(f"{i},{'ab'[i % 2]},{i * 2 + i % 3}\n" for i in range(30))
FILES = {
    "good.csv": HEADER + ROWS,
    "empty.csv": "",
    "header.csv": HEADER,
    "constant.csv": HEADER + "".join(f"{i},a,5\n" for i in range(30)),
    "untold.csv": HEADER + "".join(f"{i},a,\n" for i in range(30)),
    "one-class.csv": "x,y\n" + "".join(f"{i},yes\n" for i in range(30)),
    "names.csv": "x,y\n" + "".join(f"{i},name number {i}\n" for i in range(5000)),
    "weights.csv": "x,w,y\n" + "".join(f"{i * 1.5},{-1 if i == 7 else 1},{i % 5}.5\n" for i in range(30)),
    "zeros.csv": "x,w,y\n" + "".join(f"{i * 1.5},0,{i % 5}.5\n" for i in range(30)),
    "ragged.csv": HEADER + ROWS + "1,2,3,4,5\n",
    "alone.csv": "y\n" + "".join(f"{i}.5\n" for i in range(30)),
    "single.csv": HEADER + "1,a,2.5\n",
    "infinite.csv": "x,y\n" + "".join(f"{i},{'inf' if i == 3 else i * 1.5}\n" for i in range(30)),
    "broken.rightfit": "PK\x03\x04 and then nothing",
}
MISTAKES = [
    ("fit absent.csv --target y", 3, "absent.csv"),
    ("fit good.csv", 2, "--target"),
    ("fit good.csv --target prise", 3, "did you mean 'price'"),
    ("fit good.csv --target price --drop sise", 3, "did you mean 'size'"),
    ("fit good.csv --target price --as size", 2, "COLUMN=KIND"),
    ("fit good.csv --target price --as size=colour", 2, "number, yes/no, category"),
    ("fit good.csv --target price --drop price", 2, "already given by --target"),
    ("fit good.csv --target price --monotone size=up", 2, "size=up"),
    ("fit good.csv --target price --monotone sise=+", 3, "--monotone: there is no column 'sise'; did you mean 'size'"),
    ("fit good.csv --target price --as quarter=category --monotone quarter=+", 2, "'quarter' is a category"),
    ("fit good.csv --target price --monotone size=+ --monotone size=-", 2, "to rise and to fall"),
    ("fit good.csv --target price --monotone price=+", 2, "already given by --target"),
    ("fit good.csv --target quarter --task classes --monotone size=+ --drop size", 2, "already given by --drop"),
    ("fit good.csv --target price --folds 1", 2, "--folds"),
    ("fit good.csv --target price --folds many", 2, "--folds"),
    ("fit good.csv --target price --folds 31", 2, "31"),
    ("fit good.csv --target price --rule bist", 2, "one_se"),
    ("fit good.csv --target price --l1-ratio 2", 2, "--l1-ratio"),
    ("fit good.csv --target price --l1-ratio x", 2, "--l1-ratio"),
    ("fit good.csv --target price --penalty lassoo", 2, "lasso"),
    ("fit good.csv --target price --penalty lasso --l1-ratio 1", 2, "one of them"),
    ("fit good.csv --target price --holdout 1.5", 2, "--holdout"),
    ("fit good.csv --target price --task clusters", 2, "regression"),
    ("fit good.csv --target price --loss hinge", 2, "hinge"),
    ("fit good.csv --target quarter --task regression", 3, "quarter"),
    ("fit good.csv --target price --time quarter", 3, "quarter"),
    ("fit good.csv --target price --seed -1", 2, "--seed"),
    ("fit good.csv --target price --strengths 0", 2, "--strengths"),
    ("fit good.csv --target price --colour red", 2, "--colour"),
    ("fit good.csv --target price -o nowhere/a.rightfit", 3, "nowhere"),
    ("fit good.csv --target price -o good.csv", 2, "input itself"),
    ("fit empty.csv --target price", 3, "empty"),
    ("fit header.csv --target price", 3, "no rows"),
    ("fit constant.csv --target price", 3, "5 in every row"),
    ("fit untold.csv --target price", 3, "no value"),
    ("fit one-class.csv --target y", 3, "yes"),
    ("fit names.csv --target y", 3, "5,000"),
    ("fit weights.csv --target y --weight w", 3, "row 7"),
    ("fit zeros.csv --target y --weight w", 2, "zero"),
    ("fit ragged.csv --target price", 3, "line 32"),
    ("fit alone.csv --target y", 3, "no column"),
    ("fit single.csv --target price", 3, "price"),
    ("fit infinite.csv --target y", 3, "inf"),
    ("predict good.csv good.csv", 5, "good.csv is not a run"),
    ("predict absent.rightfit good.csv", 3, "absent.rightfit"),
    ("predict broken.rightfit good.csv", 5, "damaged"),
    ("report broken.rightfit", 5, "damaged"),
    ("report good.csv", 5, "not a run"),
    ("predict run.rightfit absent.csv", 3, "absent.csv"),
    ("predict run.rightfit good.csv", 3, "missing"),
    ("predict run.rightfit houses.csv --id nam", 3, "did you mean 'name'"),
    ("predict run.rightfit houses.csv -o out.xlsx", 2, ".xlsx"),
    ("predict run.rightfit houses.csv -o nowhere/out.csv", 3, "nowhere"),
    ("path good.csv --target price --l1-ratio 0.2,0.5", 2, "one penalty"),
    ("path good.csv --target prise", 3, "did you mean 'price'"),
    ("fits good.csv", 2, "did you mean 'fit'"),
    ("dance", 2, "fit, predict, report, summary, views, path, augment"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files that mistakes are made with, and one good run."""
    path = tmp_path_factory.mktemp("mistakes")
    for name, text in FILES.items():
        (path / name).write_bytes(text.encode("latin-1"))
    data = write(houses(60), path / "houses.csv")
    words = [
        "fit",
        str(data),
        "--target",
        "price",
        "-o",
        str(path / "run.rightfit"),
        "--no-report",
        "--quiet",
        "--penalty",
        "lasso",
    ]
    assert main(words) == 0
    return path


@pytest.mark.parametrize(("line", "code", "words"), MISTAKES, ids=[line for line, _, _ in MISTAKES])
def test_a_mistake_is_one_sentence(
    line: str, code: int, words: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(p.name for p in folder.iterdir())
    assert main([*line.split(), *(["--quiet"] if line.startswith(("fit ", "predict ")) else [])]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("rightfit: ") and "Traceback" not in err and "unexpected" not in err
    assert len(err) < 600
    assert sorted(p.name for p in folder.iterdir()) == before

    assert main([*line.split(), "--json"]) == code
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["exit_code"] == code and words in error["message"]


def test_a_fault_of_ours_asks_for_a_report_and_hides_the_traceback(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    def fail(path: str) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("rightfit.store.file.load", fail)
    assert main(["report", "run.rightfit"]) == 1
    err = capsys.readouterr().err
    assert "ZeroDivisionError: oh" in err and "report it" in err and "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        main(["report", "run.rightfit", "--debug"])
