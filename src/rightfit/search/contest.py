"""All families on the same folds, each within its share of the time; one that fails is reported, never missing.

The families walk one after the other, those that are easiest to read first. Of r families that are left each
may take an r-th of the time that is left, and what it does not need goes to those after it. A family that proposes
many settings races them on the first folds (`rightfit.search.race`); the others walk as they are proposed. Where time
is short, few rows teach first (`rightfit.search.thinning`). The best of them is then varied, where its learner knows
how to without another fit (`rightfit.contracts.Learner.revisit`). Where its time runs out the family keeps what is
done.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rightfit import catalog
from rightfit.contracts import Problem
from rightfit.errors import FitError, MissingExtraError, NotConvergedWarning, OutOfTime, RightfitError
from rightfit.evidence.crossfit import predict_held_out
from rightfit.records import Resamples
from rightfit.search.options import FitOptions
from rightfit.search.proposals import Proposal, families_to_try, propose
from rightfit.search.race import FEW, race
from rightfit.search.thinning import PENALIZED, first_share, next_share, say_taught, thin
from rightfit.search.walk import Steps, Stretch, Walk, find_winner, walk_again, walk_one
from rightfit.solvers.watch import left, listen, until

_RACING = 0.4
"""Share of a family's time, and of its progress, that its race may take, and of its progress, that settings may which
it tries before it proposes some."""
_FIRST = 0.5
"""Share of all the time left that a path may take while there is no result at all."""
_SEEN = 0.02
"""Least share of the progress that a family has, of the one that takes longest."""
_ASKED = 1000
"""Rows that are predicted to see how long it takes."""


@dataclass
class Tried:
    """What came of one family."""

    family: str
    walks: list[Walk] = field(default_factory=list)
    """Those that were finished; the best one with its paths."""
    proposed: int = 0
    reason: str = ""
    """Why there is no walk, or why some are missing."""
    error: Exception | None = None
    late: bool = False
    """It was time that ended it."""
    held_out: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """(n, C) linear predictors of its best walk by models that left the row out."""
    seconds: float = 0.0
    predict_seconds: float = 0.0
    """For 1,000 rows."""

    @property
    def best(self) -> Walk:
        return self.walks[find_winner(self.walks)]

    def add(self, walk: Walk) -> None:
        """One more walk; only the best keeps its paths."""
        walks = [*self.walks, walk]
        best = find_winner(walks)
        self.walks = [w if j == best or not w.paths else w.slim() for j, w in enumerate(walks)]


def contest(
    problem: Problem,
    resamples: Resamples,
    options: FitOptions,
    whole: Stretch,
    *,
    end: float = math.inf,
    least: float = 0.0,
    last: float = math.inf,
) -> tuple[list[Tried], bool]:
    """What came of every family, and whether Ctrl-C stopped the search early; with no walk done it is raised again.

    ``end`` is the moment of `time.perf_counter` at which all walks must have ended; no family but the first begins
    with less than ``least`` seconds. Where the first family had no result, a path may take half of the time until
    ``last`` while there is none at all.
    Where no family has a result, the first one's error is raised.
    """
    families = families_to_try(options)
    parts = whole.divide(_expect(families, problem, resamples, end - time.perf_counter()))
    tried: list[Tried] = []
    interrupted = False
    for i, family in enumerate(families):
        now = time.perf_counter()
        one = Tried(family)
        tried.append(one)
        try:
            _try(
                one,
                problem,
                resamples,
                options,
                parts[i],
                now + (end - now) / (len(families) - i),
                last,
                first=i > 0 and not any(other.walks for other in tried),
                least=least,
            )
        except KeyboardInterrupt:
            if not any(other.walks for other in tried):
                raise
            whole.say("interrupted", whole.last, "stopped by Ctrl-C: finishing with the paths that are done")
            one.reason = one.reason or "it was stopped by Ctrl-C"
            interrupted = True
        except Exception as error:
            if len(families) == 1:
                raise
            one.error, one.late = error, isinstance(error, OutOfTime)
            known = isinstance(error, RightfitError)
            one.reason = str(error) if known else f"it failed with {type(error).__name__}: {error}"
        finally:
            one.seconds = time.perf_counter() - now
        if one.walks:
            one.held_out = predict_held_out(one.best.paths, problem, resamples, one.best.choice.step)
            model, rows = one.best.paths[0].model(one.best.choice.step), np.resize(np.arange(len(problem.y)), _ASKED)
            design, start = problem.design.take(rows), time.perf_counter()
            model.predict(design)
            one.predict_seconds = time.perf_counter() - start
        if interrupted:
            break
    if not any(one.walks for one in tried):
        raise next((one.error for one in tried if one.error is not None), FitError(tried[0].reason))
    return tried, interrupted


def _try(
    one: Tried,
    problem: Problem,
    resamples: Resamples,
    options: FitOptions,
    part: Stretch,
    end: float,
    last: float,
    *,
    first: bool,
    least: float,
) -> None:
    """Walks what the family proposes, until ``end``; raises where nothing came of it. With ``first`` there is no result
    yet, and a path may take more, half of the time until ``last``, as any result is worth more than none. Others do not
    begin with less than ``least`` seconds."""
    start = time.perf_counter()
    kind = catalog.find("learners", one.family)
    late = f"its share of the time ({max(0.0, end - start):.3g} s) was over before a path was walked; give more with "
    if start > last if first else end - start < least:
        raise OutOfTime(f"{late}--time-budget")
    if kind.lacks():
        raise MissingExtraError(kind.lacks())
    message = f"asking {one.family} models for settings"
    part.say("walk", part.first, message)
    done, taught, count = 0, resamples.taught, kind.steps(resamples, options.strengths)
    try:
        asking = Steps(part.split(_RACING)[0], message, count)
        with until(end), listen(asking):
            proposals = propose(one.family, problem, resamples, options)
        part = replace(part, first=asking.place)
        one.proposed = len(proposals)
        moment = start + _RACING * (end - start) if math.isfinite(end) else end
        before, part = part.split(_RACING if len(proposals) > FEW else 0.0)
        with until(moment), listen(Steps(before, f"walking the path of the {one.family} models", count)):
            proposals = race(problem, resamples, proposals)
        for k, proposal in enumerate(proposals):
            moment = max(end, start + _FIRST * (last - start)) if first and not one.walks else end
            now = time.perf_counter()
            if one.walks and now + one.walks[-1].seconds > moment:
                raise OutOfTime("the next path would take about as long as the last")
            small = math.isfinite(end) and not one.walks and (not kind.coefficients or taught > PENALIZED)
            _climb(one, proposal, problem, resamples, options, part.part(k, len(proposals)), moment, small=small)
            done = k + 1
            if all(walk.share < 1 for walk in one.walks):
                break  # there was no time for all rows of one, so there is none for others
        with until(end):
            best = one.best
            for walk in walk_again(problem, thin(resamples, best.share, options.seed), best, options):
                part.say("walked", part.last, f"walked the path of the {walk.name}")
                one.add(replace(walk, proposal=say_taught(walk.proposal, taught, best.share)))
    except OutOfTime as error:
        if not one.walks:
            raise OutOfTime(f"{late}--time-budget") from error
        if done < len(proposals):
            one.reason = f"its share of the time was over after {done} of {len(proposals)} paths"
        else:
            one.reason = "its share of the time was over before its best path was varied"
        one.late = True
    if one.walks and all(walk.share < 1 for walk in one.walks):
        one.late, most = True, max(walk.share for walk in one.walks)
        one.reason = (
            f"its share of the time ({max(0.0, end - start):.3g} s) was enough for {round(most * taught):,} teaching "
            f"rows of {taught:,}; give more with --time-budget"
        )


def _climb(
    one: Tried,
    proposal: Proposal,
    problem: Problem,
    resamples: Resamples,
    options: FitOptions,
    part: Stretch,
    end: float,
    *,
    small: bool,
) -> None:
    """The walk of one proposal; with ``small`` ones before, taught by fewer rows, as `rightfit.search.thinning` says.
    OutOfTime where not even the first one ended."""
    taught, share = resamples.taught, first_share(problem, resamples) if small else 1.0
    walked: list[tuple[float, float]] = []
    while share:
        own, part = part.split(share) if share < 1 else (part, part)
        start, few = time.perf_counter(), thin(resamples, share, options.seed)
        try:
            with until(end):
                payable = _afford(proposal, problem, few)
            _walk(one, say_taught(payable, taught, share), problem, few, options, own, end, share)
        except OutOfTime:
            if one.walks and small:
                return
            raise
        now = time.perf_counter()
        walked.append((share, now - start))
        share = next_share(walked, end - now)


def _afford(proposal: Proposal, problem: Problem, resamples: Resamples) -> Proposal:
    """The proposal as large as the time that is left pays for."""
    if math.isinf(left()):
        return proposal
    learner = proposal.learner.afford(problem, resamples)
    return proposal if learner is proposal.learner else proposal.vary(learner)


def _walk(
    one: Tried,
    proposal: Proposal,
    problem: Problem,
    resamples: Resamples,
    options: FitOptions,
    part: Stretch,
    end: float,
    share: float,
) -> None:
    message = f"walking the path of the {proposal.name}"
    part.say("walk", part.first, message)
    steps = Steps(part, message, proposal.learner.steps(resamples, options.strengths))
    with until(end), listen(steps), warnings.catch_warnings():
        if share < 1:  # it is told how few rows taught it, and that there was no time for more
            warnings.simplefilter("ignore", NotConvergedWarning)
        one.add(replace(walk_one(problem, resamples, proposal, options), share=share))
    part.say("walked", part.last, f"walked the path of the {proposal.name}")


def _expect(families: Sequence[str], problem: Problem, resamples: Resamples, seconds: float) -> list[float]:
    """How long families take beside each other, where they have so many ``seconds`` together; one of which that is not
    known takes as long as the longest."""
    expected: list[float] = []
    for place, family in enumerate(families):
        kind = catalog.find("learners", family)
        least = 0.0 if kind.lacks() else kind.expect(problem, resamples) or math.inf
        if math.isfinite(seconds):
            least = min(least, max(0.0, seconds - sum(expected)) / (len(families) - place))
        expected.append(least)
    longest = max((one for one in expected if math.isfinite(one)), default=0.0) or 1.0
    return [max(_SEEN * longest, min(one, longest)) for one in expected]
