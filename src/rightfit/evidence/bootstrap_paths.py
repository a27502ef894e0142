"""How coefficients vary from sample to sample: bootstrap paths and their percentiles.

Every bootstrap resample walks the whole path, all of them in one batched call. At each step the interval of level 1 - a
of a coefficient goes from the a/2 to the 1 - a/2 quantile of its bootstrap values (Efron 1979; Efron and Tibshirani
1993, An Introduction to the Bootstrap, section 13.3), and its frequency is the share of resamples in which it is not
zero.

These intervals tell how the *penalized* coefficient varies, at a strength that is held fixed: its bias stays in them.
For the lasso the percentiles of a coefficient whose true value is zero pile up at zero and are no confidence intervals
(Knight and Fu 2000, Annals of Statistics 28; Chatterjee and Lahiri 2011, JASA 106). For confidence, see
`rightfit.evidence.debiased`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Learner, Problem
from rightfit.data.bootstrap import make_bootstrap
from rightfit.errors import OptionError
from rightfit.records import Trace

_BLOCK = 4_000_000
"""Numbers that are sorted together."""


@dataclass(frozen=True)
class BootstrapPaths:
    """Percentiles of all coefficients at all steps, original scale."""

    trace: Trace
    """The full fit's path."""
    lower: np.ndarray
    """(K, p, C)"""
    median: np.ndarray
    """(K, p, C)"""
    upper: np.ndarray
    """(K, p, C)"""
    frequency: np.ndarray
    """(K, p) share of the resamples that use the feature."""
    level: float
    count: int
    label: str
    """What the intervals mean, in a sentence."""


def bootstrap_paths(
    problem: Problem,
    weight: np.ndarray,
    learner: Learner,
    *,
    count: int = 200,
    level: float = 0.95,
    group: np.ndarray | None = None,
    seed: int = 0,
) -> BootstrapPaths:
    """``count`` bootstrap resamples of the rows (of whole groups with ``group`` (n,)), and their percentiles by step.

    Raises OptionError for a level that is no share, and for fewer resamples than the level needs (2 / (1 - level)).
    """
    if not 0 < level < 1:
        raise OptionError(f"level must be a share above 0 and below 1, such as 0.95, not {level!r}")
    if count < 2 / (1 - level) - 1e-9:
        least = int(np.ceil(2 / (1 - level) - 1e-9))
        raise OptionError(f"count: a level of {level:g} needs at least {least} resamples")
    resamples = make_bootstrap(len(weight), count=count, seed=seed, weight=weight, group=group)
    traces = [path.trace() for path in learner.fit_paths(problem, resamples)]
    full, drawn = traces[0], traces[1:]
    steps, p, outputs = len(full), full.features, full.outputs
    ends = np.empty((3, steps, p, outputs))
    frequency = np.empty((steps, p))
    tail = (1 - level) / 2
    size = max(1, _BLOCK // max(1, count * outputs))
    for k in range(steps):
        for start in range(0, p, size):
            part = slice(start, start + size)
            values = np.stack([trace.coef(k)[part] for trace in drawn])
            ends[:, k, part] = np.quantile(values, [tail, 0.5, 1 - tail], axis=0)
            frequency[k, part] = (values != 0).any(axis=2).mean(axis=0)
    label = (
        f"{100 * level:g} % percentile interval of the penalized coefficient over {count:,} bootstrap resamples, the "
        "strength held fixed: it shows how the coefficient varies, bias included, and is no confidence interval"
    )
    return BootstrapPaths(full, ends[0], ends[1], ends[2], frequency, level, count, label)
