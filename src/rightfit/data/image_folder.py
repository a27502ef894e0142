"""Images from a folder of class folders: ``flowers/aster/1.png`` is an image with the label ``aster``.

Pillow decodes them (the extra ``networks`` brings it). Pictures are turned as their EXIF tag says; what is transparent
becomes white. They are grey, (n, h, w), where no picture of the folder has colours, else (n, h, w, 3).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rightfit.errors import DataError, FileError, MissingExtraError
from rightfit.records import Note

if TYPE_CHECKING:
    from PIL.Image import Image

_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
_GREY = ("1", "L", "LA")


def read_folder(
    path: Path, shape: tuple[int, ...] | None = None
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[Note, ...]]:
    """Pixels, labels, names of files relative to ``path``, and notes on what was left out or resized; files in the
    order of their names. With ``shape`` pictures of another size are resized to it, without it they are refused."""
    files, notes = _files(path)
    pillow = _pillow()
    opened = [_open(pillow, path / name, name) for name in files]
    grey = shape[2] == 1 if shape is not None and len(shape) == 3 else all(p.mode in _GREY for p in opened)
    size = (shape[1], shape[0]) if shape is not None else opened[0].size
    resized = 0
    out = np.empty((len(opened), size[1], size[0], *(() if grey else (3,))), np.uint8)
    for k, picture in enumerate(opened):
        if picture.size != size:
            if shape is None:
                raise DataError(
                    f"{files[k]} has {_size(picture.size)} pixels and {files[0]} has {_size(size)}: images must be of "
                    f"one size; give one that all are resized to, such as --image {_size(size)}"
                )
            resized += 1
            picture = picture.resize(size, pillow.Resampling.BILINEAR)
        out[k] = np.asarray(picture.convert("L" if grey else "RGB"))
    if resized:
        notes.append(Note("info", "", f"{resized:,} of {len(files):,} images were resized to {_size(size)}."))
    pixels = out.reshape(len(out), *shape) if shape is not None and shape[2:] == (1,) else out
    labels = np.asarray([Path(name).parts[0] for name in files], dtype=str)
    return pixels, labels, tuple(files), tuple(notes)


def _files(path: Path) -> tuple[list[str], list[Note]]:
    """Names of all pictures, at any depth below a class folder."""
    found: list[str] = []
    strangers: list[str] = []
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        if not file.is_file() or any(part.startswith(".") for part in parts):
            continue
        name = "/".join(parts)
        (found if file.suffix.lower() in _ENDINGS and len(parts) > 1 else strangers).append(name)
    if not found:
        raise FileError(
            f"the folder {path} holds no class folders with pictures ({', '.join(_ENDINGS)}): it should look like "
            f"{path.name}/cat/1.png, {path.name}/dog/1.png"
        )
    if not strangers:
        return found, []
    many = f"{strangers[0]} is no picture" if len(strangers) == 1 else f"{len(strangers):,} files are no pictures"
    such = "was left out" if len(strangers) == 1 else f"were left out, such as {strangers[0]}"
    sentence = f"{many} in a class folder and {such}."
    return found, [Note("warning", "", sentence)]


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError(
            'reading PNG and JPEG needs Pillow: pip install "rightfit[networks]"; or save the images as .npz'
        ) from error
    return Image


def _open(pillow: Any, file: Path, name: str) -> Image:
    from PIL import ImageOps

    try:
        with pillow.open(file) as picture:
            picture.load()
            upright: Image = ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise FileError(f"{name} cannot be read as a picture ({error}): mend it or take it out") from error
    if upright.mode.startswith(("I", "F")):
        raise DataError(f"{name} has more than 8 bits a pixel: save such images as .npz")
    if "transparency" in upright.info or upright.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        white = pillow.new("RGBA", upright.size, "white")
        flat = pillow.alpha_composite(white, upright.convert("RGBA"))
        upright = flat.convert("L" if upright.mode in _GREY else "RGB")
    return upright


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
