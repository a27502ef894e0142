"""Mixup: rows and their targets, mixed in pairs."""

from __future__ import annotations

import numpy as np
import torch

from rightfit.errors import DataError
from rightfit.torch.checks import check_range
from rightfit.torch.draws import check_floating


def mixup(
    x: torch.Tensor, targets: torch.Tensor, alpha: float, *, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """``m x_i + (1 - m) x_j`` and the same of targets, with j a permutation of the batch and m from Beta(alpha, alpha),
    drawn anew for each row.

    Targets must be able to be mixed: shares of classes (`smooth_labels` with smoothing 0 makes them from class numbers)
    or numbers. Cross-entropy is linear in shares, so its value is the mix of both labels' losses. ``alpha`` of 0 mixes
    nothing, 1 is uniform, 0.1 to 0.4 is usual. (Zhang et al. 2018, "mixup: beyond empirical risk minimization",
    equation 1.) Mixed rows are for training; held-out rows stay as they are.

    Raises
    ------
    OptionError
        A negative alpha.
    DataError
        Whole numbers in ``x`` or ``targets``, or numbers of rows that differ.
    """
    check_range("alpha", alpha, 0)
    check_floating("x", x)
    if not targets.is_floating_point():
        raise DataError("class numbers cannot be mixed; make shares of them: smooth_labels(labels, 0, classes=...)")
    if len(x) != len(targets):
        raise DataError(f"x has {len(x)} rows and targets has {len(targets)}")
    if alpha == 0 or len(x) == 0:
        return x, targets
    order = torch.randperm(len(x), generator=generator, device=generator.device).to(x.device)
    # torch's Beta takes no generator; NumPy's does, and is seeded from ours.
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    share = torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, len(x)))

    def mix(values: torch.Tensor) -> torch.Tensor:
        m = share.to(values).reshape(-1, *(1 for _ in values.shape[1:]))
        return m * values + (1 - m) * values[order.to(values.device)]

    return mix(x), mix(targets)
