"""What was walked within one family: every path at its own choice, and what two strengths do to the same fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rightfit.evidence.curve import summarize
from rightfit.evidence.standing import describe_step, show_ratio
from rightfit.records import Candidate, Note, Surface
from rightfit.search.walk import Walk


def list_candidates(walks: Sequence[Walk], winner: Walk) -> tuple[Candidate, ...]:
    """All walks with their paired differences to the one that loses least."""
    losses = np.column_stack([walk.evidence.loss[:, walk.choice.step] for walk in walks])
    count = len(walks)
    stacked = summarize(
        replace(
            winner.evidence,
            loss=losses,
            strengths=np.arange(count, 0, -1.0),
            complexity=np.array([walk.complexity for walk in walks]),
            training=np.zeros(count),
            metrics={},
            luck=np.empty((0, count)),
        )
    )
    return tuple(
        Candidate(
            name=walk.name,
            settings=walk.proposal.own,
            loss=float(stacked.mean[j]),
            error=float(stacked.error[j]),
            difference=float(stacked.difference[j]),
            difference_error=float(stacked.difference_error[j]),
            strength=walk.choice.strength,
            complexity=walk.complexity,
            seconds=walk.seconds,
            chosen=walk is winner,
            size=walk.size,
        )
        for j, walk in enumerate(walks)
    )


def note_sparser(walks: Sequence[Walk], candidates: Sequence[Candidate], winner: Walk) -> tuple[Note, ...]:
    """A sentence where a model with fewer coefficients loses no more within noise."""
    for walk, candidate in zip(walks, candidates, strict=True):
        within = candidate.difference <= candidate.difference_error and walk.proposal.learner.coefficients
        if walk is not winner and within and 0 < walk.features < winner.features:
            sentence = (
                f"the {walk.name} loses no more within noise (one standard error) and uses {walk.features:,} features "
                f"instead of {winner.features:,}: give {walk.proposal.option} to prefer it"
            )
            return (Note("info", "", sentence),)
    return ()


def find_surface(walks: Sequence[Walk], candidates: Sequence[Candidate], winner: Walk) -> Surface | None:
    """The walks over the winner's fits at the same strengths that differ from it in one setting alone; None where there
    are fewer than three."""
    own = winner.proposal.own
    same = [
        j
        for j, walk in enumerate(walks)
        if (walk.origin or walk.name) == (winner.origin or winner.name)
        and np.array_equal(walk.strengths, winner.strengths)
        and walk.proposal.own.keys() == own.keys()
    ]
    differ = {name for j in same for name, value in walks[j].proposal.own.items() if value != own[name]}
    if len(same) < 3 or len(differ) != 1:
        return None
    (name,) = differ
    same.sort(key=lambda j: walks[j].proposal.own[name])
    chosen = next(k for k, j in enumerate(same) if walks[j] is winner)
    return Surface(
        name=name,
        values=np.array([walks[j].proposal.own[name] for j in same]),
        loss=np.stack([walks[j].mean for j in same]),
        steps=np.array([int(np.argmin(np.abs(winner.strengths - walks[j].choice.strength))) for j in same]),
        chosen=chosen,
        sentence=_say(name, walks[same[0]], candidates[same[0]], winner, own[name]),
    )


def _say(name: str, without: Walk, behind: Candidate, winner: Walk, value: float) -> str:
    """What the strength that is held bought, beside its least value."""
    least = without.proposal.own[name]
    took = describe_step(winner.evidence, winner.choice.step)
    if without is winner:
        return f"Of these, {name} {least:g} loses least, with {took}: more of it bought nothing."
    return (
        f"With {name} {value:g} the rule takes {took}; with {name} {least:g} it takes {without.size} and loses "
        f"{behind.difference:.3g} more ({show_ratio(behind.difference, behind.difference_error)})."
    )
