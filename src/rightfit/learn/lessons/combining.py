"""Combining and automating: which model when, parts alone and together, and a run that tries families."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

import rightfit
from rightfit import (
    BoostingRegressor,
    LassoCV,
    NetworkClassifier,
    PenalizedRegressor,
    PrunedTreeRegressor,
    Ridge,
    RidgeCV,
    ShrunkForestRegressor,
)
from rightfit.contracts import Rule
from rightfit.learn.results import (
    Axis,
    Control,
    Layer,
    Panel,
    Picture,
    Results,
    bars,
    draw,
    level,
    make_results,
    say,
)
from rightfit.records import Choice, Evidence
from rightfit.report.numbers import plain

COLUMNS, ROWS, SITUATIONS = 20, (60, 300), ("few", "all", "wild", "steps", "smooth")
WORDS = (
    "three of twenty columns matter",
    "all matter a little",
    "wild outliers",
    "steps and thresholds",
    "smooth curves",
)
MODELS = ("least squares", "ridge", "lasso", "Huber lasso", "one tree", "forest", "boosting")
PARTS = ("weight decay", "dropout", "mixup", "early stop")
TAUGHT, WRONG = 60, 0.1


def compute() -> Results:
    """All fits of the lesson."""
    contest, combined = _compete(), _combine()
    facts, claims = _tell_contest(contest)
    for more, others in (_tell_parts(combined), _tell_run()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_contest(contest), _draw_parts(combined)))


def truth(situation: str, X: np.ndarray) -> np.ndarray:
    """(n,) mean of the target."""
    if situation in ("few", "wild"):
        return np.asarray(2 * X[:, 0] - 1.5 * X[:, 1] + X[:, 2])
    if situation == "all":
        return np.asarray(X @ np.where(np.arange(COLUMNS) % 2, 0.2, -0.2))
    if situation == "steps":
        steps = 2 * (X[:, 0] > 0) * (X[:, 1] > 0) + 1.5 * (X[:, 2] > 0.5) - 1.5 * (X[:, 3] < -0.5)
        return np.asarray(steps)
    return np.asarray(2 * np.sin(1.5 * X[:, 0]) + 1.2 * X[:, 1] * X[:, 2])


def _compete() -> np.ndarray:
    """(situations, rows, models): typical distance of the predictions from the mean of the target on new rows."""
    found = np.empty((len(SITUATIONS), len(ROWS), len(MODELS)))
    models = (
        Ridge(alpha=0.0),
        RidgeCV(alphas=np.geomspace(0.1, 1000, 30)),
        LassoCV(cv=5),
        PenalizedRegressor(loss="huber", rule="best", folds=5, count=30),
        PrunedTreeRegressor(folds=5),
        ShrunkForestRegressor(folds=5, n_estimators=40),
        BoostingRegressor(folds=4, max_depth=3, learning_rate=0.15, rule="best", most=100),
    )
    for s, situation in enumerate(SITUATIONS):
        for r, rows in enumerate(ROWS):
            generator = np.random.default_rng([s, r])
            X, fresh = generator.standard_normal((rows, COLUMNS)), generator.standard_normal((2000, COLUMNS))
            wild = situation == "wild"
            noise = generator.standard_t(1.2, rows) if wild else generator.standard_normal(rows)
            y = truth(situation, X) + noise
            for m, model in enumerate(models):
                away = model.fit(X, y).predict(fresh) - truth(situation, fresh)
                found[s, r, m] = np.sqrt(np.mean(away**2))
    return found


def _tell_contest(found: np.ndarray) -> tuple[dict[str, Any], dict[str, bool]]:
    place, names = {name: s for s, name in enumerate(SITUATIONS)}, list(MODELS)

    def off(situation: str, model: str, rows: int = 0) -> float:
        return float(found[place[situation], rows, names.index(model)])

    best = {(s, r): names[int(np.argmin(found[place[s], r]))] for s in SITUATIONS for r in range(len(ROWS))}
    facts: dict[str, Any] = {
        "few_lasso": off("few", "lasso"),
        "few_ridge": off("few", "ridge"),
        "few_free": off("few", "least squares"),
        "few_forest": off("few", "forest", 1),
        "all_ridge": off("all", "ridge"),
        "all_lasso": off("all", "lasso"),
        "wild_huber": off("wild", "Huber lasso"),
        "wild_lasso": off("wild", "lasso"),
        "wild_free": off("wild", "least squares"),
        "steps_trees": min(off("steps", model, 1) for model in ("one tree", "forest", "boosting")),
        "steps_best": best["steps", 1],
        "steps_lasso": off("steps", "lasso", 1),
        "smooth_best": best["smooth", 1],
        "smooth_least": off("smooth", best["smooth", 1], 1),
        "smooth_lasso": off("smooth", "lasso", 1),
        "winners": len(set(best.values())),
        "free_wins": sum(name == "least squares" for name in best.values()),
        "contests": len(best),
        "few_rows": ROWS[0],
        "many_rows": ROWS[1],
    }
    claims = {
        "the lasso wins where few columns matter": best["few", 0] in ("lasso", "Huber lasso"),
        "ridge is better than the lasso where all matter": facts["all_ridge"] < facts["all_lasso"],
        "a robust loss wins among outliers": best["wild", 0] == best["wild", 1] == "Huber lasso",
        "trees win on steps with many rows": best["steps", 1] in ("one tree", "forest", "boosting"),
        "linear models lose on curves with many rows": facts["smooth_lasso"] > 1.1 * facts["smooth_least"],
        "no model wins everywhere": facts["winners"] > 2,
    }
    return facts, claims


def _draw_contest(found: np.ndarray) -> Picture:
    controls = (
        Control("situation", "What the truth is like", WORDS),
        Control("rows", "Rows", tuple(map(str, ROWS)), buttons=True),
    )
    names = Axis("", kind="names", names=MODELS)
    panel = Panel("Typical distance from the truth on new rows", Axis("", 0, 3), names, height=300)

    def layers(situation: int, rows: int) -> list[Layer]:
        off = found[situation, rows]
        least = np.arange(len(MODELS)) == np.argmin(off)
        return [
            bars(np.where(least, np.nan, off), style="training"),
            bars(np.where(least, off, np.nan), words="the least"),
        ]

    def sentence(situation: int, rows: int) -> str:
        off = found[situation, rows]
        order = np.argsort(off)
        return (
            f"{WORDS[situation].capitalize()}, {ROWS[rows]} rows: {MODELS[order[0]]} is nearest, {off[order[0]]:.2f} "
            f"from the truth; then {MODELS[order[1]]}, {off[order[1]]:.2f}. "
            f"Farthest is {MODELS[order[-1]]}, {off[order[-1]]:.2f}."
        )

    by = ("situation", "rows")
    title = "Seven models, five kinds of truth: bet before you look"
    return Picture("contest", title, controls, (panel,), (draw(0, controls, by, layers),), say(controls, by, sentence))


@final
@dataclass(frozen=True)
class Weakest(Rule):
    """Takes the net, whether or not the constant model would lose less."""

    name: ClassVar[str] = "weakest"

    def choose(self, evidence: Evidence) -> Choice:
        """The last step."""
        step = len(evidence.strengths) - 1
        return Choice("weakest", step, float(evidence.strengths[step]), "The net is wanted whatever it loses.", -1)

    @classmethod
    def specimens(cls) -> Iterator[Rule]:
        """The only one."""
        yield cls()


def _combine() -> dict[tuple[int, ...], tuple[float, float]]:
    """For every subset of the parts: log loss and share of right answers of a net on new patients. One label of ten is
    wrong, in the rows that teach and in those that judge."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    generator = np.random.default_rng(3)
    y = np.where(generator.random(len(y)) < WRONG, 1 - y, y)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    order = generator.permutation(len(y))
    own, others = order[:TAUGHT], order[TAUGHT:]
    found = {}
    for parts in itertools.product((0, 1), repeat=len(PARTS)):
        decay, dropout, mixup, stop = parts
        net = NetworkClassifier(
            hidden=(32, 32), strengths=[3.0 * decay], dropout=0.5 * dropout, mixup=0.4 * mixup,
            epochs=12 if stop else 80, batch=32, seeds=3, folds=2, rule=Weakest(),
        )  # fmt: skip
        share = np.clip(net.fit(X[own], y[own]).predict_proba(X[others])[:, 1], 1e-9, 1 - 1e-9)
        told = np.where(y[others] == 1, share, 1 - share)
        found[parts] = float(-np.log(told).mean()), float((told > 0.5).mean())
    return found


def _tell_parts(found: dict[tuple[int, ...], tuple[float, float]]) -> tuple[dict[str, Any], dict[str, bool]]:
    none, every = (0,) * len(PARTS), (1,) * len(PARTS)
    alone = {name: found[tuple(int(k == j) for k in range(len(PARTS)))][0] for j, name in enumerate(PARTS)}
    without = {name: found[tuple(int(k != j) for k in range(len(PARTS)))][0] for j, name in enumerate(PARTS)}
    best = min(found, key=lambda parts: found[parts][0])
    gains = sum(found[none][0] - loss for loss in alone.values())
    lost, coin = found[none][0] - found[every][0], float(np.log(2))
    facts: dict[str, Any] = {
        "taught": TAUGHT,
        "part_none": found[none][0],
        "part_all": found[every][0],
        "part_best": found[best][0],
        "part_best_names": " and ".join(name for name, used in zip(PARTS, best, strict=True) if used),
        "coin": coin,
        "gains": gains,
        "gain_all": lost,
        "parts": [{"name": name, "alone": alone[name], "without": without[name]} for name in PARTS],
        "subsets": len(found),
    }
    claims = {
        "without any part the net is worse than a coin": found[none][0] > coin,
        "all parts together are better than none": found[every][0] < found[none][0],
        "gains do not add up": gains > 1.3 * lost,
        "the best is not simply everything": best != every,
    }
    return facts, claims


def _draw_parts(found: dict[tuple[int, ...], tuple[float, float]]) -> Picture:
    controls = tuple(
        Control(name, words, ("off", "on"), buttons=True)
        for name, words in zip(("decay", "dropout", "mixup", "stop"), PARTS, strict=True)
    )
    by = tuple(control.name for control in controls)
    names = Axis("", kind="names", names=("no part", "these parts", "all parts"))
    panel = Panel("Log loss on new patients", names, Axis("", 0, 2))
    none, every = (0,) * len(PARTS), (1,) * len(PARTS)

    def layers(**stops: int) -> list[Layer]:
        here = found[tuple(stops[name] for name in by)][0]
        coin = level(float(np.log(2)), words="a coin")
        return [bars([found[none][0], np.nan, found[every][0]], style="training"), bars([np.nan, here, np.nan]), coin]

    def sentence(**stops: int) -> str:
        parts = tuple(stops[name] for name in by)
        loss, right = found[parts]
        used = [name for name, on in zip(PARTS, parts, strict=True) if on]
        return (
            f"{' + '.join(used).capitalize() or 'No regularization'}: log loss {loss:.2f}, {100 * right:.0f} % right "
            f"({100 * (1 - WRONG):.0f} % is the most that anybody can have: one label of ten is wrong)."
        )

    title = "A net and sixty patients: switch parts on and off"
    return Picture("parts", title, controls, (panel,), (draw(0, controls, by, layers),), say(controls, by, sentence))


def _tell_run() -> tuple[dict[str, Any], dict[str, bool]]:
    """A run that walks families and says what it found."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    rows = 150
    frame = {name: data.data[:rows, j] for j, name in enumerate(data.feature_names)} | {"score": data.target[:rows]}
    run = rightfit.fit(frame, target="score", learners=("linear", "tree"), folds=5).run
    compared = next(sentence for sentence in run.verdict if "families" in sentence)
    facts = {"run_rows": rows, "compared": plain(compared), "helped": plain(run.verdict[1])}
    return facts, {"a linear model is chosen for few patients": run.trace is not None}
