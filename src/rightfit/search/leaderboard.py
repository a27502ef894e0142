"""The leaderboard: every family at its best, on the same unseen rows, and which one is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from rightfit import catalog
from rightfit.evidence.compare import NOISE
from rightfit.records import Family, Note
from rightfit.rules._averages import Units
from rightfit.rules._words import say_step
from rightfit.search.contest import Tried
from rightfit.search.walk import Walk, mean_loss


def take(tried: Sequence[Tried], prefer: str) -> tuple[Tried, Tried, tuple[Note, ...]]:
    """The family that is taken, the one with the smallest loss, and a note where a simpler one is within noise.

    ``prefer`` = ``"simple"`` takes the simplest family (the lowest rank, then the smallest loss) within one paired
    standard error of the best.
    """
    running = [one for one in tried if one.walks]
    best = min(running, key=lambda one: mean_loss(one.best))
    ranks = {one.family: catalog.find("learners", one.family).rank for one in running}
    near = []
    for one in running:
        behind, error = compare_walks(one.best, best.best)
        if one is not best and ranks[one.family] < ranks[best.family] and behind <= error:
            near.append(one)
    if not near:
        return best, best, ()
    simple = min(near, key=lambda one: (ranks[one.family], mean_loss(one.best)))
    behind, error = compare_walks(simple.best, best.best)
    figures = f"it loses {behind:.3g} more than the {best.best.name} ({_ratio(behind, error)})"
    if prefer == "simple":
        sentence = f"the {simple.best.name} was taken as the simpler model within one standard error: {figures}"
        return simple, best, (Note("info", "", sentence),)
    sentence = (
        f"the {simple.best.name} ({simple.best.size}) is simpler and within one standard error of the best: {figures}. "
        "Give --prefer simple to take it"
    )
    return best, best, (Note("info", "", sentence),)


def compare_walks(one: Walk, other: Walk) -> tuple[float, float]:
    """Mean paired difference of their held-out losses (> 0: the other is better) and its standard error."""
    if one is other:
        return 0.0, 0.0
    units = Units.of(other.evidence)
    losses = [walk.evidence.loss[units.rows, walk.choice.step].astype(np.float64) for walk in (one, other)]
    with np.errstate(invalid="ignore"):
        return units.mean(losses[0] - losses[1])


def rank_families(tried: Sequence[Tried], taken: Tried, best: Tried) -> tuple[Family, ...]:
    """The leaderboard, best first; families without a result last, with their reason."""
    running = sorted((one for one in tried if one.walks), key=lambda one: mean_loss(one.best))
    lines = [_line(one, taken, best) for one in running]
    lines += [
        Family(one.family, proposed=one.proposed, reason=one.reason, seconds=one.seconds)
        for one in tried
        if not one.walks
    ]
    return tuple(lines)


def say_families(families: Sequence[Family]) -> tuple[str, ...]:
    """Which family loses least, and how far the others are behind, in one sentence; none where one alone was walked."""
    ran = [family for family in families if family.walked]
    if len(ran) < 2:
        return ()
    first, *others = ran
    behind = ", ".join(f"{f.name} {f.difference:.3g} more ({_ratio(f.difference, f.difference_error)})" for f in others)
    return (f"Of the families compared, {first.name} loses least on unseen rows ({first.loss:.4g}); {behind}.",)


def say_missing(families: Sequence[Family]) -> tuple[Note, ...]:
    """One sentence for every family that has no result, or not all of it."""
    notes = []
    for family in families:
        if family.reason:
            what = "was not tried" if not family.proposed and "install" in family.reason else "has no result"
            what = "is not complete" if family.walked else what
            notes.append(Note("warning", "", f"the family {family.name} {what}: {family.reason}"))
    return tuple(notes)


def _line(one: Tried, taken: Tried, best: Tried) -> Family:
    walk, step = one.best, one.best.choice.step
    units = Units.of(walk.evidence)
    loss, error = units.mean(walk.evidence.loss[units.rows, step])
    behind, noise = compare_walks(walk, best.best)
    fit, sentence = _judge(walk, best.best, behind, noise)
    return Family(
        name=one.family,
        words=walk.proposal.words,
        settings=walk.proposal.own,
        step=say_step(walk.evidence, step),
        loss=loss,
        error=error,
        training=float(walk.evidence.training[step]),
        difference=behind,
        difference_error=noise,
        size=walk.size,
        complexity=walk.complexity,
        fit=fit,
        sentence=sentence,
        proposed=one.proposed,
        walked=len(one.walks),
        chosen=one is taken,
        reason=one.reason,
        seconds=one.seconds,
        predict_seconds=one.predict_seconds,
    )


def _judge(walk: Walk, best: Walk, behind: float, noise: float) -> tuple[Literal["fits", "overfits", "underfits"], str]:
    """The word, and the evidence behind it.

    A family that loses over `NOISE` paired standard errors more than the best one either *overfits*: on its own rows it
    loses less than the best one does on unseen rows, so that it could say enough and learned noise; or it *underfits*:
    even on its own rows it loses more, so that it cannot say what the best one says. Of the others those *underfit*
    whose curve still falls at the weak end of its path by more than noise; the rest *fits*.
    """
    evidence, step, axis = walk.evidence, walk.choice.step, walk.evidence.axis
    own, unseen = float(evidence.training[step]), mean_loss(walk)
    bought = _bought(walk)
    figures = f"{own:.4g} on its own rows, {unseen:.4g} on unseen ones"
    if behind > NOISE * noise:
        other = f"the best family loses {mean_loss(best):.4g} on unseen rows, {_ratio(behind, noise)} less"
        if own < mean_loss(best):
            return "overfits", f"It loses {figures}; {other}. {bought}"
        return "underfits", f"It loses {figures}: even its own rows are out of its reach; {other}. {bought}"
    if _falls(walk):
        return "underfits", f"Its curve still falls at {axis.weakest}: {axis.weaker} may do better. {bought}"
    return "fits", f"It loses {figures}. {bought}"


def _falls(walk: Walk) -> bool:
    """Whether the weakest step is chosen or best, not free of regularization, and clearly better than a tenth of the
    path before."""
    evidence = walk.evidence
    last = len(evidence.strengths) - 1
    if walk.choice.step != last or evidence.strengths[last] == 0 or last < 10:
        return False
    units = Units.of(evidence)
    loss = evidence.loss[units.rows].astype(np.float64)
    behind, error = units.mean(loss[:, last - last // 10] - loss[:, last])
    return bool(behind > NOISE * error)


def _bought(walk: Walk) -> str:
    """What regularization bought: the weakest step against the chosen one."""
    evidence, step, axis = walk.evidence, walk.choice.step, walk.evidence.axis
    last = len(evidence.strengths) - 1
    name = axis.free if evidence.strengths[last] == 0 else axis.weakest
    if step == last:
        return f"Regularization bought nothing: {name} was chosen."
    units = Units.of(evidence)
    with np.errstate(invalid="ignore"):
        gain, error = units.mean(evidence.loss[units.rows, last].astype(np.float64) - evidence.loss[units.rows, step])
    if not np.isfinite(gain):
        return f"Regularization was needed: {name} has no finite loss on unseen rows."
    words = f"{name} loses {abs(gain):.3g} {'more' if gain >= 0 else 'less'} than {say_step(evidence, step)}"
    return f"What regularization bought: {words} ({_ratio(abs(gain), error)})."


def _ratio(difference: float, error: float) -> str:
    return f"{difference / error:.1f} standard errors" if error > 0 else "on every row the same"
