"""Words that the reasons of all rules share: strengths, noise, and what it means to stop at the end of the path."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rightfit.records import Evidence

End = Literal["", "strongest", "weakest"]


def show_step(evidence: Evidence, step: int) -> str:
    """``"Strength 0.0123"``, ``"12 leaves"``, or that there is no penalty, as the start of a sentence."""
    words = say_step(evidence, step)
    return words[:1].upper() + words[1:]


def say_step(evidence: Evidence, step: int) -> str:
    """The same in the middle of a sentence."""
    axis = evidence.axis
    strength = float(evidence.strengths[step])
    if strength == 0 and not len(axis.positions):
        return axis.words.format("0 (no penalty)")
    return axis.say(step, strength)


def without_article(words: str) -> str:
    """``"a stronger penalty"`` -> ``"stronger penalty"``."""
    return words.removeprefix("a ").removeprefix("an ")


def show_difference(difference: float, error: float) -> str:
    """``"0.012, 1.3 standard errors"``, honest where there is no standard error."""
    if not np.isfinite(error):
        return f"{difference:.4g}, no standard error can be given"
    if error == 0:
        return "0" if difference == 0 else f"{difference:.4g}, the same on every row"
    return f"{difference:.4g}, {difference / error:.1f} standard errors"


def find_end(evidence: Evidence, step: int) -> tuple[End, str]:
    """Which end of the path the step is, and a sentence (with a leading blank) that says what this means."""
    last, axis = len(evidence.strengths) - 1, evidence.axis
    if last < 1:
        return "", ""
    if step == 0:
        if len(evidence.complexity) and evidence.complexity[0] <= 1e-9:
            return (
                "strongest",
                " Every penalized coefficient is zero at this strongest end of the path: no column helps."
                if axis.name == "strength"
                else " This is the constant model: no column helps.",
            )
        return "strongest", f" This is the strongest end of the path: {still(axis.stronger)} may do as well or better."
    if step == last:
        if evidence.strengths[last] == 0:
            if axis.name == "strength":
                words = "This is the end of the path without any penalty: nothing suggests that a penalty helps."
            else:
                words = f"This is {axis.free}: nothing suggests that {axis.stronger} helps."
            return "weakest", f" {words}"
        return (
            "weakest",
            f" This is the weakest end of the path: {still(axis.weaker)} may do better, so extend the path.",
        )
    return "", ""


def still(words: str) -> str:
    """``"a stronger penalty"`` -> ``"a still stronger penalty"``."""
    return f"a still {without_article(words)}" if words.startswith("a") else f"still {words}"
