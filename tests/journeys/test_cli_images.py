"""`rightfit fit` on images: a folder of class folders, arrays, a table of pixels, and mistakes by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("torch")

import rightfit
from rightfit.cli import main
from rightfit.errors import ColumnError, DataError

NETS = "--folds 2 --learners network --setting network.epochs=8 --setting network.seeds=1".split()


@pytest.fixture
def bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, list[str]]:
    """Thirty images of a bright bar, lying or standing."""
    monkeypatch.chdir(tmp_path)
    r = np.random.default_rng(0)
    images, labels = r.integers(0, 40, (30, 6, 7), dtype=np.uint8), ["lying", "standing"] * 15
    for one, label in zip(images, labels, strict=True):
        place, start = r.integers(6), r.integers(2)
        (one.T if label == "standing" else one)[place, start : start + 4] = 220
    return images, labels


def fit(capsys: pytest.CaptureFixture[str], data: str, *words: str) -> Any:
    assert main(["fit", data, "--target", "label", *NETS, *words, "--quiet"]) == 0
    return rightfit.load(f"{Path(data).stem}.rightfit")


def test_a_folder_of_pictures_is_fitted_and_predicted(bars: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pillow = pytest.importorskip("PIL.Image")
    for number, (one, label) in enumerate(zip(*bars, strict=True)):
        Path("bars", label).mkdir(parents=True, exist_ok=True)
        pillow.fromarray(one).save(Path("bars", label, f"{number}.png"))
    saved = fit(capsys, "bars", "--setting", "network.shift=1")
    assert saved.run.penalty.startswith("neural network, module convolution") and "shift 1" in saved.run.penalty
    assert saved.run.source.told == {"image": "6x7"} and saved.run.source.rows == 30
    assert saved.run.features[8].name == "pixel 1 1"
    assert main(["predict", "bars.rightfit", "bars", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert len(shown["predictions"]) == 30
    page = Path("bars-report.html").read_text()
    assert "module convolution" in page


def test_arrays_and_tables_of_pixels_give_the_same_net(bars: Any, capsys: pytest.CaptureFixture[str]) -> None:
    images, labels = bars
    np.savez("arrays.npz", images=images, label=np.array(labels))
    pixels = {f"p{k:02d}": images.reshape(30, 42)[:, k] for k in range(42)}
    frame = pl.DataFrame(pixels | {"label": labels})
    frame.write_csv("table.csv")
    one, other = fit(capsys, "arrays.npz"), fit(capsys, "table.csv", "--image", "6x7")
    assert "--image 6x7" in " ".join(other.run.command)
    again = other.predict(frame)
    with_names = pl.DataFrame({f"pixel {k // 7} {k % 7}": images.reshape(30, 42)[:, k] for k in range(42)})
    assert one.predict(with_names).equals(again)
    perceptron = fit(capsys, "table.csv", "--image", "6x7", "--setting", "network.units=4", "--force")
    assert "4 x 4 units" in perceptron.run.penalty


def test_columns_that_are_no_pixels_are_named(bars: Any) -> None:
    images, labels = bars
    frame = pl.DataFrame({f"p{k}": images.reshape(30, 42)[:, k] for k in range(42)} | {"label": labels})
    with pytest.raises(DataError, match=r"images of 6x6 have 36 pixels, but .* has 42 columns .* --drop"):
        rightfit.fit(frame, "label", image="6x6")
    holed = frame.with_columns(p3=pl.when(pl.int_range(30) < 2).then(None).otherwise(pl.col("p3")))
    with pytest.raises(ColumnError, match="pixel 'p3' is empty in 2 rows"):
        rightfit.fit(holed, "label", image="6x7")
    with pytest.raises(ColumnError, match="'p1' is a pixel of an image, and no category"):
        rightfit.fit(frame, "label", image="6x7", kinds={"p1": "category"})
