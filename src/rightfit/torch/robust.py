"""Accuracy under attack beside plain accuracy."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from rightfit.errors import DataError
from rightfit.torch.adversarial import Attack
from rightfit.torch.modes import evaluating


@dataclass(frozen=True)
class Robustness:
    """Shares of held-out rows that a net classifies rightly.

    Standard errors are ``sqrt(p (1 - p) / rows)`` with p = (hits + 1) / (rows + 2), so that a share of 0 or 1 of few
    rows is not taken for certain.
    """

    rows: int
    hits: int
    """Rows that are classified rightly as they are."""
    robust_hits: int
    """Of these, rows that still are after the attack."""

    @property
    def plain(self) -> float:
        """Accuracy."""
        return self.hits / self.rows

    @property
    def robust(self) -> float:
        """Accuracy under attack: an upper bound, since a stronger attack may find more."""
        return self.robust_hits / self.rows

    @property
    def plain_error(self) -> float:
        """Standard error of `plain`."""
        return self._error(self.hits)

    @property
    def robust_error(self) -> float:
        """Standard error of `robust`."""
        return self._error(self.robust_hits)

    @property
    def lost(self) -> float:
        """Share of rows that the attack turns."""
        return (self.hits - self.robust_hits) / self.rows

    @property
    def lost_error(self) -> float:
        """Standard error of `lost`, paired: each row is its own control."""
        return self._error(self.hits - self.robust_hits)

    def __str__(self) -> str:
        plain = f"{100 * self.plain:.1f} % ± {100 * self.plain_error:.1f}"
        robust = f"{100 * self.robust:.1f} % ± {100 * self.robust_error:.1f}"
        return f"{plain} of {self.rows:,} rows are right, {robust} under attack"

    def _error(self, hits: int) -> float:
        share = (hits + 1) / (self.rows + 2)
        return math.sqrt(share * (1 - share) / self.rows)


def robustness(
    module: nn.Module,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    attack: Attack,
    *,
    generator: torch.Generator,
) -> Robustness:
    """Plain and robust accuracy of a classifier on batches of held-out inputs and class numbers, in evaluation mode.

    A row is robust where it is right before and after the attack. Modes are as before afterwards.

    Raises
    ------
    DataError
        There are no rows.
    """
    rows = hits = robust = 0
    with evaluating(module):
        for x, labels in batches:
            right = _right(module, x, labels)
            still = right & _right(module, attack(module, x, labels, generator=generator), labels)
            rows, hits, robust = rows + len(x), hits + int(right.sum()), robust + int(still.sum())
    if not rows:
        raise DataError("there are no rows to measure robustness on")
    return Robustness(rows, hits, robust)


@torch.no_grad()
def _right(module: nn.Module, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(module(x).argmax(dim=1) == labels)
