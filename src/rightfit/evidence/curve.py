"""Evidence summed up for the eye: one number a step, with its noise."""

from __future__ import annotations

import numpy as np

from rightfit.records import Curve, Evidence
from rightfit.rules._averages import average


def summarize(evidence: Evidence) -> Curve:
    """Means, standard errors and paired differences to the best step; formulas in `rightfit.rules._averages`.

    Standard errors are NaN where there are fewer than two independent units. Raises DataError where no row was
    scored, FitError where no step has a finite loss.
    """
    found = average(evidence)
    return Curve(
        strengths=evidence.strengths,
        mean=found.mean,
        error=found.error,
        difference=found.difference,
        difference_error=found.difference_error,
        training=np.asarray(evidence.training, np.float64),
        complexity=evidence.complexity,
        null=found.units.mean(evidence.null[found.units.rows])[0],
        measure=evidence.measure,
        rows=len(found.units.rows),
        metrics=evidence.metrics,
    )
