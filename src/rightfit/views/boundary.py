"""Decision boundaries, or fitted surfaces, over two columns of a run along its path, beside models of these two
alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rightfit import catalog
from rightfit.contracts import Learner, Path, Problem, Wishes
from rightfit.errors import FitError, MissingExtraError, OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.evidence.curve import summarize
from rightfit.learners.linear import LinearPath
from rightfit.records import Boundary, Curve, Plane, Run
from rightfit.views.boundary_words import describe
from rightfit.views.ground import Ground
from rightfit.views.kernel import Kernel
from rightfit.views.sides import make_grid, narrow
from rightfit.views.surfaces import Surface, as_bytes, survey

BESIDE = ("linear", "tree", "kernel")
"""Families that stand beside the run's model where none are named."""
_TAIL = 0.005


def see(
    ground: Ground, *, columns: Sequence[str] = (), beside: Sequence[str] | None = None, seed: int | None = None
) -> Boundary:
    """The view of a run.

    columns  two columns of the file; by default those that matter most to the chosen model
    beside   families that are taught by these two columns alone, each at the best step of its path: those of the
             catalog, and ``"kernel"`` (`rightfit.views.kernel`); by default `BESIDE`
    seed     that of the run where not given

    Raises OptionError where there are no two such columns, the loss has several targets, or a family is unknown,
    ColumnError for a name that the model does not know.
    """
    run, problem = ground.run, ground.problem
    if problem.y.ndim > 1 and not problem.loss.coupled:
        raise OptionError("a plane shows what is predicted for one target, and the run has several")
    seed = run.seed if seed is None else seed
    named = beside is not None
    families = tuple(dict.fromkeys(BESIDE if beside is None else beside))
    known = (*catalog.names("learners"), "kernel")
    for family in families:
        if family not in known:
            raise OptionError(f"beside: there is no family {family!r}; choose of {', '.join(known)}")
    grid = make_grid(ground, columns, seed)
    path: Path = (
        LinearPath(run.trace, problem.loss.name)
        if run.trace.measures == "coefficients"
        else ground.learner.fit_paths(problem, ground.folds)[0]
    )
    offset = float(np.median(problem.offset))
    chosen = run.choice.step if len(path.strengths) == len(run.trace) else _nearest(path, run)
    mine = survey(path, grid.design(run.schema), problem.loss, offset, grid.shape, chosen)
    seen = [("the run's model", run.penalty, path, run.curve, chosen, mine)]
    missing: dict[str, str] = {}
    schema, pair = narrow(ground, grid)
    for family in families:
        try:
            learner = _learner(family, pair, ground, seed)
            paths, evidence = crossfit(pair, ground.folds, learner)
            step = catalog.find("rules", "best")().choose(evidence).step
            surface = survey(paths[0], grid.design(schema), problem.loss, offset, grid.shape, step)
            seen.append((family, learner.words, paths[0], summarize(evidence), step, surface))
        except (OptionError, FitError, MissingExtraError) as error:
            if named:
                raise
            missing[family] = str(error)
    span = _range([surface for *_, surface in seen], classes=bool(run.task.classes))
    several = len(run.task.classes) > 2
    found = Boundary(
        sides=grid.sides,
        held=grid.held,
        says=_says(run, problem),
        measure=problem.loss.measure,
        classes=run.task.classes,
        target=np.asarray(problem.y[grid.rows] if problem.y.ndim == 1 else problem.y[grid.rows, 0], np.float64),
        planes=tuple(_plane(*one, span, several=several) for one in seen),
        missing=missing,
    )
    return replace(found, sentences=describe(found, len(run.schema.having("feature"))))


def _learner(family: str, pair: Problem, ground: Ground, seed: int) -> Learner:
    """The family's first proposal for the two columns."""
    if family == "kernel":
        return Kernel(seed=seed)
    kind: Any = catalog.find("learners", family)
    if kind.lacks():
        raise MissingExtraError(kind.lacks())
    if kind.coefficients:
        return kind(penalty=catalog.find("penalties", "elastic_net")(l1_ratio=0.0))
    return kind.propose(pair, ground.folds, Wishes(seed=seed))[0]


def _nearest(path: Path, run: Run) -> int:
    """The step of a path that was grown to other ones which lies nearest to the run's choice."""
    return int(np.argmin(np.abs(np.asarray(path.strengths) - run.choice.strength)))


def _says(run: Run, problem: Problem) -> str:
    if problem.loss.level_free:
        return "log of the relative risk"
    if len(run.task.classes) > 2:
        return "probability of the likeliest class"
    return f"probability of {run.task.classes[1]}" if run.task.classes else f"predicted {run.task.target}"


def _range(surfaces: Sequence[Surface], *, classes: bool) -> tuple[float, float]:
    """What bytes span: all probabilities, or the numbers that are said but for the most extreme ones."""
    if classes:
        return 0.0, 1.0
    said = np.concatenate([surface.value[np.isfinite(surface.value)] for surface in surfaces])
    low, high = np.quantile(said, (_TAIL, 1 - _TAIL))
    return float(low), float(high)


def _plane(
    name: str,
    words: str,
    path: Path,
    curve: Curve,
    chosen: int,
    surface: Surface,
    span: tuple[float, float],
    *,
    several: bool,
) -> Plane:
    steps, axis, (low, high) = surface.steps, path.axis, span
    positions = axis.positions[steps] if len(axis.positions) else np.empty(0)
    known = len(curve.mean) == len(path.strengths)
    nothing = np.full(len(steps), np.nan)
    return Plane(
        name=name,
        words=words,
        axis=replace(axis, positions=np.asarray(positions, np.float64)),
        strengths=np.asarray(path.strengths, np.float64)[steps],
        step=int(np.flatnonzero(steps == chosen)[0]),
        height=as_bytes(surface.value, low, high),
        low=low,
        high=high,
        label=surface.label if several else surface.label[:0],
        regions=surface.regions,
        joint=surface.joint,
        loss=np.asarray(curve.mean)[steps] if known else nothing,
        error=np.asarray(curve.error)[steps] if known else nothing,
    )
