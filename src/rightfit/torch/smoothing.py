"""Targets that are less than certain."""

from __future__ import annotations

import torch

from rightfit.errors import DataError, OptionError
from rightfit.torch.checks import check_count, check_range


def smooth_labels(labels: torch.Tensor, smoothing: float, *, classes: int | None = None) -> torch.Tensor:
    """``(1 - smoothing) t + smoothing / classes``: shares of classes for ``cross_entropy``, in training alone.

    ``labels`` are class numbers (n,), for which ``classes`` is needed; or shares (n, classes), such as `mixup` returns;
    or floating-point probabilities (n,) of the second of two classes, which stay (n,) for
    ``binary_cross_entropy_with_logits``. Held-out losses are to be taken with the labels as they are: with smoothed
    ones they would reward a net for doubt. (Szegedy et al. 2016, section 7.)

    Raises
    ------
    OptionError
        A smoothing outside of 0 to 1, or no ``classes`` where they are needed.
    DataError
        Labels that are no class numbers below ``classes``, or no shares.
    """
    check_range("smoothing", smoothing, 0, 1)
    if labels.is_floating_point():
        if bool((labels < 0).any() or (labels > 1).any() or labels.isnan().any()) or labels.ndim not in (1, 2):
            raise DataError("shares of classes must lie between 0 and 1, in a tensor (n,) or (n, classes)")
        if classes is not None and labels.ndim == 2 and labels.shape[1] != classes:
            raise DataError(f"labels have shares of {labels.shape[1]} classes, not of {classes}")
        return (1 - smoothing) * labels + smoothing / (2 if labels.ndim == 1 else labels.shape[1])
    if classes is None:
        raise OptionError("classes must be given with class numbers: how many classes are there?")
    check_count("classes", classes, 2)
    if labels.ndim != 1 or (labels.numel() and not 0 <= int(labels.min()) <= int(labels.max()) < classes):
        raise DataError(f"labels must be class numbers from 0 to {classes - 1} in a tensor (n,)")
    shares = torch.nn.functional.one_hot(labels.long(), classes).to(torch.get_default_dtype())
    return (1 - smoothing) * shares + smoothing / classes
