"""Images and labels from the arrays of an ``.npz`` file, which may hold no Python objects."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from rightfit.errors import DataError, FileError, OptionError


def read_arrays(
    path: Path, shape: tuple[int, ...] | None = None, label: str | None = None
) -> tuple[np.ndarray, np.ndarray | None, str]:
    """Pixels (n, h, w) or (n, h, w, c), labels (n,) or None, and the name of the array of labels.

    ``shape`` tells rows (n, h * w * c) apart from a table of numbers, and is checked otherwise; ``label`` names the
    array of labels where several could be it.
    """
    arrays = _load(path)
    listed = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
    candidates = [name for name, array in arrays.items() if array.ndim in (3, 4)]
    if not candidates and shape is not None:
        size = int(np.prod(shape))
        candidates = [name for name, array in arrays.items() if array.ndim == 2 and array.shape[1] == size]
    if len(candidates) != 1:
        what = "no array" if not candidates else "several arrays"
        raise DataError(
            f"{path.name} has {what} of images: it holds {listed}. Keep one of shape (n, height, width) or "
            "(n, height, width, channels)" + ("" if shape else ", or give --image for rows of pixels")
        )
    pixels = arrays[candidates[0]]
    if pixels.ndim == 2:
        assert shape is not None
        pixels = pixels.reshape(len(pixels), *shape)
    _check(pixels, f"{candidates[0]} of {path.name}", shape)
    if label is not None and label not in arrays:
        raise OptionError(f"--label: there is no array {label!r} in {path.name}; it holds {listed}")
    answers = [label] if label else [n for n, a in arrays.items() if a.ndim == 1 and len(a) == len(pixels)]
    if len(answers) > 1:
        raise DataError(f"{path.name} has several arrays that may be labels: {', '.join(answers)}; give --label NAME")
    if not answers:
        return pixels, None, ""
    labels = arrays[answers[0]]
    if labels.shape != (len(pixels),):
        raise DataError(
            f"labels {answers[0]!r} of {path.name} have shape {labels.shape}, but there are {len(pixels):,} images"
        )
    return pixels, labels, answers[0]


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise FileError(f"{path.name} holds one array and is no .npz file: write it by numpy.savez")
            return {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise FileError(f"there is no file {path}. Check the name and the folder.") from error
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise FileError(
                f"{path.name} holds Python objects, which could run code when read: write plain numbers or text"
            ) from error
        raise FileError(f"{path.name} is damaged or no .npz file: write it by numpy.savez") from error
    except (OSError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise FileError(f"{path.name} is damaged or no .npz file: write it by numpy.savez") from error


def _check(pixels: np.ndarray, name: str, shape: tuple[int, ...] | None) -> None:
    if not (pixels.dtype.kind in "uif" or pixels.dtype == bool):
        raise DataError(f"{name} holds {pixels.dtype}, no numbers")
    if not pixels.size:
        raise DataError(f"{name} has shape {pixels.shape}: there are no images in it")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        row = int(np.argwhere(~np.isfinite(pixels))[0][0])
        raise DataError(f"{name} has a value that is not finite in image {row}: mend it, or take the image out")
    if pixels.ndim == 4 and pixels.shape[3] not in (1, 2, 3, 4):
        advice = "numpy.moveaxis(images, 1, -1)" if pixels.shape[1] in (1, 2, 3, 4) else "at most four channels"
        raise DataError(f"{name} has shape {pixels.shape}: channels come last, so write {advice}")
    if shape is not None and pixels.shape[1:] != shape:
        raise DataError(f"{name} holds images of shape {pixels.shape[1:]}, not the {shape} that --image says")
