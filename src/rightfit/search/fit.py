"""The whole way of a fit: table -> problem and folds -> paths -> evidence -> choice -> run.

Order matters: rows are set aside before anything is learned, the schema comes from the remaining rows alone, all
candidates are scored on the same folds, and the rows set aside are looked at once, at the end.
"""

from __future__ import annotations

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
from rightfit.errors import FitError, RightfitWarning
from rightfit.evidence.compare import compare, compare_holdout
from rightfit.evidence.condense import condense
from rightfit.evidence.crossfit import crossfit, fit_constant, predict_held_out
from rightfit.evidence.curve import summarize
from rightfit.evidence.diagnose import diagnose
from rightfit.evidence.drift import drift, rank_drifting
from rightfit.evidence.optimism import estimate_optimism
from rightfit.evidence.verdict import verdict
from rightfit.records import Candidate, Choice, Comparison, Drift, Evidence, Fitted, Note, Run, Status
from rightfit.search.dealing import Dealt, deal
from rightfit.search.mixing import mix
from rightfit.search.options import FitOptions
from rightfit.search.prepare import Prepared, prepare
from rightfit.search.walk import Report, Walk, find_winner, make_rule, selection, walk_all

_READ, _WALKED, _TOTAL = 1.0, 9.0, 10.0
"""Work done for the progress: reading, all paths, the end."""


def fit_table(table: Table, options: FitOptions, progress: Report | None = None) -> Run:
    """Fit, prove and record.

    ``progress(stage, done, total, message)`` is told what happens. Ctrl-C while paths are walked keeps the candidates
    that are done: the run then says so in a note; without a finished one KeyboardInterrupt is raised.

    Raises DataError (ColumnError, RowError) for a table, OptionError for options, FitError for a fit without answer.
    """
    report = progress or _silent
    clock = {"start": time.perf_counter()}
    with _threads(options.threads), _heard() as heard:
        report("columns", 0.5, _TOTAL, "looking at the columns")
        prepared = prepare(table, options)
        dealt = deal(prepared, options)
        clock["columns"] = time.perf_counter()
        walks, interrupted = walk_all(
            prepared.rows.problem, dealt.folds, options, report, done=_READ, end=_WALKED, total=_TOTAL
        )
        clock["paths"] = time.perf_counter()
        run = _assemble(table, options, prepared, dealt, walks, report)
        clock["evidence"] = time.perf_counter()
    notes = [*run.notes, *heard]
    if interrupted:
        names = ", ".join(walk.name for walk in walks)
        notes.append(Note("warning", "", f"the search was stopped by Ctrl-C: only these paths were walked: {names}"))
    moments = list(clock.items())
    seconds = {name: end - start for (_, start), (name, end) in pairwise(moments)}
    return replace(run, notes=tuple(dict.fromkeys(notes)), seconds=seconds)


def _assemble(
    table: Table, options: FitOptions, prepared: Prepared, dealt: Dealt, walks: list[Walk], report: Report
) -> Run:
    """Everything that is a view of the evidence."""
    report("evidence", _WALKED, _TOTAL, "comparing on held-out rows")
    winner = walks[find_winner(walks)]
    problem, evidence, step = prepared.rows.problem, winner.evidence, winner.choice.step
    trace = winner.paths[0].trace()
    curve, comparison = summarize(evidence), compare(evidence, step)
    candidates, found = _candidates(walks, winner)
    holdout = _holdout(prepared, winner, options)
    if dealt.random is not None:
        report("evidence", _WALKED + 0.3, _TOTAL, "comparing with random folds")
    drifted = _drift(prepared, dealt, winner, options)
    report("evidence", _WALKED + 0.6, _TOTAL, "looking at what the choice cost and where it errs")
    optimism = estimate_optimism(evidence, make_rule(options.rule), step, seed=options.seed)
    held_out = predict_held_out(winner.paths, problem, dealt.folds, step)
    sentences = verdict(
        evidence=evidence,
        curve=curve,
        choice=winner.choice,
        comparison=comparison,
        trace=trace,
        features=prepared.features,
        optimism=optimism,
        holdout=holdout,
        drift=drifted,
    )
    notes = (*prepared.notes, *dealt.notes, *dealt.folds.notes, *found, *_unfinished(winner))
    return Run(
        version=__version__,
        command=options.command(table.source.name),
        seed=options.seed,
        source=table.source,
        schema=prepared.schema,
        task=prepared.task,
        features=prepared.features,
        penalty=winner.mix.words,
        settings=_settings(winner, options),
        trace=trace,
        evidence=condense(evidence, seed=options.seed),
        curve=curve,
        choice=winner.choice,
        choices=_choices(evidence, winner.choice),
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
        fitted=_fitted(problem, winner.paths[0].model(step), dealt.folds.weight),
    )


def _fitted(problem: Problem, model: Model, weight: np.ndarray) -> Fitted:
    """The chosen model as data, with what predictions over time need."""
    if not problem.loss.level_free:
        return model.fitted()
    eta = model.predict(problem.design, problem.offset)[:, 0]
    return replace(model.fitted(), baseline=problem.loss.baseline(problem.y, eta, weight))


def _settings(winner: Walk, options: FitOptions) -> dict[str, float]:
    """What is no strength, in numbers; see `rightfit.search.mixing` for the two shares."""
    settings = winner.mix.settings | {"standardize": float(options.standardize)}
    if settings.get("l1_ratio", winner.mix.l1_ratio) != winner.mix.l1_ratio:
        settings["l1_ratio in the target's unit"] = winner.mix.l1_ratio
    return settings


def _candidates(walks: list[Walk], winner: Walk) -> tuple[tuple[Candidate, ...], list[Note]]:
    """All candidates with their paired differences to the winner, and a sentence where a sparser one is as good."""
    losses = np.column_stack([walk.evidence.loss[:, walk.choice.step] for walk in walks])
    count = len(walks)
    nothing = np.zeros(count)
    stacked = summarize(
        replace(
            winner.evidence,
            loss=losses,
            strengths=np.arange(count, 0, -1.0),
            complexity=np.array([walk.complexity for walk in walks]),
            training=nothing,
            metrics={},
        )
    )
    candidates = tuple(
        Candidate(
            name=walk.name,
            settings=walk.mix.settings,
            loss=float(stacked.mean[j]),
            error=float(stacked.error[j]),
            difference=float(stacked.difference[j]),
            difference_error=float(stacked.difference_error[j]),
            strength=walk.choice.strength,
            complexity=walk.complexity,
            seconds=walk.seconds,
            chosen=walk is winner,
        )
        for j, walk in enumerate(walks)
    )
    notes = []
    for walk, candidate in zip(walks, candidates, strict=True):
        within = candidate.difference <= candidate.difference_error
        if walk is not winner and within and 0 < walk.features < winner.features:
            sentence = (
                f"the {walk.name} loses no more within noise (one standard error) and uses {walk.features:,} features "
                f"instead of {winner.features:,}: give {walk.mix.option} to prefer it"
            )
            notes.append(Note("info", "", sentence))
            break
    return candidates, notes


def _choices(evidence: Evidence, chosen: Choice) -> tuple[Choice, ...]:
    """What each classical rule would have taken; the one that was asked for first."""
    choices = [chosen]
    for name in ("best", "one_se", "information"):
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
    constant = fit_constant(prepared.rows.problem, prepared.rows.weight)
    return compare_holdout(
        winner.paths[0],
        winner.choice.step,
        aside.problem,
        constant=constant,
        weight=aside.weight,
        unit=group,
        where=prepared.aside_words,
    )


def _drift(prepared: Prepared, dealt: Dealt, winner: Walk, options: FitOptions) -> Drift | None:
    """Random folds beside those that respect time or groups, at the same strengths."""
    if dealt.random is None or dealt.kind == "":
        return None
    problem = prepared.rows.problem
    strengths = np.asarray(winner.paths[0].strengths)
    made = mix(problem, dealt.random, winner.mix.share, options, strengths=strengths)
    _, beside = crossfit(problem, dealt.random, made.learner)
    columns: list[tuple[str, float]] = []
    if dealt.moment is not None:
        columns = rank_drifting(
            problem.design, prepared.features, dealt.moment, weight=prepared.rows.weight, ignore=(dealt.by,)
        )
    return drift(winner.evidence, beside, winner.choice.step, by=dealt.by, kind=dealt.kind, columns=columns)


def _unfinished(winner: Walk) -> list[Note]:
    """Fits of the folds that stopped before their certificate; the full fit's are in the verdict."""
    stopped = worst = 0.0
    for path in winner.paths[1:]:
        trace = path.trace()
        late = trace.status == Status.STOPPED
        stopped += int(late.sum())
        worst = max(worst, float(np.nanmax(trace.gap[late], initial=0.0)))
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
