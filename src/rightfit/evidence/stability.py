"""Stability selection: features that enter the path of nearly every half of the rows.

Every half-sample teaches a path, all halves in one batched call, as complementary pairs. A half *selects* the features
that are used by any step up to the last one at which at most q have been used. A feature is stable if the share of
halves that select it is at least the threshold. How many stable features to expect by chance is bounded by
`rightfit.evidence.stability_bounds`; q is chosen so that the bound is at most what was asked for.

Meinshausen and Bühlmann 2010, "Stability selection", JRSS B 72; complementary pairs: Shah and Samworth 2013, "Variable
selection with error control: another look at stability selection", JRSS B 75.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Learner, Problem
from rightfit.data.bootstrap import make_halves
from rightfit.errors import OptionError
from rightfit.evidence.stability_bounds import BOUNDS, bound_false_selections, largest_selection
from rightfit.records import Trace


@dataclass(frozen=True)
class Stability:
    """What was selected, and how often."""

    names: tuple[str, ...]
    share: np.ndarray
    """(p,) share of the half-samples that select the feature."""
    selected: np.ndarray
    """(p,) bool: share >= threshold."""
    strengths: np.ndarray
    """(K,)"""
    frequency: np.ndarray
    """(K, p) share of the half-samples in which the step's model uses the feature: the stability path."""
    threshold: float
    most: int
    """q: features that a half may select."""
    average: float
    """Features that the halves selected on average, at most q."""
    bound: float
    """Largest expected number of selected features among those that a half selects by less than chance, q / p."""
    assumption: str
    """What the bound supposes, see `rightfit.evidence.stability_bounds.BOUNDS`."""
    pairs: int
    sentence: str


def select_stable(
    problem: Problem,
    weight: np.ndarray,
    learner: Learner,
    *,
    errors: float = 1.0,
    threshold: float = 0.75,
    pairs: int = 50,
    assumption: str = "none",
    group: np.ndarray | None = None,
    seed: int = 0,
) -> Stability:
    """Stable features with at most ``errors`` false ones expected.

    Parameters
    ----------
    weight : (n,)
        Row weights >= 0.
    learner
        One of linear paths whose penalty sets coefficients to zero; its path must reach weak enough strengths that q
        features enter.
    threshold : above 0.5, at most 1
        Share of half-samples from which a feature is stable.
    pairs
        Complementary pairs of half-samples, B.
    assumption : {"none", "unimodal", "r-concave"}
        The more is supposed of how often a feature is selected by chance, the larger q may be.
    group : (n,)
        Rows of one group are never split.

    Raises
    ------
    OptionError
        Options without sense, a target that even q = 1 cannot keep, or a penalty that sets no coefficient to zero.
    """
    if not (np.isfinite(errors) and errors > 0):
        raise OptionError(f"errors must be a number above 0, not {errors!r}")
    p = problem.design.p
    most = largest_selection(errors, p, threshold, pairs, assumption)
    halves = make_halves(len(weight), count=pairs, seed=seed, weight=weight, group=group)
    traces = [path.trace() for path in learner.fit_paths(problem, halves)[1:]]
    enter = np.stack([find_entries(trace) for trace in traces])  # (2 B, p) first step that uses the feature
    last = np.array([_find_last(row, most, len(traces[0])) for row in enter])
    if (last < 0).all():
        raise OptionError(
            f"more than {most} features enter at the strongest step: stability selection needs a penalty that sets "
            "coefficients to zero, and a path that starts where all are zero"
        )
    chosen = enter <= last[:, None]
    share = chosen.mean(axis=0)
    average = float(chosen.sum(axis=1).mean())
    selected = share >= threshold - 1e-12
    bound = bound_false_selections(average, p, threshold, pairs, assumption)
    frequency = np.mean([_use(trace) for trace in traces], axis=0)
    sentence = _say(int(selected.sum()), p, most, threshold, pairs, bound, assumption)
    return Stability(
        problem.design.names,
        share,
        selected,
        traces[0].strengths,
        frequency,
        threshold,
        most,
        average,
        bound,
        assumption,
        pairs,
        sentence,
    )


def find_entries(trace: Trace) -> np.ndarray:
    """(p,) the first step that uses each feature, K where none does."""
    out = np.full(trace.features, len(trace), np.int64)
    step = np.repeat(np.arange(len(trace)), np.diff(trace.indptr))
    np.minimum.at(out, trace.indices // trace.outputs, step)
    return out


def _find_last(enter: np.ndarray, most: int, steps: int) -> int:
    """The last step by which at most ``most`` features have entered, -1 where there is none."""
    entered = np.cumsum(np.bincount(enter, minlength=steps + 1)[:steps])
    return int(np.searchsorted(entered, most, side="right")) - 1


def _use(trace: Trace) -> np.ndarray:
    """(K, p) whether the step's model uses the feature."""
    out = np.zeros((len(trace), trace.features), bool)
    out[np.repeat(np.arange(len(trace)), np.diff(trace.indptr)), trace.indices // trace.outputs] = True
    return out


def _say(count: int, p: int, most: int, threshold: float, pairs: int, bound: float, assumption: str) -> str:
    given = "" if assumption == "none" else f", if chance selects as a {assumption} distribution does"
    return (
        f"{count:,} of {p:,} features are selected by at least {100 * threshold:g} % of {2 * pairs} half-samples, of "
        f"which each may select {most:,} at most; of features that a half selects less often than by chance, at most "
        f"{bound:.2g} are expected among them{given}. "
        f"Assumptions: {BOUNDS[assumption]}."
    )
