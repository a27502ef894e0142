"""What a fit at scikit-learn's door says when its certificate is not reached."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from rightfit.contracts import Loss
from rightfit.errors import FitError, NotConvergedWarning
from rightfit.records import Status, Trace

ENOUGH = 1e-9
"""Relative duality gap above which a fit is called not converged."""


def tolerance_for(loss: Loss) -> float:
    """Relative duality gap that is asked for, so that coefficients agree to about 1e-6 with any other exact solver.
    Newton's steps reach a smaller one for the same price."""
    return 1e-13 if loss.quadratic else 1e-15


class FitNotConvergedWarning(NotConvergedWarning, ConvergenceWarning):
    """A fit stopped before its certificate was reached; both houses' filters catch it."""


def check_finished(traces: Iterable[Trace], steps: slice | list[int] = slice(None)) -> None:
    """Warn where a step stopped early; FitError where it has no finite optimum.

    Every column is penalized here, so that without an optimum the strength must be 0.
    """
    late: list[float] = []
    for trace in traces:
        status, gap, strength = trace.status[steps], trace.gap[steps], trace.strengths[steps]
        if ((status == Status.NO_OPTIMUM) & (strength == 0)).any():
            raise FitError(
                "no finite optimum exists: the classes (or zeros and non-zeros) can be told apart perfectly, so that "
                "the coefficients grow without bound; ask for a penalty"
            )
        doubtful = (status == Status.NO_OPTIMUM) | (status == Status.STOPPED)
        late += gap[doubtful & ~(gap <= ENOUGH)].tolist()
    if late:
        known = [gap for gap in late if not np.isnan(gap)]
        left = (
            f"the largest duality gap left is {max(known):.1e} of the null deviance"
            if known
            else "their duality gap is unknown"
        )
        warnings.warn(
            f"{len(late)} of the fits stopped before they were certified: {left}. Columns or weights of very different "
            "scales may be the cause.",
            FitNotConvergedWarning,
            stacklevel=3,
        )
