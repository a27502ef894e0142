"""What a solver hands back: the steps of every task's path, collected one by one."""

from __future__ import annotations

import numpy as np

from rightfit.records import Status, Trace
from rightfit.solvers.watch import tell


class Steps:
    """One task's path while it is being walked; only non-zero coefficients are kept."""

    def __init__(self, features: int, outputs: int):
        self.features, self.outputs = features, outputs
        self.strengths: list[float] = []
        self.intercept: list[np.ndarray] = []
        self.indices: list[np.ndarray] = []
        self.values: list[np.ndarray] = []
        self.gap: list[float] = []
        self.status: list[Status] = []
        self.complexity: list[float] = []
        self.explained: list[float] = []

    def add(
        self,
        strength: float,
        columns: np.ndarray,
        coef: np.ndarray,
        intercept: np.ndarray,
        *,
        gap: float,
        status: Status,
        complexity: float,
        explained: float,
    ) -> None:
        """One more step: ``coef`` (q, C) of ``columns`` (q,), gap and explained relative to the null loss."""
        if (columns[1:] < columns[:-1]).any():
            order = np.argsort(columns, kind="stable")
            columns, coef = columns[order], coef[order]
        numbers = (columns[:, None] * self.outputs + np.arange(self.outputs)).ravel()
        flat = coef.ravel()
        keep = flat != 0
        self.put(strength, numbers[keep], flat[keep], intercept, gap, status, complexity, explained)

    def put(
        self,
        strength: float,
        numbers: np.ndarray,
        values: np.ndarray,
        intercept: np.ndarray,
        gap: float,
        status: Status,
        complexity: float,
        explained: float,
    ) -> None:
        """The same of ``values`` that are not zero, which stand at rising ``numbers``: column times outputs plus
        output."""
        self.strengths.append(float(strength))
        self.intercept.append(np.array(intercept, dtype=float))
        self.indices.append(numbers)
        self.values.append(values)
        self.gap.append(float(gap))
        self.status.append(status)
        self.complexity.append(float(complexity))
        self.explained.append(float(explained))
        tell()

    def centre(self, mean: np.ndarray) -> None:
        """Set the intercepts so that a row at ``mean`` (p,) has predictor 0; one output."""
        self.intercept = [
            np.array([-(mean[at] @ values)]) for at, values in zip(self.indices, self.values, strict=True)
        ]

    @classmethod
    def join(cls, parts: list[Steps], null_loss: np.ndarray) -> Steps:
        """One path of C outputs from those of each by itself, whose gaps and explained shares are relative to their
        ``null_loss`` (C,)."""
        C, share = len(parts), null_loss / null_loss.sum()
        out = cls(parts[0].features, C)
        out.strengths = parts[0].strengths
        for k in range(len(out.strengths)):
            numbers = np.concatenate([part.indices[k] * C + c for c, part in enumerate(parts)])
            order = np.argsort(numbers, kind="stable")
            out.intercept.append(np.concatenate([part.intercept[k] for part in parts]))
            out.indices.append(numbers[order])
            out.values.append(np.concatenate([part.values[k] for part in parts])[order])
            out.gap.append(float(share @ [part.gap[k] for part in parts]))
            out.status.append(max(part.status[k] for part in parts))
            out.complexity.append(sum(part.complexity[k] for part in parts))
            out.explained.append(float(share @ [part.explained[k] for part in parts]))
        return out

    def drop_last(self) -> None:
        """Take the last step back."""
        for part in (self.strengths, self.intercept, self.indices, self.values, self.gap, self.status):
            part.pop()
        self.complexity.pop()
        self.explained.pop()

    def trace(self, fill: np.ndarray, scale: np.ndarray) -> Trace:
        """The finished path as data."""
        lengths = [len(part) for part in self.values]
        return Trace(
            strengths=np.array(self.strengths),
            intercept=np.array(self.intercept).reshape(len(self.strengths), self.outputs),
            indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            indices=np.concatenate(self.indices).astype(np.int64) if lengths else np.zeros(0, np.int64),
            values=np.concatenate(self.values) if lengths else np.zeros(0),
            features=self.features,
            outputs=self.outputs,
            gap=np.array(self.gap),
            status=np.array([int(s) for s in self.status], dtype=np.int8),
            complexity=np.array(self.complexity),
            explained=np.array(self.explained),
            fill=fill,
            scale=scale,
        )
