"""Runs made by hand for the tests of the report: small, seeded, real fits of a plain proximal gradient.

``specimen("classes")`` and its siblings fit an l1 path on simulated rows, score it on held-out rows and
fill every record that a report reads. ``large()`` has 50,000 columns and 300 steps that nobody fitted.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from rightfit.records import (
    Choice,
    Column,
    Curve,
    Diagnostics,
    Evidence,
    Feature,
    Fitted,
    Note,
    Run,
    Schema,
    Source,
    Task,
    Trace,
)
from tests.rooms.report.specimen_parts import (
    HOSTILE,
    MEASURE,
    make_candidates,
    make_comparison,
    make_diagnostics,
    make_drift,
    make_grid,
    make_table,
    make_target,
    make_trace,
    measure,
    value,
    walk,
)

KINDS = ("regression", "classes", "several", "counts")
_LOSS = {"regression": "squared", "classes": "logistic", "several": "multinomial", "counts": "poisson"}


@lru_cache(maxsize=32)
def specimen(kind: str = "classes", *, holdout: bool = False, drift: bool = False, hostile: bool = False) -> Run:
    """A run of one kind: regression, classes (two), several (three) or counts."""
    rng = np.random.default_rng(7)
    schema, features, design = make_table(kind, rng, hostile)
    y, classes = make_target(kind, design, rng)
    n, p = design.shape
    outputs = 3 if kind == "several" else 1
    center, scale = design.mean(0), design.std(0)
    x = (design - center) / scale
    strengths = make_grid(kind, x, y, outputs)
    coef, intercept = walk(kind, x, y, outputs, strengths)
    fold = rng.permutation(np.arange(n) % 5) + 1
    steps = len(strengths)
    eta = np.empty((steps, n, outputs))
    null = np.empty(n)
    share = np.zeros((steps, p))
    for k in range(1, 6):
        out, train = fold == k, fold != k
        fitted, bias = walk(kind, x[train], y[train], outputs, strengths)
        eta[:, out] = x[out] @ fitted + bias[:, None, :]
        constant = walk(kind, x[train] * 0, y[train], outputs, strengths[:1])[1][0]
        null[out] = value(kind, y[out], np.tile(constant, (int(out.sum()), 1)))
        share += np.abs(fitted).max(2) > 0
    loss = np.stack([value(kind, y, eta[k]) for k in range(steps)], axis=1)
    training = np.array([value(kind, y, x @ coef[k] + intercept[k]).mean() for k in range(steps)])
    active = np.abs(coef).max(2) > 0
    complexity = active.sum(1).astype(float)
    mean, error = loss.mean(0), loss.std(0) / np.sqrt(n)
    best = int(mean.argmin())
    paired = loss - loss[:, [best]]
    difference, difference_error = paired.mean(0), paired.std(0) / np.sqrt(n)
    one_se = int(np.flatnonzero(difference <= difference_error + 1e-12)[0])
    metrics = measure(kind, y, eta)
    curve = Curve(
        strengths,
        mean,
        error,
        difference,
        difference_error,
        training,
        complexity,
        float(null.mean()),
        MEASURE[kind],
        n,
        metrics,
    )
    word = {"regression": "R2", "classes": "AUC", "several": "accuracy", "counts": "D2"}[kind]
    choice = Choice(
        "one_se",
        one_se,
        float(strengths[one_se]),
        "the strongest step whose held-out loss is within one paired standard error of the best step",
        best,
        "the best step itself",
    )
    lowest = Choice("best", best, float(strengths[best]), "the step with the lowest held-out loss", one_se)
    comparison = make_comparison("5 folds, held-out rows", kind, null, loss[:, -1], loss[:, one_se])
    return Run(
        version="0.1.0",
        command=("rightfit", "fit", "applicants.csv", "--target", schema.having("target")[0].name, "--seed", "7"),
        seed=7,
        source=Source(
            HOSTILE[1] + ".csv" if hostile else "applicants.csv",
            48_213,
            "9f2c" * 16,
            "CSV, comma, UTF-8",
            n,
            len(schema.columns),
        ),
        schema=schema,
        task=Task(
            "classes" if kind in ("classes", "several") else kind,
            _LOSS[kind],
            schema.having("target")[0].name,  # type: ignore[arg-type]
            "the target has few distinct values" if classes else "the target is a number",
            classes,
        ),
        features=features,
        penalty="lasso",
        settings={"l1_ratio": 1.0},
        trace=make_trace(
            strengths, coef / scale[:, None], intercept - (center / scale) @ coef, scale, center, training, complexity
        ),
        evidence=Evidence(
            strengths,
            loss.astype(np.float32),
            null,
            np.ones(n),
            np.arange(n),
            fold,
            complexity,
            MEASURE[kind],
            training,
            "5 folds",
            metrics,
        ),
        curve=curve,
        choice=choice,
        choices=(lowest, choice),
        candidates=make_candidates(mean[one_se], error[one_se], float(strengths[one_se]), complexity[one_se]),
        selection=share[one_se] / 5,
        comparison=comparison,
        holdout=make_comparison("holdout of 20 % set aside first", kind, null[::5], loss[::5, -1], loss[::5, one_se])
        if holdout
        else None,
        diagnostics=make_diagnostics(
            kind, y, eta[one_se], {word: float(metrics[word][one_se]), "loss": float(mean[one_se])}
        ),
        drift=make_drift(strengths, mean, rng) if drift else None,
        notes=(
            Note("info", "", "Rows were shuffled before they were dealt into folds."),
            Note("warning", schema.columns[0].name, f"{schema.columns[0].name} has 12 values far from the others."),
        ),
        verdict=(
            f"Regularization helps: the chosen model loses {mean[one_se]:.3f} on unseen rows, the weakest one "
            f"{mean[-1]:.3f}.",
            f"It keeps {int(complexity[one_se])} of {p} features; the constant model loses {null.mean():.3f}.",
            "The choice lies well inside the grid of strengths, so that a wider grid would not change it.",
        ),
        fitted=Fitted("linear", _LOSS[kind], {"coef": coef[one_se]}),
        seconds={"read": 0.1, "fit": 1.234},
    )


def bare(kind: str = "regression") -> Run:
    """A run with as much missing as can be: no metrics, no diagnostics, one candidate, no notes, NaN in the curve."""
    run = specimen(kind)
    none = np.zeros((0, 2))
    mean = run.curve.mean.copy()
    mean[-3:] = [np.nan, np.inf, np.nan]
    gap = run.trace.gap.copy()
    gap[-1] = np.nan
    status = run.trace.status.copy()
    status[-2:] = [1, 2]
    return replace(
        run,
        curve=replace(run.curve, mean=mean, metrics={}),
        trace=replace(run.trace, gap=gap, status=status),
        candidates=run.candidates[:1],
        diagnostics=Diagnostics(np.zeros(0), np.zeros(0), np.zeros((0, 5)), none, none, np.zeros((0, 0)), {}),
        notes=(),
        verdict=(),
        selection=np.zeros(0),
        choices=(run.choice,),
    )


def large(p: int = 50_000, steps: int = 300) -> Run:
    """As many columns and steps as a page must bear: long names, dense at the weak end."""
    run = specimen("classes")
    rng = np.random.default_rng(3)
    names = [f"a rather long name of a word or a gene that is number {j} in the file 🙂" for j in range(p)]
    active = np.linspace(0, 20_000, steps).astype(int)
    order = rng.permutation(p)
    indices = np.concatenate([np.sort(order[:k]) for k in active])
    indptr = np.concatenate([[0], np.cumsum(active)])
    values = rng.normal(size=len(indices))
    grow = np.linspace(0, 1, steps)
    trace = Trace(
        np.geomspace(1, 1e-4, steps),
        np.zeros((steps, 1)),
        indptr,
        indices,
        values,
        p,
        1,
        np.full(steps, 1e-8),
        np.zeros(steps, np.int8),
        active.astype(float),
        grow * 0.9,
        np.zeros(p),
        np.ones(p),
    )
    curve = Curve(
        trace.strengths,
        0.7 - grow + grow**2,
        np.full(steps, 0.01),
        (grow - 0.5) ** 2,
        np.full(steps, 0.004),
        0.7 - 0.6 * grow,
        trace.complexity,
        0.7,
        "log loss",
        1000,
        {"AUC": 0.5 + grow / 4},
    )
    choice = Choice(
        "best", steps // 2, float(trace.strengths[steps // 2]), "the step with the lowest held-out loss", -1
    )
    target = run.schema.having("target")[0]
    columns = tuple(
        Column(name, "number", "feature", "all values are numbers", "float", 0, 90, -1.0, 1.0, 0.0) for name in names
    )
    return replace(
        run,
        schema=Schema((*columns, target)),
        features=tuple(Feature(name, name, "value", j) for j, name in enumerate(names)),
        trace=trace,
        curve=curve,
        choice=choice,
        choices=(choice,),
        selection=rng.random(p),
        notes=tuple(
            Note("warning", name, f"{name} was seen once and never again, which is little to learn from.")
            for name in names
        ),
    )
