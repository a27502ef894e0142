"""`rightfit augment`: pages that show what is done, files with copies, the same for the same seed, mistakes by name."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from tests.journeys.browser import browser, visit

TEXTS = ["Win a <b>prize</b> now, call 0800", "Are you home?", "The quick dog sleeps.", "", "ok"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixteen images of two labels as a table of pixels and as arrays, a table of texts, and a thesaurus."""
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (16, 6, 7), dtype=np.uint8)
    labels = ["cat", "dog"] * 8
    columns = {f"p{k:02d}": pixels.reshape(16, 42)[:, k] for k in range(42)}
    pl.DataFrame({"kind": labels, **columns}).write_csv("pixels.csv")
    np.savez("arrays.npz", images=np.stack([pixels] * 3, axis=3), labels=np.asarray(labels))
    spam = ["yes", "no", "no", "no", "yes"]
    pl.DataFrame({"id": range(5), "message": TEXTS, "spam": spam}).write_csv("messages.csv")
    Path("words.csv").write_text("word,synonyms\nquick,fast speedy\ncall,phone\nhome,house\n")
    return tmp_path


def test_images_of_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    words = "augment pixels.csv --image 6x7 --shift 1 --noise 0.1 --copies 2 --seed 3".split()
    assert main([*words, "--preview", "-o", "more.csv"]) == 0
    out = capsys.readouterr().out
    assert "pixels-augment.html" in out and "16 rows and 32 copies" in out and "--group original_row" in out
    before, after = pl.read_csv("pixels.csv"), pl.read_csv("more.csv")
    assert after.columns == [*before.columns, "original_row"] and after.schema["p00"] == pl.Int64
    assert after[:16].drop("original_row").equals(before)
    assert after["original_row"].to_list() == [*range(16)] * 3
    assert after["kind"].to_list() == before["kind"].to_list() * 3
    copies = after.drop("kind", "original_row").to_numpy().reshape(3, 16, 42)
    assert (copies[1] != copies[2]).any() and (copies[1:] != copies[0]).any() and copies.max() <= 255
    page = Path("pixels-augment.html").read_text()
    assert page.count("<img ") == 10 * (1 + 2 + 3)
    assert "<script" not in page and " on" not in "".join(re.findall(r"<[^>]*>", page))

    assert main([*words, "--page", "again.html", "-o", "again.csv", "--quiet"]) == 0
    assert Path("again.csv").read_bytes() == Path("more.csv").read_bytes()
    assert Path("again.html").read_text() == page
    assert capsys.readouterr().out == ""
    assert main([*words[:-1], "4", "-o", "other.csv", "--quiet"]) == 0
    assert Path("other.csv").read_bytes() != Path("more.csv").read_bytes()


def test_images_of_arrays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    line = "augment arrays.npz --flip both --turn --cutout 2 --fill edge --preview -o more.npz --examples 4 --json"
    assert main(line.split()) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == 16 and said["written"] == 32 and len(said["steps"]) == 4
    before, after = np.load("arrays.npz"), np.load("more.npz")
    assert after["images"].dtype == np.uint8 and after["images"].shape == (32, 6, 7, 3)
    np.testing.assert_array_equal(after["images"][:16], before["images"])
    np.testing.assert_array_equal(after["labels"], np.tile(before["labels"], 2))
    np.testing.assert_array_equal(after["original_row"], np.tile(np.arange(16), 2))


def test_texts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "augment messages.csv --text message --label spam --thesaurus words.csv --preview -o more.csv --copies 3"
    assert main(line.split()) == 0
    assert "5 rows and 15 copies" in capsys.readouterr().out
    before, after = pl.read_csv("messages.csv"), pl.read_csv("more.csv")
    assert after[:5].drop("original_row").fill_null("").equals(before.fill_null(""))
    assert after["id"].to_list() == [*range(5)] * 4 and after["spam"].to_list() == before["spam"].to_list() * 4
    assert after["message"].null_count() == 4  # what is empty stays so
    changed = {text for text in after["message"][5:].to_list() if text not in TEXTS}
    assert len(changed) >= 4 and all(text.strip() for text in changed if text)
    page = Path("messages-augment.html").read_text()
    assert "<del>" in page and "<ins>" in page and "<b>prize" not in page and "&lt;" in page


MISTAKES = [
    ("augment pixels.csv --image 6x7", 2, "--preview"),
    ("augment pixels.csv --preview", 2, "--image 28x28"),
    ("augment pixels.csv --image 6 --preview", 2, "28x28"),
    ("augment pixels.csv --image 9x9 --preview", 3, "81 pixels"),
    ("augment pixels.csv --image 6x7 --text kind --preview", 2, "one of them"),
    ("augment pixels.csv --image 6x7 --swap 0.1 --preview", 2, "--swap is for texts"),
    ("augment pixels.csv --image 6x7 --scale 0.5 --preview", 2, "Scale"),
    ("augment pixels.csv --image 6x7 --label sort --preview", 3, "'sort'"),
    ("augment pixels.csv --image 6x7 -o more.xlsx", 2, "more.xlsx"),
    ("augment pixels.csv --image 6x7 -o pixels.csv", 2, "input itself"),
    ("augment pixels.csv --image 6x7 -o words.csv", 2, "--force"),
    ("augment pixels.csv --image 6x7 -o nowhere/a.csv", 3, "nowhere"),
    ("augment pixels.csv --image 6x7 --copies 0 -o a.csv", 2, "--copies"),
    ("augment pixels.csv --image 6x7 --seed -1 -o a.csv", 2, "--seed"),
    ("augment absent.csv --image 6x7 --preview", 3, "absent.csv"),
    ("augment arrays.npz -o a.csv", 2, ".npz"),
    ("augment arrays.npz --text message --preview", 2, "holds images"),
    ("augment messages.csv --text mesage --preview", 3, "did you mean 'message'"),  # codespell:ignore mesage
    ("augment messages.csv --text message --synonyms 0.2 --preview", 2, "--thesaurus"),
    ("augment messages.csv --text message --rotate 3 --preview", 2, "--rotate is for images"),
    ("augment messages.csv --text message --thesaurus absent.csv --preview", 3, "absent.csv"),
    ("augment messages.csv --text message --thesaurus pixels.csv --preview", 3, "no thesaurus"),
    ("augment messages.csv --text message --delete 1.5 --preview", 2, "Delete"),
]


@pytest.mark.parametrize(("line", "code", "words"), MISTAKES, ids=[line for line, _, _ in MISTAKES])
def test_a_mistake_is_one_sentence(
    line: str, code: int, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "pixels" in line or "arrays" in line:
        pytest.importorskip("torch")
    before = sorted(p.name for p in folder.iterdir())
    assert main(line.split()) == code
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("rightfit: ") and words in err
    assert "Traceback" not in err and "unexpected" not in err and len(err) < 500
    assert sorted(p.name for p in folder.iterdir()) == before


def test_an_augmented_file_is_not_augmented_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("augment messages.csv --text message -o more.csv --quiet".split()) == 0
    assert main("augment more.csv --text message -o most.csv".split()) == 3
    assert "original_row" in capsys.readouterr().err


def test_without_torch_one_sentence_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("rightfit.augmentation")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main("augment pixels.csv --image 6x7 --preview".split()) == 6
    assert 'pip install "rightfit[networks]"' in capsys.readouterr().err
    assert main("augment messages.csv --text message --preview --quiet".split()) == 0  # texts need none


def test_copies_stay_in_the_fold_of_their_original(folder: Path) -> None:
    """What the page advises: `fit --group original_row`."""
    chance = np.random.default_rng(1)
    spam = ["yes", "no"] * 30
    words = [["prize", "win", "call"], ["home", "lunch", "work"]]
    texts = [" ".join(chance.choice(words[k % 2] + ["and", "the", "you"], 6)) for k in range(60)]
    pl.DataFrame({"message": texts, "spam": spam}).write_csv("many.csv")
    assert main("augment many.csv --text message -o more.csv --quiet".split()) == 0
    line = "fit more.csv --target spam --as message=text --group original_row --folds 3 --learners linear"
    assert main([*line.split(), "--strengths", "8", "--no-report", "--quiet", "-o", "more.rightfit"]) == 0
    run = rightfit.load("more.rightfit").run
    assert "original_row" not in {column.name for column in run.schema.columns if column.role == "feature"}


def test_the_pages_in_a_browser(folder: Path) -> None:
    pytest.importorskip("torch")
    assert main("augment pixels.csv --image 6x7 --preview --quiet".split()) == 0
    assert main("augment messages.csv --text message --preview --quiet".split()) == 0
    with browser() as opened:
        for width in (1280, 390):
            for name in ("pixels", "messages"):
                with visit(opened, folder / f"{name}-augment.html", width=width) as here:
                    assert here.complaints == []
                    assert all(url.startswith(("file:", "data:")) for url in here.requests)
                    assert here.page.evaluate("document.documentElement.scrollWidth") <= width
                    shown = "[...document.images].every(image => image.naturalWidth === 7 && image.naturalHeight === 6)"
                    assert here.page.evaluate(shown)
