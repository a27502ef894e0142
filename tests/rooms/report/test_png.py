"""Pictures written by hand are the ones that a decoder reads, and texts in pieces are the texts."""

from __future__ import annotations

import io

import numpy as np
import pytest

from rightfit.report.augment_page import changes
from rightfit.report.png import as_bytes, encode_png


@pytest.mark.parametrize("shape", [(5, 3), (1, 1), (4, 6, 1), (4, 6, 2), (4, 6, 3), (4, 6, 4)])
def test_a_decoder_reads_what_was_written(shape: tuple[int, ...]) -> None:
    pillow = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    read = np.asarray(pillow.open(io.BytesIO(encode_png(pixels))))
    np.testing.assert_array_equal(read.reshape(shape), pixels)


def test_other_arrays_are_refused() -> None:
    for wrong in (np.ones((2, 2)), np.ones(3, np.uint8), np.ones((0, 2), np.uint8)):
        with pytest.raises(ValueError, match="bytes"):
            encode_png(wrong)


def test_values_become_bytes() -> None:
    assert as_bytes(np.array([[0.0, 0.5, 1.0]]), 0.0, 1.0).tolist() == [[0, 128, 255]]
    assert as_bytes(np.array([[-2.0, 2.0]]), -2.0, 2.0).tolist() == [[0, 255]]
    assert as_bytes(np.array([[7.0]]), 7.0, 7.0).tolist() == [[0]]
    whole = np.array([[3, 200]], np.uint8)
    assert as_bytes(whole, 3, 200) is whole


def test_changes_are_marked_and_nothing_is_lost() -> None:
    before, after = changes("The quick dog, asleep.", "The fast dog sleeps asleep.")
    assert "".join(text for _, text in before) == "The quick dog, asleep."
    assert "".join(text for _, text in after) == "The fast dog sleeps asleep."
    assert ("gone", "quick") in before and ("new", "fast") in after
    assert not {"new"} & {kind for kind, _ in before} and not {"gone"} & {kind for kind, _ in after}
    assert changes("same", "same") == ([("same", "same")], [("same", "same")])
    assert changes("a" + " b" * 5000, "a")[0][-1] == ("same", " …")
