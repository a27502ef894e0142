"""A small convolutional net for images: the net that ``module="convolution"`` names.

    convolution of 5 x 5, stride 2, 16 channels -> rectified -> convolution of 3 x 3, stride 2, 32 channels -> rectified
    -> dropout -> linear

Strides instead of pooling take a quarter of the work (Springenberg and others 2015, Striving for simplicity). Images
smaller than 8 x 8 keep their size in the first layer. The last layer starts at 0, so that a net starts at the constant
model.
"""

from __future__ import annotations

from torch import nn

CHANNELS = 16
SMALL = 8


def convolution(inputs: tuple[int, int, int], outputs: int) -> nn.Module:
    """For images (channels, height, width)."""
    channels, height, width = inputs
    first = 1 if min(height, width) < SMALL else 2
    last = nn.Linear(2 * CHANNELS * _half(_half(height, first), 2) * _half(_half(width, first), 2), outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(
        nn.Conv2d(channels, CHANNELS, 5, stride=first, padding=2),
        nn.ReLU(),
        nn.Conv2d(CHANNELS, 2 * CHANNELS, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(),
        last,
    )


def _half(length: int, stride: int) -> int:
    return -(-length // stride)
