"""Early stopping: training ends when the held-out loss has not fallen by more than its noise for some epochs."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, final

import torch
from torch import nn

from rightfit.errors import FitError, OptionError
from rightfit.torch.checks import check_count, check_range
from rightfit.torch.noise import curve_noise


@final
class EarlyStopping:
    """Watches the held-out loss of a net, keeps its best weights, and says when to stop.

        stopping = EarlyStopping(net, patience=10)
        for epoch in range(200):
            ...
            if stopping.update(held_out_losses):
                break
        stopping.restore()

    An epoch counts as an improvement where its loss lies below that of the last one that counted by more than
    ``minimum``; ``patience`` epochs without one end the training. Small steps down add up: they are compared with the
    last epoch that counted, not with the last epoch. By default ``minimum`` follows from the noise, ``errors`` standard
    errors of the difference of the two losses:

    - from one loss a row, always for the same rows in the same order: the paired standard error over rows;
    - from one number an epoch: sqrt(2) times the noise of the curve, see `rightfit.torch.noise`.

    The weights that are kept are those of the lowest loss, with running statistics. Rows that decide when to stop have
    been learned from: score the net on others.

    Parameters
    ----------
    patience
        Epochs without improvement, 1 or more.
    minimum
        A fixed least improvement, in units of the loss, 0 or more.
    errors
        Standard errors that count as improvement, where ``minimum`` is not given.
    """

    def __init__(
        self, module: nn.Module, *, patience: int = 10, minimum: float | None = None, errors: float = 1.0
    ) -> None:
        self.module = module
        self.patience = check_count("patience", patience)
        self.minimum = None if minimum is None else check_range("minimum", minimum, 0)
        self.errors = check_range("errors", errors, 0)
        self.curve: list[float] = []
        """Mean held-out loss of every epoch."""
        self.best_epoch = -1
        """Counted from 0."""
        self._counted = -1
        self._rows: torch.Tensor | None = None
        self._best: dict[str, Any] = {}

    def update(self, losses: float | torch.Tensor) -> bool:
        """Takes the held-out loss of the epoch that has ended, one number or (rows,); True says stop. Of other
        shapes the mean is taken.

        Raises
        ------
        FitError
            A loss that is not a number or infinite; the best weights can still be restored.
        OptionError
            Rows whose number changes.
        """
        tensor = losses if isinstance(losses, torch.Tensor) else torch.tensor(losses, dtype=torch.float64)
        values = tensor.detach().cpu().double()
        rows = values if values.ndim == 1 and len(values) > 1 else None
        loss = float(values.mean())
        if not math.isfinite(loss):
            raise FitError(
                f"the held-out loss of epoch {len(self.curve)} is {loss}: lower the learning rate, or restore() the "
                "best weights so far"
            )
        least = self._least(loss, rows)
        self.curve.append(loss)
        epoch = len(self.curve) - 1
        if self._counted < 0 or loss < self.curve[self._counted] - least:
            self._counted, self._rows = epoch, None if rows is None else rows.clone()
        if self.best_epoch < 0 or loss < self.curve[self.best_epoch]:
            self.best_epoch = epoch
            self._best = {name: _copy(value) for name, value in self.module.state_dict().items()}
        return self.stopped

    @property
    def stopped(self) -> bool:
        """Whether patience is at its end."""
        return bool(self.curve) and len(self.curve) - 1 - self._counted >= self.patience

    @property
    def reason(self) -> str:
        """Where training stands, in one sentence."""
        if not self.curve:
            return "no epoch has ended yet"
        best = f"the lowest held-out loss is {self.curve[self.best_epoch]:.4g}, of epoch {self.best_epoch}"
        waited = len(self.curve) - 1 - self._counted
        if self.stopped:
            return f"stopped: no improvement beyond noise for {waited} epochs; {best}"
        return f"goes on, {waited} of {self.patience} epochs without improvement; {best}"

    def restore(self) -> int:
        """Puts the best weights back into the net and returns their epoch.

        Raises
        ------
        FitError
            No epoch has ended yet.
        """
        if self.best_epoch < 0:
            raise FitError("no epoch has ended yet: call update with a held-out loss first")
        self.module.load_state_dict(self._best)
        return self.best_epoch

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed training needs, numbers and tensors, for ``torch.save``."""
        return {
            "curve": list(self.curve),
            "best_epoch": self.best_epoch,
            "counted": self._counted,
            "rows": self._rows,
            "best": dict(self._best),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from a saved state; the net's own weights are not touched."""
        self.curve = [float(loss) for loss in state["curve"]]
        self.best_epoch, self._counted = int(state["best_epoch"]), int(state["counted"])
        self._rows = state["rows"]
        self._best = {name: _copy(value) for name, value in state["best"].items()}

    def _least(self, loss: float, rows: torch.Tensor | None) -> float:
        """The improvement that counts."""
        if self.minimum is not None:
            return self.minimum
        if self._counted >= 0 and (rows is None) != (self._rows is None):
            raise OptionError(
                "update takes one number every epoch, or the losses of rows every epoch, not both in turn"
            )
        if rows is None or self._rows is None:
            return self.errors * math.sqrt(2) * curve_noise([*self.curve, loss])
        if len(rows) != len(self._rows):
            raise OptionError(
                f"update was given {len(rows)} rows, and {len(self._rows)} before; hold the same rows out"
            )
        return self.errors * float((rows - self._rows).std()) / math.sqrt(len(rows))


def _copy(value: Any) -> Any:
    """``state_dict`` shows the live tensors, which the next step changes."""
    return value.detach().clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)
