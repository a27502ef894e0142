"""Images from tables, folders and arrays: the same images whatever they are kept in, and mistakes by name."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from rightfit.data.images import read_images, read_shape
from rightfit.errors import ColumnError, DataError, FileError, MissingExtraError, OptionError

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 4, 5), dtype=np.uint8)
LABELS = ["cat", "dog", "cat", "emu", "dog", "cat"]


def table(path: Path, pixels: np.ndarray = PIXELS, labels: list[str] | None = LABELS, *, last: bool = False) -> Path:
    names = [f"p{k}" for k in range(pixels[0].size)]
    rows = [list(map(str, image.ravel())) for image in pixels]
    if labels is not None:
        names = [*names, "kind"] if last else ["kind", *names]
        rows = [[*row, kind] if last else [kind, *row] for row, kind in zip(rows, labels, strict=True)]
    path.write_text("\n".join(",".join(row) for row in [names, *rows]) + "\n")
    return path


@pytest.mark.parametrize("last", [False, True])
def test_a_table(tmp_path: Path, last: bool) -> None:
    found = read_images(table(tmp_path / "a.csv", last=last), (4, 5))
    np.testing.assert_array_equal(found.pixels, PIXELS)
    assert found.pixels.dtype == np.uint8 and found.shape == (4, 5)
    assert found.labels is not None and found.labels.tolist() == LABELS and found.label == "kind"
    again = read_images(tmp_path / "a.csv", (4, 5), label="kind")
    assert again.labels is not None and again.labels.tolist() == LABELS


def test_a_table_of_fractions_colours_and_numbers_as_labels(tmp_path: Path) -> None:
    colours = (PIXELS[:5].reshape(5, 2, 2, 5)[..., :3] / 256).astype(np.float32)
    found = read_images(table(tmp_path / "a.csv", colours, ["3", "1", "4", "1", "5"]), (2, 2, 3))
    np.testing.assert_array_equal(found.pixels, colours)
    assert found.labels is not None and found.labels.tolist() == [3, 1, 4, 1, 5]
    assert read_images(table(tmp_path / "b.csv", labels=None), (4, 5)).labels is None


def test_further_columns_are_dropped_and_scrambled_ones_are_warned_of(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv")
    lines = file.read_text().splitlines()
    file.write_text("\n".join(f"{word},{line}" for word, line in zip(["site", *"abcabc"], lines, strict=True)) + "\n")
    assert len(read_images(file, (4, 5), label="kind", drop=["site"]).pixels) == 6
    with pytest.raises(DataError, match=r"20 pixels.*21 columns.*--drop"):
        read_images(file, (4, 5), label="kind")
    names, *rows = table(tmp_path / "b.csv").read_text().splitlines()
    order = sorted(range(20), key=str)
    scrambled = [
        ",".join([cells[0], *(cells[1 + k] for k in order)]) for cells in (r.split(",") for r in [names, *rows])
    ]
    (tmp_path / "b.csv").write_text("\n".join(scrambled) + "\n")
    notes = read_images(tmp_path / "b.csv", (4, 5)).notes
    assert len(notes) == 1 and "'p2' comes after 'p19'" in notes[0].sentence


def test_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=PIXELS, y=np.asarray(LABELS))
    found = read_images(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.pixels, PIXELS)
    assert found.labels is not None and found.labels.tolist() == LABELS and found.label == "y"
    np.savez(tmp_path / "b.npz", rows=PIXELS.reshape(6, 20) / 255)
    found = read_images(tmp_path / "b.npz", (4, 5))
    np.testing.assert_array_equal(found.pixels, PIXELS / 255)
    assert found.labels is None


def test_a_folder(tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image")
    for k, kind in enumerate(LABELS):
        (tmp_path / kind).mkdir(exist_ok=True)
        pillow.fromarray(PIXELS[k]).save(tmp_path / kind / f"{k}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden").write_text("no picture")
    found = read_images(tmp_path)
    order = [0, 2, 5, 1, 4, 3]
    np.testing.assert_array_equal(found.pixels, PIXELS[order])
    assert found.labels is not None and found.labels.tolist() == sorted(LABELS) and found.names[0] == "cat/0.png"
    assert len(found.notes) == 1 and "notes.txt" in found.notes[0].sentence
    assert read_images(tmp_path, (4, 5, 1)).pixels.shape == (6, 4, 5, 1)
    assert read_images(tmp_path, (4, 5, 3)).pixels.shape == (6, 4, 5, 3)

    colour = pillow.new("RGBA", (5, 4), (200, 10, 20, 0))  # transparent: what lies below is white
    colour.save(tmp_path / "emu" / "9.png")
    found = read_images(tmp_path)
    assert found.pixels.shape == (7, 4, 5, 3) and (found.pixels[-1] == 255).all()
    np.testing.assert_array_equal(found.pixels[0], np.repeat(PIXELS[0][..., None], 3, axis=2))

    exif = pillow.Exif()
    exif[0x0112] = 6  # the camera was held upright
    tall = io.BytesIO()
    pillow.fromarray(np.rot90(PIXELS[0])).save(tall, "PNG", exif=exif)
    (tmp_path / "dog" / "8.png").write_bytes(tall.getvalue())
    np.testing.assert_array_equal(read_images(tmp_path).pixels[5, ..., 0], PIXELS[0])

    pillow.new("L", (50, 40)).save(tmp_path / "emu" / "wide.jpg")
    with pytest.raises(DataError, match=r"emu/wide\.jpg has 40x50 pixels and cat/0\.png has 4x5"):
        read_images(tmp_path)
    resized = read_images(tmp_path, (4, 5))
    assert resized.pixels.shape == (9, 4, 5, 3) and "1 of 9" in resized.notes[-1].sentence
    (tmp_path / "emu" / "wide.jpg").write_bytes(b"\xff\xd8 and then nothing")
    with pytest.raises(FileError, match=r"emu/wide\.jpg cannot be read"):
        read_images(tmp_path)


def test_mistakes_are_named(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv")
    with pytest.raises(OptionError, match="--image 28x28"):
        read_images(file)
    with pytest.raises(DataError, match=r"28x28 have 784 pixels, but a\.csv has 21"):
        read_images(file, (28, 28))
    with pytest.raises(ColumnError, match="'label'"):
        read_images(file, (4, 5), label="label")
    for cell, said in (("x", "is 'x'"), ("", "is empty"), ("inf", "is 'inf'")):
        names, first, *rest = file.read_text().splitlines()
        broken = first.split(",")
        broken[3] = cell
        (tmp_path / "b.csv").write_text("\n".join([names, *rest, ",".join(broken)]) + "\n")
        with pytest.raises(ColumnError, match=rf"row 5 of b\.csv: pixel 'p2' {said}"):
            read_images(tmp_path / "b.csv", (4, 5))
    with pytest.raises(ColumnError, match=r"row 1 .*label 'kind' is empty"):
        read_images(table(tmp_path / "c.csv", PIXELS[:2], ["cat", ""]), (4, 5))
    with pytest.raises(FileError, match="no class folders"):
        read_images(tmp_path)
    with pytest.raises(FileError, match="no file"):
        read_images(tmp_path / "absent.npz")
    for words in ("28", "28x", "0x28", "axb", "1x2x3x4"):
        with pytest.raises(OptionError, match="28x28"):
            read_shape(words)
    assert read_shape("28x28") == (28, 28) and read_shape("32x16x3") == (32, 16, 3)


ARRAYS: list[tuple[dict[str, np.ndarray], str]] = [
    ({"x": np.ones((3, 4))}, "no array of images"),
    ({"x": PIXELS, "z": PIXELS}, "several arrays of images"),
    ({"x": np.ones((2, 3, 8, 8))}, "moveaxis"),
    ({"x": PIXELS, "y": np.ones(6), "z": np.ones(6)}, "--label NAME"),
    ({"x": np.full((2, 4, 4), np.nan)}, "image 0"),
    ({"x": np.full((2, 4, 4), "a")}, "no numbers"),
    ({"x": np.empty((0, 4, 4))}, "no images"),
]


@pytest.mark.parametrize(("arrays", "said"), ARRAYS, ids=[said for _, said in ARRAYS])
def test_mistakes_of_arrays(tmp_path: Path, arrays: dict[str, np.ndarray], said: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=said):
        read_images(tmp_path / "a.npz")


def test_what_cannot_be_used_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(b"")
    with pytest.raises(OptionError, match="--label"):
        read_images(tmp_path, label="kind")
    with pytest.raises(OptionError, match="--drop"):
        read_images(tmp_path, drop=["kind"])
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"rightfit\[networks\]"):
        read_images(tmp_path)


def test_arrays_hold_no_objects(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=PIXELS, y=np.array([{}] * 6, dtype=object))
    with pytest.raises(FileError, match="Python objects"):
        read_images(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(FileError, match="damaged"):
        read_images(tmp_path / "b.npz")
