"""Priors and shapes: the penalized fit as a point where a contour touches a shape, and as the peak of a belief."""

from __future__ import annotations

from typing import Any

import numpy as np

import rightfit
from rightfit import ElasticNet, Lasso, Ridge
from rightfit.learn.results import (
    Axis,
    Control,
    Panel,
    Picture,
    Results,
    draw,
    line,
    make_results,
    points,
    rule,
    say,
    shape,
)

STRENGTHS = (1.6, 1.2, 0.9, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08, 0.03)
ALIKE = (0.0, 0.6)
KINDS = ("lasso", "ridge", "elastic net")
TARGET = np.array([1.8, 0.75])
ROWS, THROWS = 200, 400
TURN = np.linspace(0, 2 * np.pi, 49)
PRICES = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6)
COUNTS = (5, 20, 80)
SEEN, GRID = 0.6, np.linspace(-1.5, 2.5, 81)


def compute() -> Results:
    """All fits of the lesson."""
    found = {(s, k, a): _touch(s, k, a) for s in range(len(STRENGTHS)) for k in range(3) for a in range(2)}
    facts, claims = _tell(found)
    for more, others in (_throw(), _tell_belief(), _believe_patients()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw(found), _draw_belief()))


def make_rows(alike: float, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose two columns have exactly mean 0, variance 1 and this correlation, and whose least squares fit is
    the target."""
    generator = np.random.default_rng(2)
    raw = generator.standard_normal((ROWS, 3))
    exact = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(ROWS)
    X = np.column_stack([exact[:, 0], alike * exact[:, 0] + np.sqrt(1 - alike**2) * exact[:, 1]])
    return X, X @ target + exact[:, 2]


def fit(kind: str, strength: float, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two coefficients."""
    if kind == "ridge":
        return np.asarray(Ridge(alpha=len(y) * strength).fit(X, y).coef_)
    if kind == "lasso":
        return np.asarray(Lasso(alpha=strength).fit(X, y).coef_)
    return np.asarray(ElasticNet(alpha=strength, l1_ratio=0.5).fit(X, y).coef_)


def cost(kind: str, coef: np.ndarray) -> float:
    """What the shape holds constant: the bound t that would have made the same fit."""
    total, square = float(np.abs(coef).sum()), float((coef**2).sum())
    return total if kind == "lasso" else float(np.sqrt(square)) if kind == "ridge" else total / 2 + square / 4


def outline(kind: str, bound: float) -> tuple[np.ndarray, np.ndarray]:
    """All points that cost exactly the bound."""
    x, y = np.cos(TURN), np.sin(TURN)
    if kind == "ridge":
        return bound * x, bound * y
    a = np.abs(x) + np.abs(y)
    if kind == "lasso":
        return bound * x / a, bound * y / a
    # r a / 2 + r^2 / 4 = bound along every direction
    r = -a + np.sqrt(a**2 + 4 * bound)
    return r * x, r * y


def _touch(s: int, k: int, a: int) -> dict[str, Any]:
    X, y = make_rows(ALIKE[a], TARGET)
    coef = fit(KINDS[k], STRENGTHS[s], X, y)
    hessian = np.array([[1, ALIKE[a]], [ALIKE[a], 1]])
    away = coef - TARGET
    return {
        "coef": coef,
        "bound": cost(KINDS[k], coef),
        "height": float(away @ hessian @ away) / 2,
        "inside": _best_inside(KINDS[k], cost(KINDS[k], coef), hessian),
    }


def _best_inside(kind: str, bound: float, hessian: np.ndarray) -> float:
    """The smallest loss on a fine outline of the shape: the constrained problem, solved by looking everywhere."""
    turn = np.linspace(0, 2 * np.pi, 20_001)
    x, y = np.cos(turn), np.sin(turn)
    a = np.abs(x) + np.abs(y)
    r = bound / a if kind == "lasso" else bound if kind == "ridge" else -a + np.sqrt(a**2 + 4 * bound)
    away = np.column_stack([r * x, r * y]) - TARGET
    return float((np.einsum("ni,ij,nj->n", away, hessian, away) / 2).min())


def _ellipse(a: int, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the loss lies this much above its minimum."""
    root = np.linalg.inv(np.linalg.cholesky(np.array([[1, ALIKE[a]], [ALIKE[a], 1]]))).T
    around = TARGET[:, None] + np.sqrt(2 * height) * root @ np.array([np.cos(TURN), np.sin(TURN)])
    return around[0], around[1]


def _tell(found: dict[tuple[int, int, int], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    lands = next(k for k in range(len(STRENGTHS)) if found[k, 0, 0]["coef"][1] != 0) - 1
    lasso, ridge = found[lands, 0, 0], found[lands, 1, 0]
    facts = {
        "first": TARGET[0],
        "second": TARGET[1],
        "strength": STRENGTHS[lands],
        "lasso_first": lasso["coef"][0],
        "ridge_first": ridge["coef"][0],
        "ridge_second": ridge["coef"][1],
        "weak": STRENGTHS[-1],
        "strong": STRENGTHS[0],
        "bound_weak": found[len(STRENGTHS) - 1, 0, 0]["bound"],
        "bound_strong": found[0, 0, 0]["bound"],
    }
    claims = {
        "the lasso lands on the corner": lasso["coef"][1] == 0,
        "ridge never does": all(found[k, 1, a]["coef"].all() for k in range(len(STRENGTHS)) for a in range(2)),
        "a stronger penalty is a smaller shape": all(
            found[k, kind, a]["bound"] < found[k + 1, kind, a]["bound"]
            for k in range(len(STRENGTHS) - 1)
            for kind in range(3)
            for a in range(2)
        ),
        "no point of the shape loses less than the fit": all(
            one["inside"] > one["height"] - 1e-6 and one["inside"] < one["height"] + 1e-3 for one in found.values()
        ),
    }
    return facts, claims


def _draw(found: dict[tuple[int, int, int], dict[str, Any]]) -> Picture:
    controls = (
        Control("strength", "Strength of the penalty", tuple(f"{k:g}" for k in STRENGTHS), 3),
        Control("kind", "Penalty", KINDS, buttons=True),
        Control("alike", "Correlation of the columns", tuple(f"{k:g}" for k in ALIKE), buttons=True),
    )
    panels = (
        Panel("", Axis("coefficient of the first column", -1.2, 3.2), Axis("", -1.6, 2.8), height=420, square=True),
    )

    def touching(strength: int, kind: int, alike: int) -> list[Any]:
        one = found[strength, kind, alike]
        return [
            shape(*outline(KINDS[kind], one["bound"]), words="all coefficients that cost as much"),
            line(*reversed(_ellipse(alike, one["height"])), style="second", words="all that lose as much"),
            points([one["coef"][1]], [one["coef"][0]], style="total", words="the fit"),
        ]

    def ways(kind: int, alike: int) -> Any:
        way = np.array([found[k, kind, alike]["coef"] for k in range(len(STRENGTHS))])
        return line([0, *way[:, 1], TARGET[1]], [0, *way[:, 0], TARGET[0]], words="its way as the penalty weakens")

    def sentence(strength: int, kind: int, alike: int) -> str:
        one = found[strength, kind, alike]
        first, second = one["coef"]
        words = f"Strength {STRENGTHS[strength]:g} and the bound t = {one['bound']:.2f} are the same: "
        if abs(second) < 1e-9:
            return f"{words}the contour touches the corner, at {first:.2f} and exactly 0."
        return f"{words}they touch at {first:.2f} and {second:.2f}."

    drawn = (
        draw(0, controls, ("alike",), lambda alike: [
            *(line(*reversed(_ellipse(alike, height)), style="faint") for height in (0.05, 0.3, 0.8)),
            points([TARGET[1]], [TARGET[0]], style="second-ring", words="least squares")]),
        draw(0, controls, ("kind", "alike"), ways),
        draw(0, controls, ("strength", "kind", "alike"), touching),
    )  # fmt: skip
    title = "Where the contour of the loss touches the shape of the penalty"
    return Picture("shapes", title, controls, panels, drawn, say(controls, ("strength", "kind", "alike"), sentence))


def _throw() -> tuple[dict[str, Any], dict[str, Any]]:
    """Least squares fits in all directions: how often does a penalty set one coefficient to zero?"""
    zeros = dict.fromkeys(KINDS, 0)
    for turn in np.linspace(0, 2 * np.pi, THROWS, endpoint=False):
        X, y = make_rows(0.0, 2 * np.array([np.cos(turn), np.sin(turn)]))
        for kind in KINDS:
            zeros[kind] += int((fit(kind, 1.0, X, y) == 0).any())
    facts = {"throws": THROWS, "lasso_zeros": zeros["lasso"] / THROWS, "net_zeros": zeros["elastic net"] / THROWS}
    facts["ridge_zeros"] = zeros["ridge"]
    claims = {
        "the lasso often hits a corner, ridge never": zeros["ridge"] == 0 and zeros["lasso"] > 0.5 * THROWS,
        "the elastic net is in between": 0 < zeros["elastic net"] < zeros["lasso"],
    }
    return facts, claims


def believe(strength: float, laplace: bool, count: int) -> dict[str, Any]:
    """Prior, likelihood and posterior of one coefficient: a standardized column, noise of variance 1, ``count`` rows,
    least squares fit 0.6; and the penalized fit by rightfit."""
    scale = 1 / (count * strength)
    price = np.abs(GRID) / scale if laplace else GRID**2 / (2 * scale)
    distance = count * (GRID - SEEN) ** 2 / 2
    x = np.tile([1.0, -1.0], 10)  # a strength is on the scale of means: any number of rows gives the same fit
    penalized = (Lasso(alpha=strength) if laplace else Ridge(alpha=len(x) * strength)).fit(x[:, None], SEEN * x)
    posterior = _normalized(-price - distance)
    return {
        "prior": _normalized(-price),
        "likelihood": _normalized(-distance),
        "posterior": posterior,
        "width": np.sqrt(2) * scale if laplace else np.sqrt(scale),
        "mode": float(penalized.coef_[0]),
        "mean": _mean(-price - distance),
    }


def _normalized(log: np.ndarray) -> np.ndarray:
    density = np.exp(log - log.max())
    return np.asarray(density / density.sum() / (GRID[1] - GRID[0]))


def _mean(log: np.ndarray) -> float:
    density = np.exp(log - log.max())
    return float(density @ GRID / density.sum())


def _tell_belief() -> tuple[dict[str, Any], dict[str, Any]]:
    strength, count = 0.8, 20
    laplace, gauss = believe(strength, True, count), believe(strength, False, count)
    few, many = believe(0.1, False, COUNTS[0]), believe(0.1, False, COUNTS[-1])
    facts = {
        "seen": SEEN,
        "belief_strength": strength,
        "belief_rows": count,
        "gauss_width": gauss["width"],
        "gauss_mode": gauss["mode"],
        "laplace_mode": laplace["mode"],
        "laplace_mean": laplace["mean"],
        "few_rows": COUNTS[0],
        "many_rows": COUNTS[-1],
        "few_width": few["width"],
        "many_width": many["width"],
    }
    peaks = []
    for price in PRICES:
        for kind in (True, False):
            for rows in COUNTS:
                one = believe(price, kind, rows)
                peaks.append(abs(GRID[int(np.argmax(one["posterior"]))] - one["mode"]) < 0.03)
    claims = {
        "the penalized fit is the peak of the posterior": all(peaks),
        "the mode is zero and the mean is not": laplace["mode"] == 0 and laplace["mean"] > 0.01,
    }
    return facts, claims


def _draw_belief() -> Picture:
    controls = (
        Control("strength", "Strength of the penalty", tuple(f"{k:g}" for k in PRICES), 3),
        Control("kind", "Penalty and prior", ("ridge: Gaussian", "lasso: Laplace"), buttons=True),
        Control("rows", "Rows", tuple(str(k) for k in COUNTS), 1, buttons=True),
    )
    panels = (Panel("How probable is a coefficient?", Axis("coefficient", -1.5, 2.5), Axis("", 0, 4), tuple(GRID)),)

    def curves(strength: int, kind: int, rows: int) -> list[Any]:
        one = believe(PRICES[strength], kind == 1, COUNTS[rows])
        return [
            line(one["prior"], style="second", words="before: the prior"),
            line(one["posterior"], style="total", words="after: the posterior"),
            rule(one["mode"], words="the penalized fit"),
        ]

    def sentence(strength: int, kind: int, rows: int) -> str:
        one = believe(PRICES[strength], kind == 1, COUNTS[rows])
        name = "Laplace" if kind else "Gaussian"
        return (
            f"A {name} prior with standard deviation {one['width']:.2f}. The posterior has its peak at "
            f"{one['mode']:.2f} and its mean at {one['mean']:.2f}."
        )

    drawn = (
        draw(0, controls, ("rows",), lambda rows: line(
            believe(PRICES[0], False, COUNTS[rows])["likelihood"], words="what the rows say alone")),
        draw(0, controls, ("strength", "kind", "rows"), curves),
    )  # fmt: skip
    title = "One coefficient: a belief, the rows, and what is believed afterwards"
    return Picture("belief", title, controls, panels, drawn, say(controls, ("strength", "kind", "rows"), sentence))


def _believe_patients() -> tuple[dict[str, Any], dict[str, Any]]:
    """The diabetes patients: what a strength stands for, and what is known afterwards."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    table = {name: data.data[:, j] for j, name in enumerate(data.feature_names)} | {"score": data.target}
    seen = {}
    for ratio in (0.0, 1.0):
        options = {"learners": ("linear",), "l1_ratio": (ratio,), "strengths": 40, "folds": 5}
        saved = rightfit.fit(table, "score", **options).bayes(table)
        seen[ratio] = saved.run.views.bayes, saved.run
    (ridge, _), (lasso, run) = seen[0.0], seen[1.0]
    mode = run.trace.coef(run.choice.step)[:, 0]
    bmi, age = data.feature_names.index("bmi"), data.feature_names.index("age")
    unit = data.data.std(axis=0)
    facts = {
        "everybody": len(data.target),
        "told_level": ridge.posterior.level,
        "ridge_strength": f"{run_strength(ridge):.2g}",
        "prior_width": ridge.prior.deviation[bmi] * unit[bmi],
        "bmi_low": ridge.posterior.lower[bmi] * unit[bmi],
        "bmi_high": ridge.posterior.upper[bmi] * unit[bmi],
        "bmi_mean": ridge.posterior.mean[bmi] * unit[bmi],
        "age_low": ridge.posterior.lower[age] * unit[age],
        "age_high": ridge.posterior.upper[age] * unit[age],
        "probable": f"{ridge.marginal.strength:.2g}",
        "zeros": int((mode == 0).sum()),
        "columns": len(mode),
        "mean_zeros": int((lasso.posterior.mean == 0).sum()),
    }
    claims = {
        "some modes are zero, no mean is": facts["zeros"] > 0 and facts["mean_zeros"] == 0,
        "bmi is above zero, age may be either": facts["bmi_low"] > 0 and facts["age_low"] < 0 < facts["age_high"],
    }
    return facts, claims


def run_strength(view: Any) -> float:
    """The strength that the rule took."""
    return float(view.strengths[view.step])
