"""Images moved by affine maps: exactly where pixels fall on pixels, by bilinear interpolation elsewhere.

Places are counted in pixels, with the centre of pixel 0 at 0, so that the image reaches from -1/2 to width - 1/2. In
the units of ``torch.nn.functional.grid_sample`` with ``align_corners=False``, the border of the image is at -1 and 1
and place x is (2 x + 1) / width - 1. Those units are not exact: a flip would change the last bits. So an image all of
whose pixels come from pixels (flips, quarter turns, whole shifts, no change at all) is copied by index.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch.nn.functional import grid_sample

_NEAR = 1e-7
"""A place that is this close to a pixel, in pixels, is the pixel: cos(pi/2) is 6e-17, and not 0."""


def resample(images: torch.Tensor, maps: torch.Tensor, fill: float | Literal["edge"]) -> torch.Tensor:
    """(n, c, h, w) whose pixel at place p, counted from the centre, is that of ``images`` at maps @ p.

    Args:
        images: (n, c, h, w) float32 or float64.
        maps: (n, 3, 3) float64, on the processor.
        fill: value outside the image; ``"edge"`` is that of the nearest pixel.
    """
    right, down = _places(images, maps)
    exact = (right == right.round()).flatten(1).all(dim=1) & (down == down.round()).flatten(1).all(dim=1)
    if exact.all():
        return _by_index(images, right, down, fill)
    if not exact.any():
        return _by_weights(images, right, down, fill)
    out = torch.empty_like(images)
    for those, way in ((exact, _by_index), (~exact, _by_weights)):
        out[those] = way(images[those], right[those], down[those], fill)
    return out


def _places(images: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the value of each new pixel comes from, to the right and down: (n, h, w) float64, or (n, 1, w) and
    (n, h, 1) where no image is turned, which is many times faster."""
    height, width = images.shape[2:]
    maps = maps.to(images.device)
    x = torch.arange(width, device=images.device, dtype=torch.float64) - (width - 1) / 2
    y = torch.arange(height, device=images.device, dtype=torch.float64) - (height - 1) / 2
    straight = not bool((maps[:, 0, 1] != 0).any() or (maps[:, 1, 0] != 0).any())
    out = []
    for row, length in ((0, width), (1, height)):
        a, b, moved = (maps[:, row, column, None, None] for column in range(3))
        along = (a * x if row == 0 else b * y[:, None]) if straight else a * x + b * y[:, None]
        place = along + moved + (length - 1) / 2
        near = place.round()
        out.append(torch.where((place - near).abs() < _NEAR, near, place))
    return out[0], out[1]


def _by_index(
    images: torch.Tensor, right: torch.Tensor, down: torch.Tensor, fill: float | Literal["edge"]
) -> torch.Tensor:
    count, channels, height, width = images.shape
    inside_right, inside_down = right.clamp(0, width - 1), down.clamp(0, height - 1)
    index = (inside_down.long() * width + inside_right.long()).flatten(1)[:, None].expand(-1, channels, -1)
    taken = images.flatten(2).gather(2, index).view(count, channels, height, width)
    if fill == "edge":
        return taken
    outside = (inside_right != right) | (inside_down != down)
    return taken.masked_fill(outside[:, None], fill)


def _by_weights(
    images: torch.Tensor, right: torch.Tensor, down: torch.Tensor, fill: float | Literal["edge"]
) -> torch.Tensor:
    count, _, height, width = images.shape
    places = ((2 * right + 1) / width - 1, (2 * down + 1) / height - 1)
    grid = torch.stack([place.expand(count, height, width) for place in places], dim=3).to(images.dtype)
    least, most = map(float, images.detach().aminmax())
    if fill == "edge":
        moved = grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
    else:  # outside is 0 there, so that the fill is taken off first
        moved = grid_sample(images - fill, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + fill
        least, most = min(least, fill), max(most, fill)
    return moved.clamp(least, most)  # weights that add up to 1 + 1e-7 would leave the range
