"""Where a path stands beside another on the same unseen rows: how far behind, does it fit, and what did it gain from
regularization."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rightfit.evidence.compare import NOISE
from rightfit.records import Evidence
from rightfit.rules._averages import Units, average, draws
from rightfit.rules._words import say_step

Fit = Literal["fits", "overfits", "underfits"]


def find_best(evidence: Evidence) -> int:
    """The step with the smallest mean loss; of equal ones the strongest."""
    return average(evidence).best


def measure(evidence: Evidence, step: int) -> tuple[float, float]:
    """Mean loss of a step on unseen rows, and its standard error."""
    units = Units.of(evidence)
    mean, error = units.mean(evidence.loss[units.rows, step])
    return mean, float(np.hypot(error, np.sqrt(draws(evidence, step))))


def lag(evidence: Evidence, step: int, best: Evidence, best_step: int) -> tuple[float, float]:
    """What a step loses more than that of another path, in the mean over the same rows, and its paired standard error;
    0 and 0 for a step beside itself."""
    if evidence is best and step == best_step:
        return 0.0, 0.0
    units = Units.of(best)
    with np.errstate(invalid="ignore"):
        behind, error = units.mean(
            evidence.loss[units.rows, step].astype(np.float64) - best.loss[units.rows, best_step].astype(np.float64)
        )
    if evidence is best:
        luck = draws(evidence, step, best_step)
    else:
        luck = draws(evidence, step) + draws(best, best_step)
    return behind, float(np.hypot(error, np.sqrt(luck)))


def judge(evidence: Evidence, step: int, best: Evidence, best_step: int) -> tuple[Fit, str]:
    """Whether the chosen step of a path fits, beside that of the best one, and the evidence behind the word.

    One that loses over `NOISE` paired standard errors more than the best either *overfits*: on its own rows it loses
    less than the best does on unseen rows, so that it could say enough and learned noise; or it *underfits*: even on
    its own rows it loses more, so that it cannot say what the best one says. Of the others those *underfit* whose curve
    still falls at the weak end of the path by more than noise; the rest *fits*.
    """
    behind, noise = lag(evidence, step, best, best_step)
    own, unseen, least = float(evidence.training[step]), measure(evidence, step)[0], measure(best, best_step)[0]
    bought = describe_gain(evidence, step)
    figures = f"{own:.4g} on its own rows, {unseen:.4g} on unseen ones"
    if behind > NOISE * noise:
        other = f"the best family loses {least:.4g} on unseen rows, {show_ratio(behind, noise)} less"
        if own < least:
            return "overfits", f"It loses {figures}; {other}. {bought}"
        return "underfits", f"It loses {figures}: even its own rows are out of its reach; {other}. {bought}"
    if _falls(evidence, step):
        axis = evidence.axis
        return "underfits", f"Its curve still falls at {axis.weakest}: {axis.weaker} may do better. {bought}"
    return "fits", f"It loses {figures}. {bought}"


def describe_gain(evidence: Evidence, step: int) -> str:
    """What regularization bought: the weakest step against the chosen one, in a sentence."""
    axis, last = evidence.axis, len(evidence.strengths) - 1
    name = axis.free if evidence.strengths[last] == 0 else axis.weakest
    if step == last:
        return f"Regularization bought nothing: {name} was chosen."
    gain, error = lag(evidence, last, evidence, step)
    if not np.isfinite(gain):
        return f"Regularization was needed: {name} has no finite loss on unseen rows."
    words = f"{name} loses {abs(gain):.3g} {'more' if gain >= 0 else 'less'} than {say_step(evidence, step)}"
    return f"What regularization bought: {words} ({show_ratio(abs(gain), error)})."


def describe_step(evidence: Evidence, step: int) -> str:
    """The step as its family calls it: ``"12 leaves"``."""
    return say_step(evidence, step)


def show_ratio(difference: float, error: float) -> str:
    """``"1.3 standard errors"``."""
    return f"{difference / error:.1f} standard errors" if error > 0 else "on every row the same"


def _falls(evidence: Evidence, step: int) -> bool:
    """Whether the weakest step is chosen, still regularized, and clearly better than a tenth of the path before."""
    last = len(evidence.strengths) - 1
    if step != last or evidence.strengths[last] == 0 or last < 10:
        return False
    behind, error = lag(evidence, last - last // 10, evidence, last)
    return bool(behind > NOISE * error)
