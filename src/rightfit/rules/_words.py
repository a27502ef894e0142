"""Words that the reasons of all rules share: strengths, noise, and what it means to stop at the end of the path."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rightfit.records import Evidence

End = Literal["", "strongest", "weakest"]


def show_strength(strength: float) -> str:
    """``"Strength 0.0123"``, or that there is no penalty, as the start of a sentence."""
    return "Strength 0 (no penalty)" if strength == 0 else f"Strength {strength:.4g}"


def show_difference(difference: float, error: float) -> str:
    """``"0.012, 1.3 standard errors"``, honest where there is no standard error."""
    if not np.isfinite(error):
        return f"{difference:.4g}, no standard error can be given"
    if error == 0:
        return "0" if difference == 0 else f"{difference:.4g}, the same on every row"
    return f"{difference:.4g}, {difference / error:.1f} standard errors"


def find_end(evidence: Evidence, step: int) -> tuple[End, str]:
    """Which end of the path the step is, and a sentence (with a leading blank) that says what this means."""
    last = len(evidence.strengths) - 1
    if last < 1:
        return "", ""
    if step == 0:
        if len(evidence.complexity) and evidence.complexity[0] <= 1e-9:
            return (
                "strongest",
                " Every penalized coefficient is zero at this strongest end of the path: no column helps.",
            )
        return "strongest", " This is the strongest end of the path: a still stronger penalty may do as well or better."
    if step == last:
        if evidence.strengths[last] == 0:
            return "weakest", " This is the end of the path without any penalty: nothing suggests that a penalty helps."
        return (
            "weakest",
            " This is the weakest end of the path: a still weaker penalty may do better, so extend the path.",
        )
    return "", ""
