"""Choosing the strength: folds, standard errors and rules, a leak that finds order in noise, and the winner's luck."""

from __future__ import annotations

from typing import Any

import numpy as np

import rightfit
from rightfit import PenalizedRegressor, Ridge
from rightfit.catalog import find
from rightfit.evidence.optimism import estimate_optimism
from rightfit.learn.lessons.overfitted_suit import read_pairs, typical
from rightfit.learn.results import (
    Axis,
    Control,
    Layer,
    Panel,
    Picture,
    Results,
    band,
    bars,
    draw,
    level,
    line,
    make_results,
    points,
    rule,
    say,
)
from rightfit.report.numbers import plain

TOTAL, PATIENTS, DEALS, FOLDS, STEPS = 442, 120, 8, (3, 5, 10), 40
ROWS, COLUMNS, KEPT, REPEATS = (30, 50, 100), (20, 200, 2000), 10, 8
TRIES, CONTESTS = 128, 40


def compute() -> Results:
    """All fits of the lesson."""
    dealt, leaked, won = _deal(), _leak(), _contest()
    facts, claims = _tell_deals(dealt)
    for more, others in (_tell_leaks(leaked), _tell_contest(won), _tell_verdict()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_leaks(leaked), _draw_deals(dealt), _draw_contest(won)))


def _leak() -> dict[tuple[int, int], np.ndarray]:
    """(rows, columns): share of right answers (repeats, 2) of five folds where the columns were chosen on all rows, and
    where they were chosen in each fold anew. All of it is noise."""
    found = {}
    for r, rows in enumerate(ROWS):
        for c, columns in enumerate(COLUMNS):
            right = np.empty((REPEATS, 2))
            for repeat in range(REPEATS):
                generator = np.random.default_rng([r, c, repeat])
                X, y = generator.standard_normal((rows, columns)), np.arange(rows) % 2
                fold = generator.permutation(rows) % 5
                before = _most_correlated(X, y)
                hits = np.zeros(2)
                for k in range(5):
                    own = fold != k
                    for how, chosen in enumerate((before, _most_correlated(X[own], y[own]))):
                        fit = Ridge(alpha=1.0).fit(X[np.ix_(own, chosen)], y[own])
                        hits[how] += ((fit.predict(X[np.ix_(~own, chosen)]) > 0.5) == y[~own]).sum()
                right[repeat] = hits / rows
            found[r, c] = right
    return found


def _most_correlated(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    pull = (X - X.mean(axis=0)).T @ (y - y.mean()) / X.std(axis=0)
    return np.asarray(np.argsort(-np.abs(pull))[:KEPT])


def _tell_leaks(found: dict[tuple[int, int], np.ndarray]) -> tuple[dict[str, Any], dict[str, bool]]:
    many = found[1, len(COLUMNS) - 1].mean(axis=0)
    facts = {
        "leak_rows": ROWS[1],
        "leak_columns": COLUMNS[-1],
        "leak_kept": KEPT,
        "leak_wrong": many[0],
        "leak_right": many[1],
        "leak_few": found[1, 0].mean(axis=0)[0],
        "leak_few_columns": COLUMNS[0],
        "leak_many_rows": found[2, 2].mean(axis=0)[0],
        "leak_most_rows": ROWS[2],
    }
    claims = {
        "columns chosen on all rows look far better than a coin": many[0] > 0.8,
        "columns chosen within the folds are no better than a coin": all(
            abs(right[:, 1].mean() - 0.5) < 0.1 for right in found.values()
        ),
        "more columns to choose from make it worse": found[1, 2][:, 0].mean() > found[1, 0][:, 0].mean(),
    }
    return facts, claims


def _draw_leaks(found: dict[tuple[int, int], np.ndarray]) -> Picture:
    controls = (
        Control("columns", "Columns of noise to choose from", tuple(map(str, COLUMNS)), 2, buttons=True),
        Control("rows", "Rows", tuple(map(str, ROWS)), 1, buttons=True),
    )
    names = Axis("", kind="names", names=("chosen first, then folds", "chosen within each fold"))
    panel = Panel("Share of right answers on rows left out", names, Axis("", 0, 1))

    def layers(columns: int, rows: int) -> list[Layer]:
        right = found[rows, columns]
        shift = np.linspace(-0.12, 0.12, REPEATS)
        return [
            bars(right.mean(axis=0), words="mean"),
            points(right.T, np.concatenate([shift, 1 + shift]), style="total-ring", words=f"{REPEATS} repetitions"),
            level(0.5, words="a coin"),
        ]

    def sentence(columns: int, rows: int) -> str:
        wrong, right = found[rows, columns].mean(axis=0)
        return (
            f"{ROWS[rows]} rows, yes and no by turns, {COLUMNS[columns]} columns of noise. With the {KEPT} columns "
            f"that correlate most with the answer on all rows, the folds report {100 * wrong:.0f} % right; with "
            f"columns chosen within each fold {100 * right:.0f} %."
        )

    by = ("columns", "rows")
    title = "There is nothing to be found here. Where was the mistake made?"
    return Picture("leak", title, controls, (panel,), (draw(0, controls, by, layers),), say(controls, by, sentence))


def _deal() -> dict[tuple[int, int], dict[str, Any]]:
    """(folds, deal): curve of a lasso of 120 patients, its choices, and the typical error on all other patients."""
    table, y = read_pairs()
    order = np.random.default_rng(12).permutation(len(y))
    own, others = order[:PATIENTS], order[PATIENTS:]
    found = {}
    for f, folds in enumerate(FOLDS):
        for deal in range(DEALS):
            fit = PenalizedRegressor(folds=folds, seed=deal, count=STEPS, ratio=0.003).fit(table[own], y[own])
            curve, trace = fit.curve_, fit.path_
            steps = {name: find("rules", name)().choose(fit.evidence_).step for name in ("best", "one_se")}
            found[f, deal] = {
                "strengths": curve.strengths,
                "mean": np.sqrt(2 * curve.mean),
                "low": np.sqrt(2 * (curve.mean - curve.error)),
                "high": np.sqrt(2 * (curve.mean + curve.error)),
                "training": np.sqrt(2 * curve.training),
                "others": np.array(
                    [
                        typical(y[others] - table[others] @ trace.coef(k)[:, 0] - trace.intercept[k, 0])
                        for k in range(STEPS)
                    ]
                ),
                "best": steps["best"],
                "one_se": steps["one_se"],
                "used": np.array([np.count_nonzero(trace.coef(k)) for k in range(STEPS)]),
                "optimism": estimate_optimism(fit.evidence_, find("rules", "best")(), steps["best"]),
            }
    return found


def _tell_deals(found: dict[tuple[int, int], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, bool]]:
    ten = [found[2, deal] for deal in range(DEALS)]
    strengths, others = ten[0]["strengths"], ten[0]["others"]
    best, careful = ([one[name] for one in ten] for name in ("best", "one_se"))
    facts = {
        "patients": PATIENTS,
        "others": TOTAL - PATIENTS,
        "deals": DEALS,
        "lowest": f"{min(strengths[best]):.2g}",
        "highest": f"{max(strengths[best]):.2g}",
        "best_worst": max(others[best]),
        "best_least": min(others[best]),
        "truly_best": others.min(),
        "careful_least": min(others[careful]),
        "careful_worst": max(others[careful]),
        "best_used_least": int(min(ten[0]["used"][best])),
        "best_used": int(max(ten[0]["used"][best])),
        "careful_used": int(max(ten[0]["used"][careful])),
        "careful_used_least": int(min(ten[0]["used"][careful])),
        "error_of_mean": float((ten[0]["high"] - ten[0]["mean"])[best[0]]),
        "told": float(ten[0]["mean"][best[0]]),
    }
    claims = {
        "another deal may choose another strength": min(best) < max(best),
        "the chosen strengths are nearly equally good on others": facts["best_worst"] < 1.08 * facts["truly_best"],
        "the one-standard-error rule takes a stronger penalty": all(b <= a for a, b in zip(best, careful, strict=True)),
        "and fewer columns": facts["careful_used"] < facts["best_used"],
        "the error on own rows never rises along the path": (np.diff(ten[0]["training"]) < 1e-6).all(),
    }
    return facts, claims


def _draw_deals(found: dict[tuple[int, int], dict[str, Any]]) -> Picture:
    strengths = found[0, 0]["strengths"]
    controls = (
        Control("deal", "Deal the patients to folds anew", tuple(str(k + 1) for k in range(DEALS))),
        Control("folds", "Folds", tuple(map(str, FOLDS)), 2, buttons=True),
    )
    axis = Axis("strength of the penalty", kind="strength", values=tuple(strengths))
    panel = Panel("Typical error of the disease score", axis, Axis("", 35, 85), tuple(strengths), height=340)
    by = ("deal", "folds")

    def layers(deal: int, folds: int) -> list[Layer]:
        one = found[folds, deal]
        return [
            band(one["low"], one["high"]),
            line(one["training"], style="training", words="own rows"),
            line(one["others"], style="second", words=f"{TOTAL - PATIENTS} other patients: the truth"),
            line(one["mean"], words="rows left out, with one standard error"),
            rule(strengths[one["best"]], style="rule", words="best"),
            rule(
                strengths[one["one_se"]], style="now", words="one SE" if one["one_se"] < one["best"] else "", left=True
            ),
        ]

    def sentence(deal: int, folds: int) -> str:
        one = found[folds, deal]
        best, careful = one["best"], one["one_se"]
        return (
            f"Least error at strength {strengths[best]:.2g} with {one['used'][best]} columns "
            f"({one['others'][best]:.1f} on the others). Within one standard error of it: {strengths[careful]:.2g} "
            f"with {one['used'][careful]} columns ({one['others'][careful]:.1f})."
        )

    title = f"A lasso of {PATIENTS} patients with 64 columns: the curve, and what it could not know"
    drawn = (draw(0, controls, by, layers),)
    return Picture("deals", title, controls, (panel,), drawn, say(controls, by, sentence))


def _contest() -> dict[str, np.ndarray]:
    """Squared errors (tries, contests) that five folds report for models of pure noise, and those on new rows."""
    generator = np.random.default_rng(9)
    rows, fresh = 60, 500
    y, later = generator.standard_normal((rows, CONTESTS)), generator.standard_normal((fresh, CONTESTS))
    told, true = np.empty((TRIES, CONTESTS)), np.empty((TRIES, CONTESTS))
    fold = generator.permutation(rows) % 5
    for k in range(TRIES):
        X, new = generator.standard_normal((rows, 4)), generator.standard_normal((fresh, 4))
        away = np.empty_like(y)
        for f in range(5):
            fit = Ridge(alpha=10.0).fit(X[fold != f], y[fold != f])
            away[fold == f] = y[fold == f] - fit.predict(X[fold == f])
        told[k] = (away**2).mean(axis=0)
        true[k] = ((later - Ridge(alpha=10.0).fit(X, y).predict(new)) ** 2).mean(axis=0)
    return {"told": told, "true": true}


def _tell_contest(won: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, bool]]:
    told, true = _winners(won)
    facts = {
        "tries": TRIES,
        "contests": CONTESTS,
        "one_told": told[0],
        "winner_told": told[-1],
        "winner_true": true[-1],
    }
    claims = {
        "one model's figure is honest": abs(told[0] - true[0]) < 0.1,
        "the winner of many looks better than the truth allows": told[-1] < 0.95,
        "on new rows the winner is worse than knowing nothing": true[-1] > 1,
    }
    return facts, claims


def _winners(won: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What the best of the first 1, 2, 4 ... tries was told to lose, and what it loses; means over contests."""
    told, true = [], []
    for power in range(int(np.log2(TRIES)) + 1):
        best = won["told"][: 2**power].argmin(axis=0)
        told.append(won["told"][best, np.arange(CONTESTS)].mean())
        true.append(won["true"][best, np.arange(CONTESTS)].mean())
    return np.array(told), np.array(true)


def _draw_contest(won: dict[str, np.ndarray]) -> Picture:
    told, true = _winners(won)
    powers = 2 ** np.arange(len(told))
    controls = (Control("tries", "Models that were tried", tuple(map(str, powers))),)
    axis = Axis("models tried", 1, TRIES, "log")
    panel = Panel("Mean squared error of the winner", axis, Axis("", 0.7, 1.3), tuple(powers))

    def sentence(tries: int) -> str:
        return (
            f"The best of {powers[tries]} is told to lose {told[tries]:.2f}, and loses {true[tries]:.2f} on new rows. "
            "Knowing nothing loses 1."
        )

    drawn = (
        draw(0, controls, (), lambda: [
            level(1.0, words="the constant model"), line(told, words="what its folds said"),
            line(true, style="second", words="on new rows")]),
        draw(0, controls, ("tries",), lambda tries: [
            rule(powers[tries]), points([told[tries]], [powers[tries]]),
            points([true[tries]], [powers[tries]], style="second")]),
    )  # fmt: skip
    title = "Try many models that know nothing, and take the best"
    return Picture("winner", title, controls, (panel,), drawn, say(controls, ("tries",), sentence))


def _tell_verdict() -> tuple[dict[str, Any], dict[str, bool]]:
    """What rightfit says of 80 patients with 64 columns, in its own words."""
    table, y = read_pairs()
    rows = np.random.default_rng(5).permutation(len(y))[:80]
    frame = {f"x{j}": table[rows, j] for j in range(table.shape[1])} | {"score": y[rows]}
    run = rightfit.fit(frame, target="score", learners=("linear",)).run
    facts = {"verdict": plain(" ".join(run.verdict)), "verdict_rows": len(rows), "verdict_columns": table.shape[1]}
    return facts, {"rightfit speaks of overfitting": "verfit" in facts["verdict"]}
