"""Levels are decided once, from all training rows (decision 10): what a fold then knows makes no evidence better."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.encode import encode, encode_target, list_features
from rightfit.data.resample import make_folds
from rightfit.data.schema import check_frame, infer_schema
from rightfit.data.table import from_frame
from rightfit.learners.linear import Linear
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples, Schema, Task

N, LEVELS, FOLDS = 400, 150, 10
LOSS = find("losses", "squared")()


def table(seed: int, effect: float) -> pl.DataFrame:
    """A number that matters and 150 levels, most of them in one to five rows, whose effects have this deviation."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, LEVELS + 1)
    code = rng.choice(LEVELS, N, p=share / share.sum())
    x = rng.normal(size=N)
    y = x + effect * rng.normal(size=LEVELS)[code] + rng.normal(size=N)
    return from_frame(pl.DataFrame({"x": x, "c": [f"l{k}" for k in code], "y": y})).frame


def learn(frame: pl.DataFrame) -> tuple[Schema, Task]:
    return infer_schema(frame, target="y", task="regression", kinds={"c": "category", "x": "number"})


def problem(frame: pl.DataFrame, schema: Schema, task: Task) -> Problem:
    checked, _ = check_frame(frame, schema, need_target=True)
    return Problem(encode(checked, schema), encode_target(checked, schema, task), LOSS, np.zeros(frame.height))


def lose(y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    return np.stack([LOSS.value(y, step[:, 0]) for step in eta], axis=1)


def held_out(frame: pl.DataFrame, learner: Linear, *, once: bool) -> np.ndarray:
    """(n, K) losses by ten folds, with one schema from all rows or with one from each fold's own rows."""
    folds = make_folds(N, folds=FOLDS, seed=1)
    out = np.full((N, len(learner.strengths)), np.nan)  # type: ignore[arg-type]
    schema, task = learn(frame)
    whole = problem(frame, schema, task)
    paths = learner.fit_paths(whole, folds) if once else []
    for k in range(1, FOLDS + 1):
        rows, train = np.flatnonzero(folds.scored[k]), np.flatnonzero(folds.multiplicity[k])
        if once:
            out[rows] = lose(whole.y[rows], paths[k].predict(whole.design.take(rows)))
            continue
        own = learn(frame[train])
        path = learner.fit_paths(problem(frame[train], *own), Resamples.full(np.ones(len(train))))[0]
        judged = problem(frame[rows], *own)
        out[rows] = lose(judged.y, path.predict(judged.design))
    return out


@pytest.mark.parametrize(
    ("l1_ratio", "strengths"), [(1.0, np.geomspace(0.5, 0.01, 8)), (0.0, np.geomspace(3, 0.03, 8))]
)
@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_knowing_which_levels_are_rare_makes_no_evidence_better(
    effect: float, l1_ratio: float, strengths: np.ndarray
) -> None:
    learner = Linear(penalty=ElasticNet(l1_ratio), strengths=strengths, tolerance=1e-8)
    gains, errors = [], []
    for seed in range(4):
        once, own = (held_out(table(seed, effect), learner, once=once) for once in (True, False))
        best = int(np.argmin(once.mean(axis=0)))
        gains.append(float((own - once)[:, best].mean()))
        errors.append(float(once[:, best].std() / np.sqrt(N)))
    assert np.mean(gains) < 0.1 * np.mean(errors)


def test_a_level_that_a_fold_has_not_seen_has_no_coefficient_there() -> None:
    frame = table(5, 1.0)
    schema, task = learn(frame)
    whole, folds = problem(frame, schema, task), make_folds(N, folds=FOLDS, seed=1)
    learner = Linear(penalty=ElasticNet(0.0), strengths=np.array([1.0, 0.01]))
    names = [feature.detail for feature in list_features(schema)]
    unseen = 0
    for k, path in enumerate(learner.fit_paths(whole, folds)[1:], start=1):
        there = set(frame["c"].to_numpy()[folds.multiplicity[k] > 0])
        for j, name in enumerate(names):
            if name.startswith("l") and name not in there:
                unseen += 1
                assert not path.trace().coef(1)[j].any()
    assert unseen > 3
