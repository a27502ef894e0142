"""The leaderboard: every family at its best, on the same unseen rows, and which one is taken."""

from __future__ import annotations

from collections.abc import Sequence

from rightfit import catalog
from rightfit.errors import MissingExtraError, OptionError
from rightfit.evidence.standing import describe_step, judge, lag, measure, show_ratio
from rightfit.records import Family, Note, Severity
from rightfit.search.candidates import list_candidates
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
        behind, error = _behind(one.best, best.best)
        if one is not best and ranks[one.family] < ranks[best.family] and behind <= error:
            near.append(one)
    if not near:
        return best, best, ()
    simple = min(near, key=lambda one: (ranks[one.family], mean_loss(one.best)))
    behind, error = _behind(simple.best, best.best)
    figures = f"it loses {behind:.3g} more than the {best.best.name} ({show_ratio(behind, error)})"
    if prefer == "simple":
        sentence = f"the {simple.best.name} was taken as the simpler model within one standard error: {figures}"
        return simple, best, (Note("info", "", sentence),)
    sentence = (
        f"the {simple.best.name} ({simple.best.size}) is simpler and within one standard error of the best: {figures}. "
        "Give --prefer simple to take it"
    )
    return best, best, (Note("info", "", sentence),)


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
    behind = ", ".join(
        f"{f.name} {f.difference:.3g} more ({show_ratio(f.difference, f.difference_error)})" for f in others
    )
    return (f"Of the families compared, {first.name} loses least on unseen rows ({first.loss:.4g}); {behind}.",)


def say_missing(tried: Sequence[Tried]) -> tuple[Note, ...]:
    """One sentence for every family that has no result, or not all of it; a warning but where the family never learns
    such a problem. Several that had too little time share a sentence."""
    late = [one for one in tried if one.late]
    notes = [_say_late(late)] if len(late) > 1 else []
    for one in tried:
        if one.reason and not (one.late and len(late) > 1):
            what = "was not tried" if isinstance(one.error, MissingExtraError) else "has no result"
            what = "is not complete" if one.walks else what
            severity: Severity = "info" if isinstance(one.error, OptionError) else "warning"
            notes.append(Note(severity, "", f"the family {one.family} {what}: {one.reason}"))
    return tuple(notes)


def _say_late(late: Sequence[Tried]) -> Note:
    without = [one.family for one in late if not one.walks]
    names = " and ".join(filter(None, [", ".join(without[:-1]), *without[-1:]]))
    parts = [f"{names} {'has' if len(without) == 1 else 'have'} no result"] if without else []
    parts += [f"{one.family}: {one.reason.partition('; give more')[0]}" for one in late if one.walks]
    sentence = "the time budget was too short for all that was to be tried; give more with --time-budget"
    return Note("warning", "", f"{sentence}. {'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}")


def _line(one: Tried, taken: Tried, best: Tried) -> Family:
    walk, step = one.best, one.best.choice.step
    loss, error = measure(walk.evidence, step)
    behind, noise = _behind(walk, best.best)
    fit, sentence = judge(walk.evidence, step, best.best.evidence, best.best.choice.step)
    return Family(
        name=one.family,
        words=walk.proposal.words,
        settings=walk.proposal.own,
        step=describe_step(walk.evidence, step),
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
        candidates=list_candidates(one.walks, walk),
        seconds=one.seconds,
        predict_seconds=one.predict_seconds,
    )


def _behind(walk: Walk, best: Walk) -> tuple[float, float]:
    """What the walk's chosen step loses more than the best one's, and its standard error."""
    return lag(walk.evidence, walk.choice.step, best.evidence, best.choice.step)
