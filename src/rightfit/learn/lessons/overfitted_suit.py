"""The overfitted suit: a curve of 15 numbers through few noisy rows, from no penalty to a crushing one."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import Ridge
from rightfit.learn.results import (
    Axis,
    Control,
    Panel,
    Picture,
    Results,
    band,
    draw,
    line,
    make_results,
    points,
    rule,
    say,
)

STRENGTHS = np.array([*np.geomspace(10, 1e-5, 19), 0.0])
ROWS = (16, 30, 100)
NOISE = (1.0, 3.0, 6.0)
GRID = np.linspace(0, 1, 61)
DEGREE = 14
MORNINGS = 40
PATIENTS = (80, 120, 300)
STRONG = np.array([*np.geomspace(30, 1e-4, 17), 0.0])
SPLITS = 10


def girth(place: np.ndarray) -> np.ndarray:
    """The true girth in cm at a place from shoulder (0) to knee (1), beyond the average."""
    return np.asarray(6 * np.sin(2 * np.pi * place) + 4 * np.cos(3 * np.pi * place))


def wiggles(place: np.ndarray) -> np.ndarray:
    """(n, 14) columns: Legendre polynomials, each with one more wiggle than the one before."""
    return np.polynomial.legendre.legvander(2 * place - 1, DEGREE)[:, 1:]


def compute() -> Results:
    """All fits of the lesson."""
    suits, few = _fit_suits(), _fit_patients()
    facts, claims = _tell_suits(suits)
    more, others = _tell_patients(few)
    return make_results(facts | more, claims | others, (_draw_suits(suits), _draw_patients(few)))


def _fit_suits() -> dict[tuple[int, int], dict[str, Any]]:
    """For every noise and number of rows: 40 mornings, the suits of the first, and typical errors over all of them."""
    generator = np.random.default_rng(3)
    fresh = generator.random(1000)
    again = generator.standard_normal((1000, MORNINGS))
    found = {}
    for r, count in enumerate(ROWS):
        place, error = (np.arange(count) + 0.5) / count, generator.standard_normal((count, MORNINGS))
        for s, noise in enumerate(NOISE):
            measured, later = girth(place)[:, None] + noise * error, girth(fresh)[:, None] + noise * again
            fits = [Ridge(alpha=count * strength).fit(wiggles(place), measured) for strength in STRENGTHS]
            found[s, r] = {
                "place": place,
                "measured": measured[:, 0],
                "curves": [fit.predict(wiggles(GRID))[:, 0] for fit in fits],
                "own": np.array([typical(fit.predict(wiggles(place)) - measured) for fit in fits]),
                "new": np.array([typical(fit.predict(wiggles(fresh)) - later) for fit in fits]),
                "size": np.array([np.abs(fit.coef_[0]).max() for fit in fits]),
            }
    return found


def _tell_suits(suits: dict[tuple[int, int], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, bool]]:
    first, best = suits[1, 0], {key: int(np.argmin(suit["new"])) for key, suit in suits.items()}
    chosen = best[1, 0]
    facts = {
        "numbers": DEGREE + 1,
        "few": ROWS[0],
        "many": ROWS[-1],
        "noise": NOISE[1],
        "own_free": first["own"][-1],
        "new_free": first["new"][-1],
        "own_strong": first["own"][0],
        "new_strong": first["new"][0],
        "strong": STRENGTHS[0],
        "best": f"{STRENGTHS[chosen]:.2g}",
        "own_best": first["own"][chosen],
        "new_best": first["new"][chosen],
        "size_free": first["size"][-1],
        "size_best": first["size"][chosen],
        "many_free": suits[1, 2]["new"][-1],
        "many_best": suits[1, 2]["new"].min(),
        "best_quiet": f"{STRENGTHS[best[0, 0]]:.2g}",
        "best_loud": f"{STRENGTHS[best[2, 0]]:.2g}",
        "best_many": f"{STRENGTHS[best[1, 2]]:.2g}",
    }
    claims = {
        "the error on own rows falls with every weaker strength": all(
            (np.diff(suit["own"]) < 1e-9).all() for suit in suits.values()
        ),
        "without a penalty the own rows are missed by less than half the noise": first["own"][-1] < NOISE[1] / 2,
        "more noise wants more penalty": STRENGTHS[best[2, 0]] > STRENGTHS[best[0, 0]],
        "more rows want less penalty": STRENGTHS[best[1, 2]] < STRENGTHS[best[1, 0]],
        "with many rows no penalty is nearly as good as the best": suits[1, 2]["new"][-1]
        < 1.1 * suits[1, 2]["new"].min(),
    }
    return facts, claims


def _draw_suits(suits: dict[tuple[int, int], dict[str, Any]]) -> Picture:
    controls = (
        Control("strength", "Strength of the penalty", tuple(f"{k:.2g}" for k in STRENGTHS), len(STRENGTHS) - 1),
        Control("noise", "What changes from day to day", tuple(f"{k:g} cm" for k in NOISE), 1, buttons=True),
        Control("rows", "Measurements", tuple(str(k) for k in ROWS), buttons=True),
    )
    strength = Axis("strength of the penalty", kind="strength", values=tuple(STRENGTHS))
    panels = (
        Panel("Girth beyond the average, cm", Axis("place, from shoulder to knee"), Axis("", -20, 20), tuple(GRID)),
        Panel("Typical error of 40 mornings' suits, cm", strength, Axis("", 0.2, 500, "log"), tuple(STRENGTHS)),
    )

    def sentence(strength: int, noise: int, rows: int) -> str:
        suit = suits[noise, rows]
        own, new, best = suit["own"][strength], suit["new"][strength], int(np.argmin(suit["new"]))
        words = f"Such a suit misses its own measurements by {own:.1f} cm and those of other days by {new:.1f} cm."
        if strength == best:
            return f"{words} No other strength here does better on other days."
        side = "It follows every fold: a stronger penalty" if strength > best else "It is a sack: a weaker penalty"
        return f"{words} {side} brings that down to {suit['new'][best]:.1f} cm."

    everything = ("strength", "noise", "rows")
    drawn = (
        draw(0, controls, (), lambda: line(girth(GRID), style="truth", words="the customer")),
        draw(0, controls, everything, lambda strength, noise, rows: line(suits[noise, rows]["curves"][strength],
                                                                         words="the suit")),
        draw(0, controls, ("noise", "rows"), lambda noise, rows: points(
            suits[noise, rows]["measured"], suits[noise, rows]["place"], style="total", words="measured")),
        draw(1, controls, ("noise", "rows"), lambda noise, rows: [
            line(suits[noise, rows]["own"], style="training", words="on its own measurements"),
            line(suits[noise, rows]["new"], words="on measurements of other days")]),
        draw(1, controls, ("strength",), lambda strength: rule(STRENGTHS[strength])),
    )  # fmt: skip
    title = "Fit the suit: move the strength, then change the noise and the number of measurements"
    return Picture("suit", title, controls, panels, drawn, say(controls, everything, sentence))


def read_pairs() -> tuple[np.ndarray, np.ndarray]:
    """442 diabetes patients: ten standardized columns with their squares and products (without the square of the sex,
    which has two values), and the score a year later."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    X = X / X.std(axis=0)
    pairs = np.column_stack([X[:, i] * X[:, j] for i in range(10) for j in range(i, 10) if not i == j == 1])
    return np.column_stack([X, pairs]), y


def _fit_patients() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """For every number of patients: root mean squared errors on them and on all others, (splits, strengths)."""
    table, y = read_pairs()
    found = {}
    for count in PATIENTS:
        own, new = (np.empty((SPLITS, len(STRONG))) for _ in range(2))
        for split in range(SPLITS):
            order = np.random.default_rng([split, 5]).permutation(len(y))
            taught, judged = order[:count], order[count:]
            for k, strength in enumerate(STRONG):
                fit = Ridge(alpha=count * strength).fit(table[taught], y[taught])
                own[split, k] = typical(fit.predict(table[taught]) - y[taught])
                new[split, k] = typical(fit.predict(table[judged]) - y[judged])
        found[count] = own, new
    return found


def _tell_patients(few: dict[int, tuple[np.ndarray, np.ndarray]]) -> tuple[dict[str, Any], dict[str, bool]]:
    new = {count: errors.mean(axis=0) for count, (_, errors) in few.items()}
    own = {count: errors.mean(axis=0) for count, (errors, _) in few.items()}
    least, most = PATIENTS[0], PATIENTS[-1]
    best = {count: int(np.argmin(errors)) for count, errors in new.items()}
    facts = {
        "patients": least,
        "all_patients": most,
        "splits": SPLITS,
        "patient_columns": 64,
        "patient_free": new[least][-1],
        "patient_own_free": own[least][-1],
        "patient_best": new[least].min(),
        "patient_strong": new[least][0],
        "patient_best_strength": f"{STRONG[best[least]]:.2g}",
        "all_free": new[most][-1],
        "all_best": new[most].min(),
    }
    claims = {
        "few patients: no penalty is worse than a crushing one": new[least][-1] > new[least][0],
        "many patients: no penalty is better than a crushing one": new[most][-1] < new[most][0],
    }
    return facts, claims


def _draw_patients(few: dict[int, tuple[np.ndarray, np.ndarray]]) -> Picture:
    controls = (
        Control("patients", "Patients that the model has seen", tuple(str(k) for k in PATIENTS), buttons=True),
        Control("strength", "Strength of the penalty", tuple(f"{k:.2g}" for k in STRONG), len(STRONG) // 2),
    )
    axis = Axis("strength of the penalty", kind="strength", values=tuple(STRONG))
    panels = (Panel("Typical error of the disease score", axis, Axis("", 20, 500, "log"), tuple(STRONG), height=320),)

    def lines(patients: int) -> list[Any]:
        own, new = few[PATIENTS[patients]]
        middle, error = new.mean(axis=0), new.std(axis=0, ddof=1) / np.sqrt(SPLITS)
        return [
            band(middle - error, middle + error),
            line(own.mean(axis=0), style="training", words="on patients that it has seen"),
            line(middle, words="on all other patients"),
        ]

    def sentence(patients: int, strength: int) -> str:
        own, new = (errors.mean(axis=0) for errors in few[PATIENTS[patients]])
        return (
            f"{PATIENTS[patients]} patients: the model misses those it has seen by {own[strength]:.0f} and the others "
            f"by {new[strength]:.0f}. The best strength is {STRONG[np.argmin(new)]:.2g}, with {new.min():.1f}."
        )

    drawn = (
        draw(0, controls, ("patients",), lines),
        draw(0, controls, ("strength",), lambda strength: rule(STRONG[strength])),
    )
    title = "The same with 442 diabetes patients"
    return Picture("patients", title, controls, panels, drawn, say(controls, ("patients", "strength"), sentence))


def typical(error: np.ndarray) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(error**2)))
