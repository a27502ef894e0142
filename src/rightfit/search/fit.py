"""The whole way of a fit: table -> problem and folds -> paths -> evidence -> choice -> run.

Order matters: rows are set aside before anything is learned, the schema comes from the remaining rows alone, all
candidates are scored on the same folds, and the rows set aside are looked at once, at the end.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl

from rightfit import __version__
from rightfit.contracts import Model, Problem
from rightfit.data.table import Table
from rightfit.errors import FitError, OptionError, OutOfTime, RightfitWarning
from rightfit.evidence.compare import compare, compare_holdout
from rightfit.evidence.condense import condense
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.evidence.diagnose import diagnose
from rightfit.evidence.drift import drift, rank_drifting
from rightfit.evidence.importance import trace_importance
from rightfit.evidence.optimism import estimate_optimism
from rightfit.evidence.robustness import measure_robustness
from rightfit.evidence.stack import stack
from rightfit.evidence.standing import find_luck
from rightfit.evidence.verdict import verdict
from rightfit.records import Choice, Comparison, Drift, Evidence, Fitted, Note, Robustness, Run, Stack, Status
from rightfit.search.candidates import find_surface, list_candidates, note_sparser
from rightfit.search.contest import Tried, contest
from rightfit.search.dealing import Dealt, deal
from rightfit.search.expecting import say_expected
from rightfit.search.leaderboard import rank_families, say_families, say_missing, take
from rightfit.search.options import FitOptions
from rightfit.search.prepare import Prepared, prepare
from rightfit.search.thinning import judge_some, thin
from rightfit.search.walk import Report, Stretch, Walk, make_rule, selection
from rightfit.solvers.watch import until

_READ, _WALKED, _TOTAL = 1.0, 9.0, 10.0
"""Work done for the progress: reading, all paths, the end."""
_REST = 0.06
"""Share of a time budget that is left for what follows the walks, whatever it takes."""
_AS_READING = 0.8
"""What follows takes about so many times what reading took: both grow with the table, and with how busy the machine
is."""
_BEGIN = 0.5
"""A family must read all columns before it walks: so many times what looking at them took is the least it needs."""


def fit_table(table: Table, options: FitOptions, progress: Report | None = None, *, since: float | None = None) -> Run:
    """Fit, prove and record.

    ``since`` is the moment of `time.perf_counter` from which a time budget counts; now where not given.

    ``progress(stage, done, total, message)`` is told what happens. Ctrl-C while paths are walked keeps the candidates
    that are done: the run then says so in a note; without a finished one KeyboardInterrupt is raised.

    Raises DataError (ColumnError, RowError) for a table, OptionError for options, FitError for a fit without answer.
    """
    report = progress or _silent
    clock = {"start": time.perf_counter()}
    since = clock["start"] if since is None else since
    with _threads(options.threads), _heard() as heard:
        report("columns", 0.5, _TOTAL, "looking at the columns")
        prepared = prepare(table, options)
        dealt = deal(prepared, options)
        if expected := say_expected(prepared.rows.problem, dealt.folds, options):
            report("expected", _READ, _TOTAL, expected)
        clock["columns"] = time.perf_counter()
        end = since + plan_walks(options.time_budget, clock["columns"] - since)
        if options.time_budget is not None:
            dealt = replace(dealt, folds=judge_some(dealt.folds, options.time_budget, options.seed))
        last = since + (1 - _REST) * (options.time_budget or math.inf)
        least = _BEGIN * (clock["columns"] - clock["start"])
        tried, interrupted = contest(
            prepared.rows.problem,
            dealt.folds,
            options,
            Stretch(report, _READ, _WALKED, _TOTAL),
            end=end,
            least=least,
            last=last,
        )
        clock["paths"] = time.perf_counter()
        run = _assemble(table, options, prepared, dealt, tried, report, since + (options.time_budget or math.inf))
        clock["evidence"] = time.perf_counter()
    notes = [*run.notes, *heard]
    if interrupted:
        names = ", ".join(walk.name for one in tried for walk in one.walks)
        notes.append(Note("warning", "", f"the search was stopped by Ctrl-C: only these paths were walked: {names}"))
    moments = list(clock.items())
    seconds = {name: end - start for (_, start), (name, end) in pairwise(moments)}
    return replace(run, notes=tuple(dict.fromkeys(notes)), seconds=seconds)


def plan_walks(budget: float | None, read: float) -> float:
    """Seconds of the budget until which all paths must be walked, where reading took ``read``; infinite without one.
    At least half of what reading has left is for walking."""
    if budget is None:
        return math.inf
    rest = _REST * budget + _AS_READING * read
    return budget - min(rest, max(0.0, (budget - read) / 2))


def _assemble(
    table: Table,
    options: FitOptions,
    prepared: Prepared,
    dealt: Dealt,
    tried: list[Tried],
    report: Report,
    end: float,
) -> Run:
    """Everything that is a view of the evidence; after ``end`` nothing is begun that can be left out."""
    report("evidence", _WALKED, _TOTAL, "comparing on held-out rows")
    taken, best, simpler = take(tried, options.prefer)
    winner = taken.best
    problem, evidence, step = prepared.rows.problem, winner.evidence, winner.choice.step
    full = winner.paths[0]
    trace = full.trace() if winner.proposal.learner.coefficients else trace_importance(full, evidence)
    curve, comparison = summarize(evidence), compare(evidence, step)
    candidates = list_candidates(taken.walks, winner)
    families = rank_families(tried, taken, best) if len(tried) > 1 else ()
    with until(end):
        mixture, late = _mixture(tried, best, problem, options)
    holdout = _holdout(prepared, winner, options)
    if dealt.random is not None:
        report("evidence", _WALKED + 0.3, _TOTAL, "comparing with random folds")
    with until(end):
        drifted, lost = _drift(prepared, dealt, winner, options.seed)
    robustness, soft = _robustness(prepared, dealt, winner, options)
    report("evidence", _WALKED + 0.6, _TOTAL, "looking at what the choice cost and where it errs")
    small = condense(evidence, seed=options.seed)  # its means are those of the rows, fold by fold
    optimism = estimate_optimism(small, make_rule(options.rule), step, seed=options.seed)
    held_out = taken.held_out
    sentences = verdict(
        evidence=evidence,
        curve=curve,
        choice=winner.choice,
        comparison=comparison,
        trace=trace,
        features=prepared.features,
        size=winner.size,
        optimism=optimism,
        holdout=holdout,
        drift=drifted,
    )
    sentences = (*sentences[:2], *say_families(families), *sentences[2:])
    sentences = (*sentences, mixture.sentence) if mixture is not None else sentences
    sentences = (*sentences, robustness.sentence) if robustness is not None else sentences
    notes = (
        *prepared.notes,
        *dealt.notes,
        *dealt.folds.notes,
        *simpler,
        *note_sparser(taken.walks, candidates, winner),
        *say_missing(tried),
        *lost,
        *late,
        *soft,
        *_unfinished(winner),
    )
    return Run(
        version=__version__,
        command=options.command(table.source.name),
        seed=options.seed,
        source=table.source,
        schema=prepared.schema,
        task=prepared.task,
        features=prepared.features,
        penalty=winner.proposal.words,
        settings=winner.proposal.settings,
        trace=trace,
        evidence=small,
        curve=curve,
        choice=winner.choice,
        choices=_choices(evidence, winner.choice, coefficients=winner.proposal.learner.coefficients),
        candidates=candidates,
        selection=selection(winner.paths, step),
        comparison=comparison,
        holdout=holdout,
        diagnostics=diagnose(
            problem,
            held_out,
            weight=dealt.folds.weight,
            null=evidence.null,
            part=dealt.folds.scored.argmax(axis=0),
            seed=options.seed,
        ),
        drift=drifted,
        notes=tuple(notes),
        verdict=sentences,
        fitted=_fitted(problem, full.model(step), dealt.folds.weight),
        families=families,
        stack=mixture,
        robustness=robustness,
        picture=replace(full.picture(step), surface=find_surface(taken.walks, candidates, winner)),
    )


def _mixture(
    tried: list[Tried], best: Tried, problem: Problem, options: FitOptions
) -> tuple[Stack | None, tuple[Note, ...]]:
    """A mixture of the families, where it is better than the best one by more than its noise; with its members where it
    is to predict. Or a note why none was looked for."""
    running = [one for one in tried if one.walks]
    if len(running) < 2:
        return None, ()
    names, held_out = [one.family for one in running], [one.held_out for one in running]
    try:
        luck = [find_luck(one.best.evidence, one.best.choice.step) for one in running]
        found = stack(problem, best.best.evidence, names, held_out, running.index(best), luck)
    except OutOfTime:
        return None, (Note("warning", "", "the time budget was over before a mixture of the families was found"),)
    if found is None or not found.gain > found.gain_error:
        return None, ()
    if options.prefer != "stack":
        return replace(found, sentence=f"{found.sentence} Give --prefer stack to predict with it."), ()
    members = tuple(one.best.paths[0].model(one.best.choice.step).fitted() for one in running)
    return replace(found, members=members, sentence=f"{found.sentence} It predicts new rows."), ()


def _fitted(problem: Problem, model: Model, weight: np.ndarray) -> Fitted:
    """The chosen model as data, with what predictions over time need."""
    if not problem.loss.level_free:
        return model.fitted()
    eta = model.predict(problem.design, problem.offset)[:, 0]
    return replace(model.fitted(), baseline=problem.loss.baseline(problem.y, eta, weight))


def _choices(evidence: Evidence, chosen: Choice, *, coefficients: bool) -> tuple[Choice, ...]:
    """What each classical rule would have taken; the one that was asked for first. Only models with coefficients have
    degrees of freedom to count."""
    choices = [chosen]
    for name in ("best", "one_se", "information") if coefficients else ("best", "one_se"):
        if name != chosen.rule:
            with suppress(FitError):  # a criterion may be unable to judge any step
                choices.append(make_rule(name).choose(evidence))
    return tuple(choices)


def _holdout(prepared: Prepared, winner: Walk, options: FitOptions) -> Comparison | None:
    """The comparison on the rows set aside: their only use."""
    aside = prepared.aside
    if aside is None:
        return None
    group = None
    if options.group is not None:
        group = np.unique(aside.frame[options.group].cast(pl.String).fill_null("").to_list(), return_inverse=True)[1]
    constant = prepared.rows.problem.constant(prepared.rows.weight)
    return compare_holdout(
        winner.paths[0],
        winner.choice.step,
        aside.problem,
        constant=constant,
        weight=aside.weight,
        unit=group,
        where=prepared.aside_words,
    )


def _drift(prepared: Prepared, dealt: Dealt, winner: Walk, seed: int) -> tuple[Drift | None, tuple[Note, ...]]:
    """Random folds beside those that respect time or groups, at the same steps; or a note why there are none."""
    if dealt.random is None or dealt.kind == "":
        return None, ()
    problem = prepared.rows.problem
    try:
        _, beside = crossfit(problem, thin(dealt.random, winner.share, seed), winner.proposal.learner)
    except OutOfTime:
        sentence = f"the time budget was over before random folds were walked beside those by {dealt.by!r}"
        return None, (Note("warning", "", sentence),)
    if len(beside.strengths) != len(winner.evidence.strengths):
        sentence = f"random folds led to a path of other steps than those by {dealt.by!r}: they cannot be compared"
        return None, (Note("info", "", sentence),)
    columns: list[tuple[str, float]] = []
    if dealt.moment is not None:
        columns = rank_drifting(
            problem.design, prepared.features, dealt.moment, weight=prepared.rows.weight, ignore=(dealt.by,)
        )
    return drift(winner.evidence, beside, winner.choice.step, by=dealt.by, kind=dealt.kind, columns=columns), ()


def _robustness(
    prepared: Prepared, dealt: Dealt, winner: Walk, options: FitOptions
) -> tuple[Robustness | None, tuple[Note, ...]]:
    """What is left of the chosen model where rows are moved against it; or a note why nobody was asked."""
    if not options.attack:
        return None, ()
    problem = prepared.rows.problem
    columns = np.array([feature.role == "value" for feature in prepared.features])
    try:
        found = measure_robustness(
            winner.paths, problem, dealt.folds, winner.choice.step, options.attack, columns, seed=options.seed
        )
    except OptionError as error:
        return None, (Note("warning", "", f"--attack was left out: {error}"),)
    return found, ()


def _unfinished(winner: Walk) -> list[Note]:
    """Fits of the folds that stopped before their certificate; the full fit's are in the verdict."""
    stopped = worst = 0.0
    for path in winner.paths[1:]:
        late = np.asarray(path.status) == Status.STOPPED
        stopped += int(late.sum())
        worst = max(worst, float(np.nanmax(path.gap[late], initial=0.0)))
    if not stopped:
        return []
    total = sum(len(path.strengths) for path in winner.paths[1:])
    sentence = (
        f"{stopped:,.0f} of {total:,} fits on folds stopped at the iteration limit; the largest duality gap left is "
        f"{worst:.1e} of the null deviance"
    )
    return [Note("warning", "", sentence)]


def _silent(stage: str, done: float, total: float, message: str) -> None:
    pass


@contextmanager
def _heard() -> Iterator[list[Note]]:
    """Warnings that are raised meanwhile, as notes: nothing goes past the record."""
    notes: list[Note] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield notes
    for warning in caught:
        if issubclass(warning.category, DeprecationWarning | ResourceWarning | PendingDeprecationWarning):
            continue
        ours = issubclass(warning.category, RightfitWarning)
        text = str(warning.message) if ours else f"{warning.category.__name__} while fitting: {warning.message}"
        notes.append(Note("warning", "", text))


def _threads(count: int | None) -> AbstractContextManager[object]:
    """At most ``count`` threads in every native library."""
    if count is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(count)
    return limits
