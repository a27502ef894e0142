"""Where a path stands beside another on the same unseen rows: how far behind, does it fit, and what did it gain from
regularization."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np

from rightfit.evidence.compare import NOISE
from rightfit.records import Evidence
from rightfit.rules._averages import Units, average, draws
from rightfit.rules._words import say_step

Fit = Literal["fits", "overfits", "underfits"]


def find_best(evidence: Evidence) -> int:
    """The step with the smallest mean loss; of equal ones the strongest."""
    return average(evidence).best


def mean_steps(evidence: Evidence) -> np.ndarray:
    """(K,) mean loss of every step on unseen rows."""
    return Units.of(evidence).means(evidence.loss)[0]


def measure(evidence: Evidence, step: int) -> tuple[float, float]:
    """Mean loss of a step on unseen rows, and its standard error."""
    units = Units.of(evidence)
    mean, error = units.mean(evidence.loss[units.rows, step])
    return mean, float(np.hypot(error, np.sqrt(draws(evidence, step))))


def find_luck(evidence: Evidence, step: int) -> float:
    """Variance that seeds bring into the mean loss of a step; 0 where nothing is drawn."""
    return draws(evidence, step)


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

    One that loses over `NOISE` paired standard errors more than the best *underfits* where its curve still falls at the
    weak end of its path by more than noise. Else it either *overfits*: on its own rows it loses less than the best does
    on unseen rows, so that it could say enough and learned what these do not share; or it *underfits*: even on its own
    rows it loses more. Then its weakest step may say enough, but no better on unseen rows, or not even that. Of the
    others those *underfit* that lose over `NOISE` standard errors more than a weaker step of their own
    path, or whose curve still falls at its weak end by more than noise; the rest *fits*.
    """
    behind, noise = lag(evidence, step, best, best_step)
    own, unseen, least = float(evidence.training[step]), measure(evidence, step)[0], measure(best, best_step)[0]
    axis, better, bought = evidence.axis, find_best(evidence), describe_gain(evidence, step)
    lost, error = lag(evidence, step, evidence, better)
    figures = f"It loses {own:.4g} on its own rows, {unseen:.4g} on unseen ones"
    milder = f"{say_step(evidence, better)} of its own path would lose {lost:.3g} less"
    stopped = better > step and lost > NOISE * error
    if behind > NOISE * noise:
        other = f"{figures}; the best family loses {least:.4g} on unseen rows, {show_ratio(behind, noise)} less"
        free, last = float(evidence.training[-1]), _last(evidence)
        if _falls(evidence, step):
            fit, why = "underfits", f"Its curve still falls at {axis.weakest}: {axis.weaker} may do better"
        elif own < least:
            fit, why = "overfits", "It could say as much, but learned what unseen rows do not share"
        elif stopped:
            fit, why = "underfits", milder[:1].upper() + milder[1:]
        elif free < least:
            reached = f"{last} loses only {free:.4g} on its own rows, but no less on unseen ones by more than noise"
            fit, why = "underfits", reached[:1].upper() + reached[1:]
        else:
            fit, why = (
                "underfits",
                f"Even its own rows are out of its reach with these settings: there {last} loses {free:.4g}",
            )
        return cast(Fit, fit), f"{other}. {why}. {bought}"
    if stopped:
        return "underfits", f"{figures}; {milder}. {bought}"
    if _falls(evidence, step):
        return "underfits", f"Its curve still falls at {axis.weakest}: {axis.weaker} may do better. {bought}"
    alone = "no step of its path" if evidence is best else "neither a step of its path nor another family"
    return "fits", f"{figures}; {alone} does better by more than noise. {bought}"


def describe_gain(evidence: Evidence, step: int) -> str:
    """What regularization bought: the weakest step against the chosen one, in a sentence."""
    last, name = len(evidence.strengths) - 1, _last(evidence)
    if step == last:
        return f"Regularization bought nothing: {name} was chosen."
    gain, error = lag(evidence, last, evidence, step)
    if not np.isfinite(gain):
        return f"Regularization was needed: {name} has no finite loss on unseen rows."
    words = f"{name} loses {abs(gain):.3g} {'more' if gain >= 0 else 'less'} than {say_step(evidence, step)}"
    told = " cannot be told from noise" if abs(gain) <= NOISE * error else ""
    return f"What regularization bought{told}: {words} ({show_ratio(abs(gain), error)})."


def describe_step(evidence: Evidence, step: int) -> str:
    """The step as its family calls it: ``"12 leaves"``."""
    return say_step(evidence, step)


def show_ratio(difference: float, error: float) -> str:
    """``"1.3 standard errors"``."""
    return f"{difference / error:.1f} standard errors" if error > 0 else "on every row the same"


def _last(evidence: Evidence) -> str:
    """What the weakest step is called."""
    return evidence.axis.free if evidence.strengths[-1] == 0 else evidence.axis.weakest


def _falls(evidence: Evidence, step: int) -> bool:
    """Whether the weakest step is chosen, still regularized, and clearly better than a tenth of the path before; where
    steps are few, than the step before."""
    last = len(evidence.strengths) - 1
    if step != last or evidence.strengths[last] == 0 or last < 1:
        return False
    behind, error = lag(evidence, last - max(1, last // 10), evidence, last)
    return bool(behind > NOISE * error)
