"""Fewer rows teach, the same rows judge: what a walk on all rows would cost, and a result to fall back on.

Where time is short and rows are many, a family first walks with some thousand teaching rows, then with eight times as
many, and so on to all of them; each walk tells what the next one will take, on this machine with whatever else it does.
All are scored on the same unseen rows, so that the best of them may stand beside every other family, and says by how
many rows it was taught. Of very many rows a part is enough to judge, the same part for all families.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rightfit.contracts import Problem
from rightfit.records import Evidence, Note, Resamples
from rightfit.search.proposals import Proposal

FIRST = 5_000
"""Teaching rows of the first walk at most."""
LEAST = 1_000
"""And at least."""
CELLS = 1_000_000
"""Rows times columns times outputs of the first walk, between these."""
PENALIZED = 50_000
"""Rows from which families with coefficients begin with few too: their time grows little with the rows below."""
TIMES = 8.0
"""Each walk has at most so many times the rows of the one before."""
WORTH = 1.5
"""And at least so many times."""
JUDGED = 1_500
"""Rows that judge for each second of a budget: scoring them takes time as teaching does."""
_GROWING = 0.5
"""Share of a walk's time that more teaching rows add to, at least."""
_SLACK = 1.1
"""A walk may take so many times what rows in proportion would."""


def thin(resamples: Resamples, share: float, seed: int) -> Resamples:
    """The same resamples, each taught by this share of its rows, drawn at random; a smaller share's rows are among
    those of a larger one."""
    if share >= 1:
        return resamples
    drawn = np.random.default_rng([seed, 47]).random(len(resamples.weight)) < share
    few = np.where(drawn, resamples.multiplicity, 0).astype(resamples.multiplicity.dtype)
    return replace(resamples, multiplicity=few)


def judge_some(resamples: Resamples, budget: float, seed: int) -> Resamples:
    """The same resamples, judging by at most `JUDGED` rows for each second of the budget, drawn at random; a note says
    so."""
    rows = int((resamples.scored.any(axis=0) & (resamples.weight > 0)).sum())
    most = round(JUDGED * budget)
    if rows <= most:
        return resamples
    drawn = np.random.default_rng([seed, 53]).random(len(resamples.weight)) < most / rows
    scored = resamples.scored & drawn
    judging = int((scored.any(axis=0) & (resamples.weight > 0)).sum())
    sentence = (
        f"with a time budget of {budget:g} s, {judging:,} of {rows:,} rows, drawn at random, judge every path; a "
        "longer budget lets more rows judge"
    )
    note = Note("info", "", sentence)
    return replace(resamples, scored=scored, notes=(*resamples.notes, note))


def widen(evidence: Evidence, rows: np.ndarray, resamples: Resamples) -> Evidence:
    """Evidence of some rows as that of all rows, of which no resample scored the others."""
    n, steps = len(resamples.weight), len(evidence.strengths)
    loss, null, fold = np.full((n, steps), np.nan, np.float32), np.full(n, np.nan), np.zeros(n, np.int64)
    loss[rows], null[rows], fold[rows] = evidence.loss, evidence.null, evidence.fold
    unit = resamples.unit if len(resamples.unit) else np.arange(n)
    return replace(evidence, loss=loss, null=null, fold=fold, weight=resamples.weight, unit=unit)


def first_share(problem: Problem, resamples: Resamples) -> float:
    """The share of the teaching rows that the first walk takes where time is short: fewer where there are many columns
    or many classes; 1 in short tables."""
    taught = resamples.taught
    rows = int(np.clip(CELLS // (problem.design.p * problem.loss.outputs), LEAST, FIRST))
    return rows / taught if taught > 2 * rows else 1.0


def next_share(walked: Sequence[tuple[float, float]], left: float) -> float:
    """The share of the teaching rows that the next walk can afford, where ``walked`` are the shares and the seconds of
    those before; 0 where it is not worth going on.

    What a walk takes is a constant (reading, scoring) and a part that grows with its rows; the last two tell both. The
    growing part counts at least `_GROWING` of the last one's time."""
    share, seconds = walked[-1]
    if share >= 1:
        return 0.0
    price = _GROWING * seconds / share
    if len(walked) > 1:
        before, sooner = walked[-2]
        price = min(max(price, (seconds - sooner) / (share - before)), seconds / share)
    affordable = min(TIMES * share, (left / _SLACK - (seconds - price * share)) / price)
    if affordable >= 1 or share * TIMES >= 1 > affordable >= 0.7:
        return 1.0
    return affordable if affordable >= WORTH * share else 0.0


def say_taught(proposal: Proposal, taught: int, share: float) -> Proposal:
    """The proposal with the number of rows that taught it, where these were not all."""
    if share >= 1:
        return proposal
    words = f", taught by {round(share * taught):,} of {taught:,} rows"
    rows = {"teaching rows": float(round(share * taught))}
    return replace(
        proposal,
        name=proposal.name + words,
        words=proposal.words + words,
        settings=proposal.settings | rows,
        own=proposal.own | rows,
    )
