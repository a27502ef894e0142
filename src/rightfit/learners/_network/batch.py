"""One batch of each group (resample, seed): what it shows the nets of a rung, and which way their loss slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
import torch

from rightfit.learners._network.ground import Ground
from rightfit.learners._network.rungs import Rung


@final
class Batch:
    """Rows (G, b) with their weights over the number of rows, and inputs (G, b, p).

    With mixup, a row i and its partner j, the next row of the batch, are shown as share * x_i + (1 - share) * x_j, and
    their losses are mixed alike: for classes that is the loss of mixed labels.
    """

    def __init__(
        self,
        ground: Ground,
        resample: torch.Tensor,
        rows: torch.Tensor,
        weight: torch.Tensor,
        inputs: torch.Tensor,
        partner: torch.Tensor | None,
        share: torch.Tensor | None,
    ):
        """``partner`` (G, b) are places in the batch, ``share`` is (R, G); None without mixup."""
        self.ground, self.inputs, self.share = ground, inputs, share
        self.target = ground.target[rows]
        self.spread = ground.spread[resample, None]
        constant = ground.constant[resample, None]
        self.level = constant if ground.offset is None else constant + ground.offset[rows]
        self.weight = weight[:, :, None] * (self.spread / ground.unit[resample, None, None])
        if partner is not None:
            group = torch.arange(len(partner), device=partner.device)[:, None]
            self.partner_inputs, self.partner_target = inputs[group, partner], self.target[group, partner]
            self.partner_weight = self.weight[group, partner]
            self.partner_level = self.level if ground.offset is None else self.level[group, partner]

    def of(
        self, rungs: Sequence[Rung], places: range, groups: slice
    ) -> tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]]:
        """Inputs of these groups on these rungs, (G, b, p), or (M, b, p) where rungs see different ones; and the slope
        (M, b, C) -> (M, b, C) of their mean loss in the outputs."""
        smoothing = self.ground.tensor(np.array([rung.smoothing for rung in rungs]))[:, None, None, None]
        smooth = any(rung.smoothing for rung in rungs)
        mixed = self.share is not None and any(rung.mixup for rung in rungs)

        def lean(eta: torch.Tensor, target: torch.Tensor, level: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
            target = target[groups]
            found = self.ground.slope(target, eta + level[groups])
            if smooth:
                even = 1 / max(2, self.ground.outputs)
                found = found + smoothing * (self.ground.indicate(target) - even)
            return found * weight[groups]

        def slope(outputs: torch.Tensor) -> torch.Tensor:
            eta = outputs.view(len(rungs), -1, *outputs.shape[1:]) * self.spread[groups]
            found = lean(eta, self.target, self.level, self.weight)
            if mixed:
                other = lean(eta, self.partner_target, self.partner_level, self.partner_weight)
                found = found * share + other * (1 - share)
            return found.reshape(outputs.shape)

        inputs = self.inputs[groups]
        if mixed:
            assert self.share is not None
            share = self.share[places.start : places.stop, groups, None, None]
            inputs = (share * inputs + (1 - share) * self.partner_inputs[groups]).flatten(0, 1)
        return inputs, slope
