"""The lasso: five columns of sixty that matter, soft thresholding, and why plain gradient steps never land on zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import Lasso, PenalizedRegressor, Ridge
from rightfit.learn.lessons.ridge import read_patients
from rightfit.learn.results import (
    Axis,
    Control,
    Layer,
    Panel,
    Picture,
    Results,
    bars,
    draw,
    line,
    make_results,
    points,
    rule,
    say,
)

ROWS, COLUMNS, TRUE = 80, 60, (2.0, -1.5, 1.2, 1.0, -0.8)
STRENGTHS = np.array([*np.geomspace(2, 0.01, 15), 0.0])
NOISE = (0.5, 1.5)
THRESHOLDS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
GRID = np.linspace(-4, 4, 65)
CENTRE, RATES, PULLS, STEPS = 0.6, (0.05, 0.1, 0.2, 0.4), (0.2, 0.4, 0.8, 1.2), 60


def compute() -> Results:
    """All fits of the lesson."""
    found = _search()
    facts, claims = _tell_search(found)
    for more, others in (_tell_certificate(), _tell_patients(), _tell_landing()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_search(found), _draw_threshold(), _draw_landing()))


def draw_rows(noise: float, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of 60 independent columns of which the first five matter."""
    generator = np.random.default_rng(seed)
    X = generator.standard_normal((count, COLUMNS))
    return X, X[:, : len(TRUE)] @ TRUE + noise * generator.standard_normal(count)


def _search() -> dict[tuple[int, int], dict[str, np.ndarray]]:
    """(penalty, noise): coefficients (strengths, columns) and errors on 2,000 new rows; penalty 0 is the lasso."""
    found = {}
    for s, noise in enumerate(NOISE):
        X, y = draw_rows(noise, ROWS, 4)
        fresh, told = draw_rows(noise, 2000, 5)
        for p, kind in enumerate((Lasso, Ridge)):
            scale = 1 if kind is Lasso else ROWS
            fits = [kind(alpha=scale * k).fit(X, y) if k else Ridge(alpha=0.0).fit(X, y) for k in STRENGTHS]
            found[p, s] = {
                "coef": np.array([fit.coef_ for fit in fits]),
                "new": np.array([np.sqrt(np.mean((fit.predict(fresh) - told) ** 2)) for fit in fits]),
            }
    return found


def _tell_search(found: dict[tuple[int, int], dict[str, np.ndarray]]) -> tuple[dict[str, Any], dict[str, bool]]:
    lasso, ridge, count = found[0, 1], found[1, 1], len(TRUE)
    best = int(np.argmin(lasso["new"]))
    used = (lasso["coef"] != 0).sum(axis=1)
    clean = [k for k in range(len(STRENGTHS)) if (lasso["coef"][k, :count] != 0).all()]
    sparse = min(clean, key=lambda k: used[k])
    X, y = draw_rows(NOISE[1], ROWS, 4)
    fresh, told = draw_rows(NOISE[1], 2000, 5)
    chosen = np.flatnonzero(lasso["coef"][sparse])
    again = Ridge(alpha=0.0).fit(X[:, chosen], y)
    concave = PenalizedRegressor(penalty="mcp", count=30, folds=5).fit(X, y)
    facts = {
        "mcp_first": concave.coef_[0],
        "mcp_used": int(np.count_nonzero(concave.coef_)),
        "mcp_error": float(np.sqrt(np.mean((concave.predict(fresh) - told) ** 2))),
        "rows": ROWS,
        "columns": COLUMNS,
        "culprits": count,
        "others": COLUMNS - count,
        "noise": NOISE[1],
        "free_error": lasso["new"][-1],
        "best_lasso": lasso["new"].min(),
        "best_ridge": ridge["new"].min(),
        "best_strength": f"{STRENGTHS[best]:.2g}",
        "best_used": int(used[best]),
        "best_false": int(used[best] - (lasso["coef"][best, :count] != 0).sum()),
        "sparse_strength": f"{STRENGTHS[sparse]:.2g}",
        "sparse_false": int(used[sparse]) - count,
        "first_true": TRUE[0],
        "first_shrunk": lasso["coef"][sparse, 0],
        "first_again": again.coef_[0],
        "sparse_error": lasso["new"][sparse],
        "again_error": float(np.sqrt(np.mean((again.predict(fresh[:, chosen]) - told) ** 2))),
    }
    claims = {
        "the lasso beats ridge where few columns matter": lasso["new"].min() < ridge["new"].min(),
        "ridge keeps every column at every strength": (ridge["coef"] != 0).all(),
        "no penalty is the worst of all but the crushing ones": lasso["new"][-1] > 1.5 * lasso["new"].min(),
        "the best predicting strength still keeps columns of noise": facts["best_false"] > 0,
        "the strength that keeps few columns predicts worse than the best": facts["sparse_error"] > lasso["new"].min(),
        "fitting the chosen columns again helps": facts["again_error"] < facts["sparse_error"],
        "a concave penalty shrinks less": concave.coef_[0] > lasso["coef"][sparse, 0],
        "the lasso shrinks what is true": facts["first_shrunk"] < facts["first_again"],
    }
    return facts, claims


def _draw_search(found: dict[tuple[int, int], dict[str, np.ndarray]]) -> Picture:
    controls = (
        Control("penalty", "Penalty", ("lasso", "ridge"), 1, buttons=True),
        Control("strength", "Strength", tuple(f"{k:.2g}" for k in STRENGTHS), 6),
        Control("noise", "Noise", tuple(map(str, NOISE)), 1, buttons=True),
    )
    panels = (
        Panel("Coefficients of 60 columns", Axis("column", -0.5, COLUMNS - 0.5), Axis("", -2.2, 2.5)),
        Panel(
            "Typical error on new rows",
            Axis("strength of the penalty", kind="strength", values=tuple(STRENGTHS)),
            Axis("", 0, 4),
            tuple(STRENGTHS),
        ),
    )
    count = len(TRUE)

    def coefficients(penalty: int, noise: int, strength: int) -> list[Layer]:
        b = found[penalty, noise]["coef"][strength]
        own, others = np.where(np.arange(COLUMNS) < count, b, 0), np.where(np.arange(COLUMNS) < count, 0, b)
        kept = np.flatnonzero(others)
        return [
            bars(own[:count], np.arange(count), style="loss", words="columns that matter"),
            bars(others[kept], kept, style="second", words="columns of noise"),
        ]

    def sentence(penalty: int, noise: int, strength: int) -> str:
        part = found[penalty, noise]
        b = part["coef"][strength]
        zero, wrong = COLUMNS - np.count_nonzero(b), np.count_nonzero(b[count:])
        kept = np.count_nonzero(b[:count])
        return (
            f"{zero} of {COLUMNS} coefficients are exactly zero. Kept: {kept} of the {count} columns that matter and "
            f"{wrong} columns of noise. New rows are missed by {part['new'][strength]:.2f}, at the best strength by "
            f"{part['new'].min():.2f}."
        )

    drawn = (
        draw(0, controls, ("penalty", "noise", "strength"), coefficients),
        draw(0, controls, (), lambda: points(TRUE, range(count), style="total-ring", words="the truth")),
        draw(1, controls, ("noise",), lambda noise: [
            line(found[0, noise]["new"], words="lasso"), line(found[1, noise]["new"], style="second", words="ridge")]),
        draw(1, controls, ("strength",), lambda strength: rule(STRENGTHS[strength])),
    )  # fmt: skip
    title = "Sixty columns, five of which matter: now press lasso"
    return Picture("search", title, controls, panels, drawn, say(controls, ("penalty", "noise", "strength"), sentence))


def _draw_threshold() -> Picture:
    controls = (Control("strength", "Strength λ", tuple(map(str, THRESHOLDS)), 3),)
    panel = Panel("What becomes of a coefficient", Axis("least squares", -4, 4), Axis("penalized", -4, 4), tuple(GRID))

    def lines(strength: int) -> list[Layer]:
        by = THRESHOLDS[strength]
        return [
            line(GRID, style="truth", words="least squares"),
            line(GRID / (1 + by), style="second", words="ridge: divided by 1 + λ"),
            line(soften(GRID, by), words="lasso: moved to zero by λ"),
        ]

    def sentence(strength: int) -> str:
        by = THRESHOLDS[strength]
        return (
            f"At strength {by:g} a least squares coefficient of 3 becomes {3 / (1 + by):.2f} by ridge and "
            f"{max(3 - by, 0):.2f} by the lasso; one of 0.5 becomes {0.5 / (1 + by):.2f} and {max(0.5 - by, 0):.2f}."
        )

    drawn = (draw(0, controls, ("strength",), lines),)
    title = "One column alone: a factor against a threshold"
    return Picture("threshold", title, controls, (panel,), drawn, say(controls, ("strength",), sentence))


def soften(value: np.ndarray, by: float) -> np.ndarray:
    """Soft thresholding: sign(v) max(|v| - by, 0)."""
    return np.asarray(np.sign(value) * np.maximum(np.abs(value) - by, 0))


def _draw_landing() -> Picture:
    controls = (
        Control("strength", "Strength λ", tuple(map(str, PULLS)), 2),
        Control("rate", "Step length r", tuple(map(str, RATES)), 2),
    )
    panel = Panel("The weight", Axis("step", 0, STEPS), Axis("", -0.4, 0.7), tuple(range(STEPS + 1)), height=320)
    numbers = {"centre": CENTRE, "strengths": PULLS, "rates": RATES, "steps": STEPS}
    title = f"Least squares wants {CENTRE}: three ways to make a weight pay"
    return Picture("landing", title, controls, (panel,), script="landing", numbers=numbers)


def _tell_landing() -> tuple[dict[str, Any], dict[str, bool]]:
    """The walks of the picture at its start, and the answer in closed form."""
    strength, rate = PULLS[2], RATES[2]
    b = hover = CENTRE
    swing, landed = [], 0
    for step in range(STEPS):
        hover = hover - rate * (hover - CENTRE) - rate * strength * np.sign(hover)
        b = float(soften(np.array(b - rate * (b - CENTRE)), rate * strength))
        swing.append(hover)
        landed = landed or (step + 1 if b == 0 else 0)
    facts = {
        "centre": CENTRE,
        "pull": strength,
        "landing_steps": STEPS,
        "landed": landed,
        "hover_low": min(swing[-9:]),
        "hover_high": max(swing[-9:]),
        "squared_end": CENTRE / (1 + strength),
        "move": rate * strength,
        "soft_large": 3.0,
        "soft_by": 0.5,
        "soft_small": -0.3,
        "soft_answer": 3.0 - 0.5,
        "soft_ridge": 3.0 / 1.5,
    }
    claims = {
        "subgradient steps swing about zero": min(swing[-9:]) < 0 < max(swing[-9:]),
        "the proximal walk lands": landed > 0,
    }
    return facts, claims


def _tell_certificate() -> tuple[dict[str, Any], dict[str, bool]]:
    """At the optimum kept columns pull with exactly the strength, the others with less."""
    X, y = draw_rows(NOISE[1], ROWS, 4)
    strength = 0.3
    fit = Lasso(alpha=strength, tol=1e-12).fit(X, y)
    pull = np.abs((X - X.mean(axis=0)).T @ (y - fit.predict(X))) / ROWS
    kept = fit.coef_ != 0
    facts = {
        "kkt_strength": strength,
        "kkt_kept": int(kept.sum()),
        "kkt_low": pull[kept].min(),
        "kkt_most": pull[~kept].max(),
        "gap": float(fit.dual_gap_),
    }
    claims = {
        "kept columns pull with the strength": np.allclose(pull[kept], strength, rtol=1e-6),
        "other columns pull with less": (pull[~kept] < strength).all(),
        "the certificate is small": 0 <= fit.dual_gap_ < 1e-6,
    }
    return facts, claims


def _tell_patients() -> tuple[dict[str, Any], dict[str, bool]]:
    """The order in which the columns of the patients enter, and what cross-validation takes."""
    X, y, names = read_patients()
    path = PenalizedRegressor(l1_ratio=1.0).fit(X, y)
    trace = path.path_
    first = {j: next(k for k in range(len(trace.strengths)) if trace.coef(k)[j, 0] != 0) for j in range(X.shape[1])}
    order = sorted(first, key=lambda j: (first[j], -abs(trace.coef(first[j] + 2)[j, 0])))
    kept = [names[j] for j in np.flatnonzero(path.coef_)]
    facts = {
        "order": ", ".join(names[j] for j in order),
        "patients_kept": len(kept),
        "patients_names": ", ".join(kept),
        "patients_strength": path.strength_,
        "patients_columns": X.shape[1],
    }
    claims = {"the lasso of the patients drops columns": 0 < len(kept) < X.shape[1]}
    return facts, claims
