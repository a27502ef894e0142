"""Ridge: two columns that say nearly the same, the penalty as a step and in closed form, one row left out for free."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import Ridge
from rightfit.learn.results import (
    Axis,
    Control,
    Layer,
    Panel,
    Picture,
    Results,
    draw,
    level,
    line,
    make_results,
    points,
    rule,
    say,
)

CORRELATIONS = (0.0, 0.9, 0.99, 0.999)
STRENGTHS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0)
PEOPLE, SAMPLES = 40, 60
RATES, DECAYS, STEPS = (0.05, 0.2), (0.0, 0.1, 0.5), 60
SHOWN = ("bmi", "s1", "s2", "s5")
STYLES = ("total", "loss", "second", "training")
PATH = np.array([*np.geomspace(3, 1e-4, 37), 0.0])


def compute() -> Results:
    """All fits of the lesson."""
    clouds = _weigh()
    X, y, names = read_patients()
    walks = {(r, d): _walk(X, y, rate, decay) for r, rate in enumerate(RATES) for d, decay in enumerate(DECAYS)}
    paths = _resample(X, y)
    facts, claims = _tell_clouds(clouds)
    for more, others in (_tell_steps(X, y, walks), _tell_path(paths, names), _tell_left_out(X, y)):
        facts, claims = facts | more, claims | others
    return make_results(
        facts, claims, (_draw_clouds(clouds), _draw_steps(X, y, walks, names), _draw_path(paths, names))
    )


def read_patients() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The 442 diabetes patients: standardized columns, the centred score, names of the columns."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return data.data / data.data.std(axis=0), data.target - data.target.mean(), list(data.feature_names)


def _weigh() -> dict[tuple[int, int], np.ndarray]:
    """(correlation, strength): coefficients (samples, 2) of both scales, each from other people."""
    found = {}
    for c, correlation in enumerate(CORRELATIONS):
        generator = np.random.default_rng([c, 1])
        mix = np.linalg.cholesky([[1, correlation], [correlation, 1]])
        for k in range(len(STRENGTHS)):
            found[c, k] = np.empty((SAMPLES, 2))
        for sample in range(SAMPLES):
            X = generator.standard_normal((PEOPLE, 2)) @ mix.T
            y = X.sum(axis=1) + generator.standard_normal(PEOPLE)
            for k, strength in enumerate(STRENGTHS):
                found[c, k][sample] = Ridge(alpha=PEOPLE * strength).fit(X, y).coef_
    return found


def _tell_clouds(clouds: dict[tuple[int, int], np.ndarray]) -> tuple[dict[str, Any], dict[str, bool]]:
    worst, last = clouds[len(CORRELATIONS) - 1, 0], len(CORRELATIONS) - 1
    first, tamed = worst[np.argmax(worst[:, 0])], clouds[last, STRENGTHS.index(0.01)]
    narrow = {k: clouds[last, k].std(axis=0, ddof=1)[0] for k in range(len(STRENGTHS))}
    rho = CORRELATIONS[-1]
    facts = {
        "people": PEOPLE,
        "most_alike": rho,
        "wild_a": first[0],
        "wild_b": first[1],
        "wild_sum": first.sum(),
        "spread_free": narrow[0],
        "spread_tamed": narrow[STRENGTHS.index(0.01)],
        "tamed_strength": 0.01,
        "sum_spread_free": worst.sum(axis=1).std(ddof=1),
        "sum_tamed": tamed.sum(axis=1).mean(),
        "variance_sum": 1 + rho,
        "variance_difference": 1 - rho,
        "kept_sum": (1 + rho) / (1 + rho + 0.01),
        "kept_difference": (1 - rho) / (1 - rho + 0.01),
    }
    apart = (tamed[:, 0] - tamed[:, 1]).std() / (worst[:, 0] - worst[:, 1]).std()
    claims = {
        "the sum of both coefficients is known well without a penalty": worst.sum(axis=1).std() < 0.4,
        "a strength of a hundredth narrows the coefficients more than fivefold": narrow[STRENGTHS.index(0.01)]
        < narrow[0] / 5,
        "differences are shrunk by about the factor of the formula": abs(apart / facts["kept_difference"] - 1) < 0.25,
        "without correlation that strength changes next to nothing": abs(
            clouds[0, STRENGTHS.index(0.01)] - clouds[0, 0]
        ).max()
        < 0.05,
    }
    return facts, claims


def _draw_clouds(clouds: dict[tuple[int, int], np.ndarray]) -> Picture:
    controls = (
        Control("correlation", "Correlation of the two scales", tuple(map(str, CORRELATIONS)), 3, buttons=True),
        Control("strength", "Strength of the penalty", tuple(f"{k:g}" for k in STRENGTHS)),
    )
    panels = (
        Panel("Coefficients of both scales", Axis("scale A", -12, 14), Axis("scale B", -12, 14), square=True),
        Panel(
            "Standard deviation over samples",
            Axis("strength of the penalty", kind="strength", values=tuple(STRENGTHS)),
            Axis("", 0.05, 10, "log"),
            tuple(STRENGTHS),
        ),
    )

    def spreads(correlation: int) -> list[Layer]:
        each = [clouds[correlation, k] for k in range(len(STRENGTHS))]
        return [
            line([b.std(axis=0, ddof=1)[0] for b in each], words="of scale A's coefficient"),
            line([b.sum(axis=1).std(ddof=1) for b in each], style="second", words="of the sum of both"),
        ]

    def sentence(correlation: int, strength: int) -> str:
        b = clouds[correlation, strength]
        wide, total = b.std(axis=0, ddof=1)[0], b.sum(axis=1)
        return (
            f"Scale A gets {b[:, 0].min():.1f} to {b[:, 0].max():.1f} (standard deviation {wide:.2f}); the sum of both "
            f"is {total.mean():.2f} on average, give or take {total.std(ddof=1):.2f}. The truth is 1 and 1."
        )

    drawn = (
        draw(0, controls, (), lambda: line([-12, 14], [14, -12], style="truth", words="all pairs that add up to 2")),
        draw(0, controls, ("correlation", "strength"), lambda correlation, strength: points(
            clouds[correlation, strength][:, 1], clouds[correlation, strength][:, 0],
            words=f"fits of {SAMPLES} samples")),
        draw(0, controls, (), lambda: points([1], [1], style="second", words="the truth")),
        draw(1, controls, ("correlation",), spreads),
        draw(1, controls, ("strength",), lambda strength: rule(STRENGTHS[strength])),
    )  # fmt: skip
    title = "Two scales, sixty samples of people: raise the strength by one notch"
    return Picture("scales", title, controls, panels, drawn, say(controls, ("correlation", "strength"), sentence))


def _walk(X: np.ndarray, y: np.ndarray, rate: float, decay: float) -> np.ndarray:
    """(steps + 1, p): gradient descent from zero on half the mean squared error with decay / 2 * sum(b^2)."""
    b = np.zeros(X.shape[1])
    way = [b]
    for _ in range(STEPS):
        b = (1 - rate * decay) * b + rate * X.T @ (y - X @ b) / len(y)
        way.append(b)
    return np.array(way)


def _tell_steps(
    X: np.ndarray, y: np.ndarray, walks: dict[tuple[int, int], np.ndarray]
) -> tuple[dict[str, Any], dict[str, bool]]:
    n, p = X.shape
    decay, rate = DECAYS[2], RATES[1]
    closed = np.linalg.solve(X.T @ X / n + decay * np.eye(p), X.T @ y / n)
    fit = Ridge(alpha=n * decay).fit(X, y).coef_
    facts = {
        "rate": rate,
        "decay": decay,
        "factor": 1 - rate * decay,
        "factor_three": (1 - rate * decay) ** 3,
        "lost_three": 3 * rate * decay,
        "steps": STEPS,
        "apart": float(np.abs(walks[1, 2][-1] - fit).max()),
        "half_factor": 1 - 2 * 0.1 * 0.25,
        "half_rate": 0.1,
        "half_strength": 0.25,
        "half_wrong": 1 - 0.1 * 0.25,
        "alone": 4,
        "alone_strength": 1,
        "alone_kept": 4 / (1 + 1),
        "alone_difference": 4 - 1,
    }
    claims = {
        "the closed form is what rightfit fits": np.allclose(closed, fit, rtol=1e-8),
        "steps that shrink by the factor end at the closed form": facts["apart"] < 0.01 * float(np.abs(fit).max()),
    }
    return facts, claims


def _draw_steps(X: np.ndarray, y: np.ndarray, walks: dict[tuple[int, int], np.ndarray], names: list[str]) -> Picture:
    controls = (
        Control("rate", "Step length r", tuple(map(str, RATES)), 1, buttons=True),
        Control("strength", "Strength λ", tuple(f"{k:g}" for k in DECAYS), 2, buttons=True),
    )
    ends = [Ridge(alpha=len(y) * decay).fit(X, y).coef_ for decay in DECAYS]
    grid = tuple(range(STEPS + 1))
    panel = Panel("Coefficients while the steps go on", Axis("step", 0, STEPS), Axis("", -20, 32), grid, height=320)
    which = [names.index(name) for name in SHOWN]

    def sentence(rate: int, strength: int) -> str:
        away = np.abs(walks[rate, strength][-1] - ends[strength]).max()
        return (
            f"Each step first multiplies every coefficient by 1 − rλ = {1 - RATES[rate] * DECAYS[strength]:.3g}. After "
            f"{STEPS} steps none is farther than {away:.2g} from the closed form (dotted)."
        )

    drawn = (
        draw(0, controls, ("rate", "strength"), lambda rate, strength: [
            line(walks[rate, strength][:, j], style=style, words=names[j])
            for j, style in zip(which, STYLES, strict=True)]),
        draw(0, controls, ("strength",), lambda strength: [level(ends[strength][j]) for j in which]),
    )  # fmt: skip
    title = "The same fit by steps: shrink a little, pull a little"
    return Picture("steps", title, controls, (panel,), drawn, say(controls, ("rate", "strength"), sentence))


def _resample(X: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Ridge paths (strengths, p) of all patients, and of five samples of 60 of them."""
    found = []
    for sample in range(6):
        rows = np.random.default_rng([sample, 8]).permutation(len(y))[: 60 if sample else len(y)]
        fits = [Ridge(alpha=len(rows) * strength).fit(X[rows], y[rows]).coef_ for strength in PATH]
        found.append(np.array(fits))
    return found


def _tell_path(paths: list[np.ndarray], names: list[str]) -> tuple[dict[str, Any], dict[str, bool]]:
    s1, s2 = names.index("s1"), names.index("s2")
    few, step = paths[1:], int(np.argmin(np.abs(PATH - 0.1)))
    facts = {
        "s1_free": paths[0][-1, s1],
        "s2_free": paths[0][-1, s2],
        "path_strength": f"{PATH[step]:.2g}",
        "s1_lowest": min(path[-1, s1] for path in few),
        "s1_highest": max(path[-1, s1] for path in few),
        "s1_lowest_tamed": min(path[step, s1] for path in few),
        "s1_highest_tamed": max(path[step, s1] for path in few),
        "subset": 60,
        "everybody": 442,
    }
    tamed, free = (facts["s1_highest_tamed"] - facts["s1_lowest_tamed"], facts["s1_highest"] - facts["s1_lowest"])
    claims = {
        "no coefficient of ridge is exactly zero": all((path != 0).all() for path in paths),
        "the two cholesterols have opposite signs without a penalty": facts["s1_free"] < 0 < facts["s2_free"],
        "samples agree better under the penalty": tamed < free / 4,
    }
    return facts, claims


def _draw_path(paths: list[np.ndarray], names: list[str]) -> Picture:
    stops = ("all 442", *(f"60, drawn anew: {k}" for k in range(1, len(paths))))
    controls = (
        Control("sample", "Patients", stops),
        Control("strength", "Strength", tuple(f"{k:.2g}" for k in PATH), 18),
    )
    axis = Axis("strength of the penalty", kind="strength", values=tuple(PATH))
    panel = Panel("Coefficient per standard deviation", axis, Axis("", -70, 80), tuple(PATH), height=320)
    which = [names.index(name) for name in SHOWN]
    rest = [j for j in range(len(names)) if j not in which]

    def sentence(sample: int, strength: int) -> str:
        b = paths[sample][strength]
        told = ", ".join(f"{name} {b[names.index(name)]:.1f}".replace("-", "−") for name in SHOWN)
        return f"At strength {PATH[strength]:.2g}: {told}. None of the ten is exactly zero."

    drawn = (
        draw(0, controls, ("sample",), lambda sample: [
            *(line(paths[sample][:, j], style="thin") for j in rest),
            *(line(paths[sample][:, j], style=style, words=names[j])
              for j, style in zip(which, STYLES, strict=True))]),
        draw(0, controls, ("strength",), lambda strength: rule(PATH[strength])),
    )  # fmt: skip
    title = "Ten columns of diabetes patients: s1 and s2 are two cholesterols"
    return Picture("path", title, controls, (panel,), drawn, say(controls, ("sample", "strength"), sentence))


def _tell_left_out(X: np.ndarray, y: np.ndarray) -> tuple[dict[str, Any], dict[str, bool]]:
    """Leave-one-out of 60 patients by 60 fits, and from the one fit of all of them."""
    X, y, strength = X[:60], y[:60], 0.1
    n = len(y)
    middle = X - X.mean(axis=0)
    hat = middle @ np.linalg.solve(middle.T @ middle / n + strength * np.eye(X.shape[1]), middle.T) / n + 1 / n
    full = Ridge(alpha=n * strength).fit(X, y)
    once = (y - full.predict(X)) / (1 - np.diag(hat))
    ridge = Ridge(alpha=n * strength)  # the same price in all, also for one row less
    each = [y[i] - ridge.fit(np.delete(X, i, 0), np.delete(y, i)).predict(X[i : i + 1])[0] for i in range(n)]
    facts = {
        "left_out": float(np.sqrt(np.mean(np.square(each)))),
        "left_out_own": float(np.sqrt(np.mean((y - full.predict(X)) ** 2))),
        "left_rows": n,
        "freedom": float(np.trace(hat)),
        "free_numbers": X.shape[1] + 1,
        "left_strength": strength,
    }
    return facts, {"one fit gives all leave-one-out errors": np.allclose(once, each, rtol=1e-6)}
