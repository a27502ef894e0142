"""The path of a family without coefficients as data: the share of each feature at every step."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Path
from rightfit.records import Evidence, Trace


def trace_importance(path: Path, evidence: Evidence) -> Trace:
    """A `Trace` whose values are `Path.importance`; what is explained comes from the evidence's training losses, step 0
    being the constant model."""
    shares = [path.importance(k) for k in range(len(path.strengths))]
    used = [np.flatnonzero(share) for share in shares]
    p, steps = len(shares[0]), len(shares)
    training = np.asarray(evidence.training, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = np.where(training[0] > 0, 1 - training / training[0], 0.0)
    return Trace(
        strengths=np.asarray(path.strengths, np.float64),
        intercept=np.zeros((steps, 1)),
        indptr=np.concatenate([[0], np.cumsum([len(u) for u in used])]).astype(np.int64),
        indices=np.concatenate(used).astype(np.int64),
        values=np.concatenate([share[u] for share, u in zip(shares, used, strict=True)]),
        features=p,
        outputs=1,
        gap=np.asarray(path.gap, np.float64),
        status=np.asarray(path.status, np.int8),
        complexity=np.asarray(path.complexity, np.float64),
        explained=explained,
        fill=np.zeros(p),
        scale=np.ones(p),
        measures="importance",
    )
