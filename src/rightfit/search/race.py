"""Dropping settings early: many proposals walk the first folds alone, and those that are clearly worse go no further.

Every proposal is scored at its own best step on the same unseen rows. One that loses more than the best by over `NOISE`
paired standard errors is dropped, and of those that are left at most `MOST` go on, the best first. What was seen here
is seen again on all folds: nothing that is reported comes from a race.
"""

from __future__ import annotations

from collections.abc import Sequence

from rightfit.contracts import Problem
from rightfit.errors import OutOfTime, RightfitError
from rightfit.evidence.compare import NOISE
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.standing import find_best, lag, measure
from rightfit.records import Evidence, Resamples
from rightfit.search.proposals import Proposal

FEW = 3
"""So many proposals need no race."""
MOST = 3
"""At most so many go on."""
_FOLDS = 2


def race(problem: Problem, resamples: Resamples, proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals that are worth walking on all folds, the best first; all of them where they are few, or where there
    are too few folds for a race. Where the time runs out, those that were not reached are dropped."""
    if len(proposals) <= FEW or len(resamples) < 2 * _FOLDS + 2:
        return list(proposals)
    few = resamples.first(_FOLDS)
    seen: list[tuple[Proposal, Evidence, int]] = []
    for proposal in proposals:
        try:
            _, evidence = crossfit(problem, few, proposal.learner)
            seen.append((proposal, evidence, find_best(evidence)))
        except OutOfTime:
            break
        except RightfitError:
            continue  # it would fail on all folds too, and another may not
    if not seen:
        return list(proposals[:1])
    ranked = sorted(seen, key=lambda one: measure(one[1], one[2])[0])
    kept = []
    for proposal, evidence, step in ranked[:MOST]:
        behind, error = lag(evidence, step, ranked[0][1], ranked[0][2])
        if not behind > NOISE * error:
            kept.append(proposal)
    return kept
