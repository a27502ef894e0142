"""Bias and variance: many laboratories measure the same curve, and are wrong together or each in its own way."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import Ridge
from rightfit.catalog import find
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.data.pairs import make_pairs
from rightfit.learn.lessons.overfitted_suit import wiggles
from rightfit.learn.results import Axis, Control, Panel, Picture, Results, band, draw, line, make_results, rule, say
from rightfit.views.measured import measure_bias_variance

STRENGTHS = np.array([*np.geomspace(3, 1e-4, 12), 0.0])
NOISE = (0.3, 0.6)
ROWS = (25, 100)
LABORATORIES, SHOWN = 400, 7
GRID = np.linspace(0.02, 0.98, 33)
PATIENTS = (60, 150, 442)
PRICES = np.geomspace(100, 0.03, 15)


def truth(place: np.ndarray) -> np.ndarray:
    """The curve that all laboratories measure."""
    return np.asarray(np.sin(2 * np.pi * place) + 0.5 * np.cos(5 * np.pi * place))


def compute() -> Results:
    """All fits of the lesson."""
    found = {(s, r): _measure(noise, rows) for s, noise in enumerate(NOISE) for r, rows in enumerate(ROWS)}
    real = {count: _take_apart(count) for count in PATIENTS}
    facts, claims = _tell(found)
    more, others = _tell_patients(real)
    return make_results(facts | more, claims | others, (_draw(found), _draw_patients(real)))


def _measure(noise: float, rows: int) -> dict[str, np.ndarray]:
    """Curves of all laboratories at every strength, taken apart; and the closed forms."""
    place = (np.arange(rows) + 0.5) / rows
    generator = np.random.default_rng([5, rows])
    y = truth(place)[:, None] + noise * generator.standard_normal((rows, LABORATORIES))
    columns, there = wiggles(place), wiggles(GRID)
    centred = columns - columns.mean(axis=0)
    curves, bias, variance, known_bias, known_variance = [], [], [], [], []
    for strength in STRENGTHS:
        made = Ridge(alpha=rows * strength).fit(columns, y).predict(there)
        curves.append(made[:, :SHOWN].T)
        spread = made.var(axis=1, ddof=1)
        bias.append(np.mean((made.mean(axis=1) - truth(GRID)) ** 2 - spread / LABORATORIES))
        variance.append(np.mean(spread))
        inverse = np.linalg.inv(centred.T @ centred + rows * strength * np.eye(centred.shape[1]))
        hat = 1 / rows + (there - columns.mean(axis=0)) @ inverse @ centred.T
        known_bias.append(np.mean((hat @ truth(place) - truth(GRID)) ** 2))
        known_variance.append(noise**2 * np.mean((hat**2).sum(axis=1)))
        curves[-1] = np.vstack([curves[-1], made.mean(axis=1)])
    return {
        "curves": np.array(curves),
        "bias": np.array(bias),
        "variance": np.array(variance),
        "total": np.array(bias) + np.array(variance) + noise**2,
        "known_bias": np.array(known_bias),
        "known_variance": np.array(known_variance),
    }


def _tell(found: dict[tuple[int, int], dict[str, np.ndarray]]) -> tuple[dict[str, Any], dict[str, Any]]:
    first, many = found[1, 0], found[1, 1]
    best, free = int(np.argmin(first["total"])), len(STRENGTHS) - 1
    stronger = best - 4
    facts = {
        "laboratories": LABORATORIES,
        "rows": ROWS[0],
        "many": ROWS[1],
        "noise": NOISE[1],
        "noise_square": NOISE[1] ** 2,
        "strength": f"{STRENGTHS[best]:.2g}",
        "strong": f"{STRENGTHS[stronger]:.2g}",
        "bias_best": first["bias"][best],
        "variance_best": first["variance"][best],
        "total_best": first["total"][best],
        "bias_free": max(first["bias"][free], 0.0),
        "variance_free": first["variance"][free],
        "total_free": first["total"][free],
        "bias_strong": first["bias"][stronger],
        "variance_strong": first["variance"][stronger],
        "total_strong": first["total"][stronger],
        "variance_many": many["variance"][best],
        "bias_many": many["bias"][best],
        "best_many": f"{STRENGTHS[np.argmin(many['total'])]:.2g}",
        "ratio": first["variance"][best] / many["variance"][best],
        "known_bias": first["known_bias"][best],
        "known_variance": first["known_variance"][best],
        "best_quiet": f"{STRENGTHS[np.argmin(found[0, 0]['total'])]:.2g}",
    }
    closer = [
        np.abs(part[key] - part[f"known_{key}"]).max() < 0.12 * part[f"known_{key}"].max()
        for part in found.values()
        for key in ("bias", "variance")
    ]
    claims = {
        "variance falls with strength": all((np.diff(part["known_variance"]) >= 0).all() for part in found.values()),
        "bias rises with strength": all((np.diff(part["known_bias"]) <= 1e-9).all() for part in found.values()),
        "what is measured is what the closed forms say": all(closer),
        "at the best strength bias is not zero": first["bias"][best] > 0.003,
        "four times the rows, about a quarter of the variance": 2.8 < facts["ratio"] < 5.2,
        "bias hardly depends on the rows": abs(first["bias"][best] - many["bias"][best]) < 0.3 * first["bias"][best],
        "more rows want less penalty": float(facts["best_many"]) < float(facts["strength"]),
        "less noise wants less penalty": float(facts["best_quiet"]) < float(facts["strength"]),
    }
    return facts, claims


def _draw(found: dict[tuple[int, int], dict[str, np.ndarray]]) -> Picture:
    controls = (
        Control("strength", "Strength of the penalty", tuple(f"{k:.2g}" for k in STRENGTHS), len(STRENGTHS) - 1),
        Control("noise", "Noise of a measurement", tuple(f"{k:g}" for k in NOISE), 1, buttons=True),
        Control("rows", "Measurements", tuple(str(k) for k in ROWS), buttons=True),
    )
    strength = Axis("strength of the penalty", kind="strength", values=tuple(STRENGTHS))
    panels = (
        Panel(f"Curves of {SHOWN} laboratories", Axis("place"), Axis("", -2.5, 2.5), tuple(GRID)),
        Panel("Mean squared error, and its parts", strength, Axis("", 0, 1), tuple(STRENGTHS)),
    )

    def curves(strength: int, noise: int, rows: int) -> list[Any]:
        made = found[noise, rows]["curves"][strength]
        return [
            *(line(one, style="thin", words="one laboratory" if k == 0 else "") for k, one in enumerate(made[:-1])),
            line(made[-1], words=f"mean of all {LABORATORIES}"),
        ]

    def parts(noise: int, rows: int) -> list[Any]:
        part = found[noise, rows]
        return [
            line(part["bias"], style="second", words="squared bias"),
            line(part["variance"], words="variance"),
            line(np.full(len(STRENGTHS), NOISE[noise] ** 2), style="training", words="noise"),
            line(part["total"], style="total", words="all three"),
        ]

    def sentence(strength: int, noise: int, rows: int) -> str:
        part = found[noise, rows]
        bias, variance, best = part["bias"][strength], part["variance"][strength], int(np.argmin(part["total"]))
        words = (
            f"Squared bias {max(bias, 0):.3f} + variance {variance:.3f} + noise {NOISE[noise] ** 2:.2f} "
            f"= {part['total'][strength]:.3f}."
        )
        if strength == best:
            return f"{words} No other strength here loses less."
        wrong = "They are wrong together" if bias > variance else "Each is wrong in its own way"
        return f"{words} {wrong}; at strength {STRENGTHS[best]:.2g} it would be {part['total'][best]:.3f}."

    everything = ("strength", "noise", "rows")
    drawn = (
        draw(0, controls, everything, curves),
        draw(0, controls, (), lambda: line(truth(GRID), style="truth", words="what they measure")),
        draw(1, controls, ("noise", "rows"), parts),
        draw(1, controls, ("strength",), lambda strength: rule(STRENGTHS[strength])),
    )
    title = "Move the strength: when do the laboratories agree, and when are they right?"
    return Picture("laboratories", title, controls, panels, drawn, say(controls, everything, sentence))


def _take_apart(count: int) -> dict[str, np.ndarray]:
    """Ridge on some diabetes patients: what can be told apart without knowing the truth."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    rows = np.random.default_rng(7).permutation(len(y))[:count]
    penalty = find("penalties", "elastic_net")(l1_ratio=0.0)
    ridge = find("learners", "linear")(penalty=penalty, strengths=PRICES)
    problem = Problem(make_design(X[rows]), y[rows], find("losses", "squared")(), np.zeros(count))
    part = measure_bias_variance(problem, make_pairs(count, count=100, seed=1), ridge).parts[0]
    return {"bias": part.bias, "variance": part.variance, "total": part.total, "error": part.total_error}


def _tell_patients(real: dict[int, dict[str, np.ndarray]]) -> tuple[dict[str, Any], dict[str, Any]]:
    few, most = real[PATIENTS[0]], real[PATIENTS[-1]]
    best = {count: int(np.argmin(part["total"])) for count, part in real.items()}
    facts = {
        "patients": PATIENTS[0],
        "all_patients": PATIENTS[-1],
        "few_best": f"{PRICES[best[PATIENTS[0]]]:.2g}",
        "most_best": f"{PRICES[best[PATIENTS[-1]]]:.2g}",
        "few_share": few["variance"][-1] / few["total"][-1],
        "most_share": most["variance"][-1] / most["total"][-1],
    }
    claims = {
        "few patients want more penalty": best[PATIENTS[0]] < best[PATIENTS[-1]],
        "variance falls with more patients": few["variance"][-1] > 3 * most["variance"][-1],
    }
    return facts, claims


def _draw_patients(real: dict[int, dict[str, np.ndarray]]) -> Picture:
    controls = (
        Control("patients", "Patients", tuple(str(k) for k in PATIENTS), buttons=True),
        Control("strength", "Strength of the penalty", tuple(f"{k:.2g}" for k in PRICES), len(PRICES) - 1),
    )
    axis = Axis("strength of the penalty", kind="strength", values=tuple(PRICES))
    panels = (Panel("Squared error of the disease score", axis, Axis("", 0, 7000), tuple(PRICES), height=320),)

    def lines(patients: int) -> list[Any]:
        part = real[PATIENTS[patients]]
        return [
            band(part["total"] - part["error"], part["total"] + part["error"], style="total"),
            line(part["total"], style="total", words="on patients that were not seen"),
            line(part["bias"], style="second", words="squared bias and noise together"),
            line(part["variance"], words="variance"),
        ]

    def sentence(patients: int, strength: int) -> str:
        part = real[PATIENTS[patients]]
        best = int(np.argmin(part["total"]))
        return (
            f"Variance {part['variance'][strength]:,.0f} of {part['total'][strength]:,.0f}. "
            f"The sum is smallest at strength {PRICES[best]:.2g}: {part['total'][best]:,.0f}."
        )

    drawn = (
        draw(0, controls, ("patients",), lines),
        draw(0, controls, ("strength",), lambda strength: rule(PRICES[strength])),
    )
    title = "Ridge on diabetes patients: here nobody knows the truth"
    return Picture("patients", title, controls, panels, drawn, say(controls, ("patients", "strength"), sentence))
