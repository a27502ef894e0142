"""Images that show the same thing: flipped, turned, rotated, shifted, scaled, noisy, with a piece cut out.

    augment = ImageAugmentation(Flip(), Rotate(10), Shift(2, 2), Noise(0.05), seed=1)
    for images, labels in batches:
        loss = criterion(net(augment(images)), labels)

Every image has its own draw, and every step its own chance. Neighbouring steps that only move pixels are multiplied
into one map and resampled once, so that a rotation after a shift blurs no more than a rotation alone. Draws are made on
the processor from one generator: an accelerator gets the same ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import Literal, final

import numpy as np
import torch

from rightfit.augmentation.resample import resample
from rightfit.errors import DataError, OptionError

Range = float | tuple[float, float]
"""Lowest and highest value of an even draw; one number stands for both signs of it."""
_BATCH = 4096


class Motion(ABC):
    """A step that only moves pixels; ``chance`` is the share of images that it is applied to."""

    chance: float

    @abstractmethod
    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """(count, 3, 3) float64: from a place (x, y, 1) in the new image to where in the old one its value comes from.
        Pixels are counted from the centre of the image, to the right and down."""


class Change(ABC):
    """A step that changes values where they are; ``chance`` is the share of images that it is applied to."""

    chance: float

    @abstractmethod
    def apply(self, images: torch.Tensor, limits: tuple[float, float], generator: torch.Generator) -> torch.Tensor:
        """The changed (n, c, h, w); ``limits`` are the lowest and highest value that an image may have."""


@final
@dataclass(frozen=True)
class Flip(Motion):
    """Mirrors along ``axis``: ``"horizontal"`` exchanges left and right, ``"vertical"`` top and bottom."""

    axis: Literal["horizontal", "vertical"] = "horizontal"
    chance: float = 0.5

    def __post_init__(self) -> None:
        if self.axis not in ("horizontal", "vertical"):
            raise OptionError(f"axis of Flip must be 'horizontal' or 'vertical', not {self.axis!r}")
        _check_chance(self)

    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        signs = (-1.0, 1.0, 1.0) if self.axis == "horizontal" else (1.0, -1.0, 1.0)
        return torch.diag(torch.tensor(signs, dtype=torch.float64)).expand(count, 3, 3)


@final
@dataclass(frozen=True)
class Turn(Motion):
    """Turns by 0, 90, 180 or 270 degrees, each as likely; exact where images are square."""

    chance: float = 1.0

    def __post_init__(self) -> None:
        _check_chance(self)

    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        return _rotations(torch.randint(4, (count,), generator=generator).double() * (pi / 2))


@final
@dataclass(frozen=True)
class Rotate(Motion):
    """Rotates about the centre by an angle from ``degrees``, counted against the clock."""

    degrees: Range = 15.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        _between(self.degrees, "degrees of Rotate")
        _check_chance(self)

    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        return _rotations(_draw(self.degrees, count, generator) * (pi / 180))


@final
@dataclass(frozen=True)
class Shift(Motion):
    """Moves by numbers of pixels from ``right`` and ``down``: whole ones, unless ``whole`` is false."""

    right: Range = 2.0
    down: Range = 2.0
    whole: bool = True
    chance: float = 1.0

    def __post_init__(self) -> None:
        for name, values in (("right", self.right), ("down", self.down)):
            low, high = _between(values, f"{name} of Shift")
            if self.whole and (low % 1 or high % 1):
                raise OptionError(f"{name} of Shift must be whole pixels, not {values}; or give whole=False")
        _check_chance(self)

    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        out = _identity(count)
        for row, values in enumerate((self.right, self.down)):
            low, high = _between(values, "Shift")
            if self.whole:  # every whole number with the same chance, the ends too
                low, high = low - 0.5, high + 0.5
            moved = _draw((low, high), count, generator)
            out[:, row, 2] = -(moved.round().clamp(low + 0.5, high - 0.5) if self.whole else moved)
        return out


@final
@dataclass(frozen=True)
class Scale(Motion):
    """Enlarges by a factor between 1/``most`` and ``most``, as likely up as down (even in its logarithm)."""

    most: float = 1.1
    chance: float = 1.0

    def __post_init__(self) -> None:
        if not 1 <= self.most < float("inf"):
            raise OptionError(f"most of Scale must be 1 or more, such as 1.1, not {self.most}")
        _check_chance(self)

    def maps(self, count: int, generator: torch.Generator) -> torch.Tensor:
        power = 2 * torch.rand(count, generator=generator, dtype=torch.float64) - 1
        out = _identity(count)
        out[:, 0, 0] = out[:, 1, 1] = self.most**-power
        return out


@final
@dataclass(frozen=True)
class Noise(Change):
    """Adds normal noise; ``deviation`` is its standard deviation as a share of the range of values. What leaves the
    range is set to its end."""

    deviation: float = 0.05
    chance: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.deviation < float("inf"):
            raise OptionError(f"deviation of Noise must be 0 or more, such as 0.05, not {self.deviation}")
        _check_chance(self)

    def apply(self, images: torch.Tensor, limits: tuple[float, float], generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(images.shape, generator=generator, dtype=torch.float32).to(images)
        return (images + self.deviation * (limits[1] - limits[0]) * noise).clamp(*limits)


@final
@dataclass(frozen=True)
class Cutout(Change):
    """Sets a square of ``size`` pixels to ``value``; its centre is any pixel, so that at the border less is cut out
    (DeVries and Taylor 2017, Improved regularization of convolutional neural networks with cutout)."""

    size: int = 8
    value: float = 0.0
    chance: float = 1.0

    def __post_init__(self) -> None:
        if self.size < 1 or self.size != int(self.size):
            raise OptionError(f"size of Cutout must be a whole number of pixels, 1 or more, not {self.size}")
        _check_chance(self)

    def apply(self, images: torch.Tensor, limits: tuple[float, float], generator: torch.Generator) -> torch.Tensor:
        count, _, height, width = images.shape
        down, right = (
            self._stretch(length, torch.randint(length, (count, 1), generator=generator)) for length in (height, width)
        )
        hole = (down[:, None, :, None] & right[:, None, None, :]).to(images.device)
        return torch.where(hole, torch.tensor(self.value).to(images), images)

    def _stretch(self, length: int, centre: torch.Tensor) -> torch.Tensor:
        """(n, length) which places are within the square, in one direction."""
        start = centre - self.size // 2
        places = torch.arange(length)
        return (places >= start) & (places < start + self.size)


@final
class ImageAugmentation:
    """Steps in their order, from one seed.

    Args:
        steps: any of `Flip`, `Turn`, `Rotate`, `Shift`, `Scale`, `Noise`, `Cutout`.
        fill: value of what comes into view from outside, or ``"edge"`` for the nearest pixel.
        limits: lowest and highest value that an image may have; those of the batch where None. They say how large
            the noise is, and where it ends.
        seed: of ``generator``, which moves on from call to call; its state can be stored and set.
    """

    def __init__(
        self,
        *steps: Motion | Change,
        fill: float | Literal["edge"] = 0.0,
        limits: tuple[float, float] | None = None,
        seed: int = 0,
    ) -> None:
        strangers = [step for step in steps if not isinstance(step, Motion | Change)]
        if strangers:
            raise OptionError(f"{strangers[0]!r} is no step of an image augmentation; give Flip(), Rotate(10) ...")
        if isinstance(fill, str) and fill != "edge":
            raise OptionError(f"fill must be a number or 'edge', not {fill!r}")
        if limits is not None and not limits[0] < limits[1]:
            raise OptionError(f"limits must be a lower and a higher value, such as (0, 1), not {limits}")
        self.steps, self.fill, self.limits = steps, fill, limits
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """A new tensor of the same shape, type and device. No value leaves the limits, but for those that come from
        ``fill`` and from ``value`` of `Cutout`. DataError unless ``images``
        is (n, channels, height, width) or (n, height, width), of floats or of bytes."""
        _check_images(images)
        if not images.numel():
            return images.clone()
        least, most = self.limits or tuple(map(float, images.detach().aminmax()))
        precise = images.dtype in (torch.float32, torch.float64)
        work = images if precise else images.float()
        work = work[:, None] if images.ndim == 3 else work
        waiting: torch.Tensor | None = None
        for step in self.steps:
            chosen = torch.rand(len(work), generator=self.generator) < step.chance
            if isinstance(step, Motion):
                maps = step.maps(len(work), self.generator)
                maps = torch.where(chosen[:, None, None], maps, _identity(len(work)))
                waiting = maps if waiting is None else waiting @ maps
                continue
            work, waiting = self._moved(work, waiting), None
            changed = step.apply(work, (least, most), self.generator)
            work = torch.where(chosen[:, None, None, None].to(work.device), changed, work)
        work = self._moved(work, waiting)
        work = work[:, 0] if images.ndim == 3 else work
        work = work if images.dtype.is_floating_point else work.round()
        return work.clone() if work.dtype == images.dtype and not self.steps else work.to(images.dtype)

    def _moved(self, images: torch.Tensor, maps: torch.Tensor | None) -> torch.Tensor:
        return images if maps is None else resample(images, maps, self.fill)

    def __repr__(self) -> str:
        return f"ImageAugmentation({', '.join(map(repr, self.steps))}, fill={self.fill!r}, limits={self.limits})"


def augment_arrays(
    steps: Sequence[Motion | Change],
    pixels: np.ndarray,
    seed: int,
    limits: tuple[float, float] | None = None,
    *,
    fill: Literal["black", "edge"] = "black",
) -> np.ndarray:
    """An augmented copy of NumPy images (n, h, w) or (n, h, w, c), of the same type; whole numbers stay whole.

    ``limits`` are those of all pixels where None; what comes into view is black, the lowest of them, or repeats the
    ``edge``.
    """
    low, high = (float(pixels.min()), float(pixels.max())) if limits is None else limits
    outside: float | Literal["edge"] = "edge" if fill == "edge" else low
    augment = ImageAugmentation(*steps, fill=outside, limits=(low, high) if low < high else None, seed=seed)
    parts = []
    for start in range(0, len(pixels), _BATCH):
        part = torch.from_numpy(np.ascontiguousarray(pixels[start : start + _BATCH], np.float32))
        made = augment(part.movedim(3, 1)).movedim(1, 3) if part.ndim == 4 else augment(part)
        parts.append(made.numpy())
    out = np.concatenate(parts)
    return (out if pixels.dtype.kind == "f" else out.round()).astype(pixels.dtype)


def _check_images(images: torch.Tensor) -> None:
    if not isinstance(images, torch.Tensor):
        raise DataError(f"images must be a torch.Tensor, not {type(images).__name__}; use torch.from_numpy")
    if images.ndim not in (3, 4):
        shape = tuple(images.shape)
        raise DataError(f"images must be (n, channels, height, width) or (n, height, width), but have shape {shape}")
    if not (images.dtype.is_floating_point or images.dtype == torch.uint8):
        raise DataError(f"images must hold floats or bytes (uint8), not {images.dtype}; use images.float()")
    if images.dtype.is_floating_point and not bool(images.isfinite().all()):
        raise DataError("images hold values that are not finite; take those images out")


def _check_chance(step: Motion | Change) -> None:
    if not 0 <= step.chance <= 1:
        raise OptionError(f"chance of {type(step).__name__} must be between 0 and 1, not {step.chance}")


def _between(values: Range, name: str) -> tuple[float, float]:
    low, high = values if isinstance(values, tuple) else (-abs(values), abs(values))
    if not float("-inf") < low <= high < float("inf"):
        raise OptionError(f"{name} must be a number, or a lower and a higher one, not {values}")
    return low, high


def _draw(values: Range, count: int, generator: torch.Generator) -> torch.Tensor:
    low, high = _between(values, "range")
    return low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)


def _identity(count: int) -> torch.Tensor:
    return torch.eye(3, dtype=torch.float64).repeat(count, 1, 1)


def _rotations(angles: torch.Tensor) -> torch.Tensor:
    out = _identity(len(angles))
    out[:, 0, 0] = out[:, 1, 1] = angles.cos()
    out[:, 1, 0] = angles.sin()
    out[:, 0, 1] = -angles.sin()
    return out
