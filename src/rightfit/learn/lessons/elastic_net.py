"""The elastic net: three sisters who say the same, who of them is kept, and the same penalties for other targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import CoxRegressor, ElasticNet, PenalizedClassifier, PenalizedRegressor
from rightfit.learn.results import Axis, Control, Panel, Picture, Results, bars, draw, make_results, say

PEOPLE, SAMPLES = 60, 20
CORRELATIONS = (0.8, 0.995)
RATIOS = (1.0, 0.9, 0.5, 0.1)
STRENGTHS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
NAMES = ("a1", "a2", "a3", "b1", "b2", "b3", "n1", "n2", "n3", "n4")
SISTERS = 3
TARGETS = {
    "a number": "squared",
    "a number with outliers": "huber",
    "counts": "poisson",
    "positive amounts": "gamma",
    "amounts with many zeros": "tweedie",
}


def compute() -> Results:
    """All fits of the lesson."""
    found = _meet()
    facts, claims = _tell_sisters(found)
    for more, others in (_tell_numbers(), _tell_more_columns_than_rows(), _tell_targets()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_sisters(found),))


def draw_sisters(correlation: float, sample: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two groups of three near copies (the first group adds, the second subtracts) and four of noise."""
    generator = np.random.default_rng([sample, 21])
    hidden, own = generator.standard_normal((PEOPLE, 2)), generator.standard_normal((PEOPLE, len(NAMES)))
    X = own.copy()
    for group in range(2):
        place = slice(SISTERS * group, SISTERS * (group + 1))
        X[:, place] = np.sqrt(correlation) * hidden[:, [group]] + np.sqrt(1 - correlation) * own[:, place]
    y = X[:, :3].sum(axis=1) - 0.5 * X[:, 3:6].sum(axis=1) + generator.standard_normal(PEOPLE)
    return X / X.std(axis=0), y


def _meet() -> dict[tuple[int, int, int], np.ndarray]:
    """(correlation, ratio, strength): coefficients (samples, columns)."""
    found = {}
    for c, correlation in enumerate(CORRELATIONS):
        samples = [draw_sisters(correlation, sample) for sample in range(SAMPLES)]
        for r, ratio in enumerate(RATIOS):
            for s, strength in enumerate(STRENGTHS):
                net = ElasticNet(alpha=strength, l1_ratio=ratio, tol=1e-8)
                found[c, r, s] = np.array([net.fit(X, y).coef_ for X, y in samples])
    return found


def _tell_sisters(found: dict[tuple[int, int, int], np.ndarray]) -> tuple[dict[str, Any], dict[str, bool]]:
    alike, strength, half = len(CORRELATIONS) - 1, STRENGTHS.index(0.2), RATIOS.index(0.5)
    lasso, net = found[alike, 0, strength], found[alike, half, strength]
    favourite = np.argmax(np.abs(lasso[:, :SISTERS]), axis=1)
    wins = np.bincount(favourite, minlength=SISTERS)
    groups = [slice(0, 3), slice(3, 6)]
    together = {
        "lasso": np.mean([(lasso[:, g] != 0).all(axis=1).mean() for g in groups]),
        "net": np.mean([(net[:, g] != 0).all(axis=1).mean() for g in groups]),
    }
    spread = {kind: (b[:, :3].max(axis=1) - b[:, :3].min(axis=1)).mean() for kind, b in (("l", lasso), ("n", net))}
    facts = {
        "people": PEOPLE,
        "samples": SAMPLES,
        "alike": CORRELATIONS[-1],
        "strength": STRENGTHS[strength],
        "ratio": RATIOS[half],
        "wins_first": int(wins[0]),
        "wins_second": int(wins[1]),
        "wins_third": int(wins[2]),
        "lasso_noise": (lasso[:, 6:] != 0).mean(),
        "net_noise": (net[:, 6:] != 0).mean(),
        "lasso_together": together["lasso"],
        "net_together": together["net"],
        "lasso_apart": spread["l"],
        "net_apart": spread["n"],
        "lasso_sum": lasso[:, :3].sum(axis=1).mean(),
        "net_sum": net[:, :3].sum(axis=1).mean(),
    }
    claims = {
        "each sister is the lasso's favourite now and then": (wins > 0).all(),
        "the elastic net keeps sisters together": together["net"] > 0.95 > together["lasso"] + 0.3,
        "the elastic net treats them more alike": spread["n"] < spread["l"] / 3,
    }
    return facts, claims


def _draw_sisters(found: dict[tuple[int, int, int], np.ndarray]) -> Picture:
    controls = (
        Control("sample", "People", tuple(f"{PEOPLE}, sample {k + 1}" for k in range(6))),
        Control("ratio", "Share of L1 (l1_ratio)", ("1, lasso", *(f"{r:g}" for r in RATIOS[1:])), buttons=True),
        Control("strength", "Strength", tuple(f"{k:g}" for k in STRENGTHS), 3),
        Control("correlation", "Sisters correlate", tuple(map(str, CORRELATIONS)), 1, buttons=True),
    )
    names = Axis("column", kind="names", names=NAMES)
    panels = (
        Panel("Coefficients of this sample", names, Axis("", -1.5, 2.5)),
        Panel(f"Share of {SAMPLES} samples that keep a column", names, Axis("", 0, 1)),
    )
    everything = ("sample", "ratio", "strength", "correlation")

    def sentence(sample: int, ratio: int, strength: int, correlation: int) -> str:
        b = found[correlation, ratio, strength]
        here = b[sample, :SISTERS]
        first = NAMES[int(np.argmax(np.abs(here)))]
        words = ", ".join(f"{name} {value:.2f}" for name, value in zip(NAMES, here, strict=False))
        whole = (b[:, :SISTERS] != 0).all(axis=1).sum()
        if not here.any():
            return f"All three sisters are at zero here; {whole} of {SAMPLES} samples keep all three."
        return f"{words}: most goes to {first}. {whole} of {SAMPLES} samples keep all three sisters a1 to a3."

    drawn = (
        draw(0, controls, everything, lambda sample, ratio, strength, correlation: bars(
            found[correlation, ratio, strength][sample])),
        draw(1, controls, everything[1:], lambda ratio, strength, correlation: bars(
            (found[correlation, ratio, strength] != 0).mean(axis=0), style="second")),
    )  # fmt: skip
    title = "a1, a2 and a3 say the same, so do b1 to b3; n1 to n4 are noise. Take other people, then mix in some L2"
    return Picture("sisters", title, controls, panels, drawn, say(controls, everything, sentence))


def _tell_numbers() -> tuple[dict[str, Any], dict[str, bool]]:
    """Both ways to write the penalty, and how far apart two columns can be."""
    strength, ratio = 0.4, 0.25
    X, y = draw_sisters(CORRELATIONS[-1], 0)
    fit = ElasticNet(alpha=0.2, l1_ratio=0.5, tol=1e-12).fit(X, y)
    left = y - fit.predict(X)
    rho = np.corrcoef(X[:, 0], X[:, 1])[0, 1]
    bound = np.sqrt(2 * (1 - rho)) * np.sqrt(np.mean(left**2)) / (0.2 * 0.5)
    facts = {
        "two_strength": strength,
        "two_ratio": ratio,
        "lambda_one": strength * ratio,
        "lambda_two": strength * (1 - ratio) / 2,
        "lambda_two_whole": strength * (1 - ratio),
        "bound": bound,
        "bound_apart": abs(fit.coef_[0] - fit.coef_[1]),
        "bound_correlation": rho,
    }
    claims = {"no two sisters are farther apart than the bound": facts["bound_apart"] <= bound}
    return facts, claims


def _tell_more_columns_than_rows() -> tuple[dict[str, Any], dict[str, bool]]:
    rows, columns = 20, 100
    generator = np.random.default_rng(2)
    X = generator.standard_normal((rows, columns))
    y = X[:, :40].sum(axis=1) + generator.standard_normal(rows)
    kept = {
        ratio: max(
            int(np.count_nonzero(ElasticNet(alpha=strength, l1_ratio=ratio, tol=1e-10).fit(X, y).coef_))
            for strength in (0.001, 0.01, 0.1, 0.5)
        )
        for ratio in (1.0, 0.5)
    }
    facts = {"wide_rows": rows, "wide_columns": columns, "wide_lasso": kept[1.0], "wide_net": kept[0.5]}
    claims = {"the lasso keeps no more columns than rows, the elastic net may": kept[1.0] <= rows < kept[0.5]}
    return facts, claims


def _tell_targets() -> tuple[dict[str, Any], dict[str, bool]]:
    """The same three true columns of twelve behind targets of all kinds."""
    generator = np.random.default_rng(6)
    X, fresh = generator.standard_normal((2, 300, 12))
    both = []
    for table in (X, fresh):
        eta, uniform = 0.7 * table[:, 0] - 0.5 * table[:, 1] + 0.4 * table[:, 2], generator.random(300)
        rate, gamma = np.exp(eta), generator.gamma(2.0, 0.5, 300)
        both.append(
            {
                "squared": eta + 0.7 * generator.standard_normal(300),
                "huber": eta + 0.7 * generator.standard_t(1.5, 300),
                "poisson": generator.poisson(rate).astype(float),
                "gamma": rate * gamma,
                "tweedie": rate * gamma * (uniform < 0.6),
                "logistic": (eta + np.log(uniform / (1 - uniform)) > 0).astype(int),
                "multinomial": np.argmax(np.outer(eta, [1.5, 0, -1.5]) + generator.gumbel(size=(300, 3)), axis=1),
                "cox": np.column_stack([-np.log(uniform) / rate, generator.random(300) < 0.8]),
            }
        )
    mine, theirs = both
    told = []
    options: dict[str, Any] = {"l1_ratio": 0.5, "count": 25, "folds": 4}
    for words, loss in TARGETS.items():
        fit = PenalizedRegressor(loss=loss, **options).fit(X, mine[loss])
        told.append((words, loss, fit.coef_, "explained", fit.score(fresh, theirs[loss])))
    for words, loss in (("yes or no", "logistic"), ("one of three classes", "multinomial")):
        fit = PenalizedClassifier(**options).fit(X, mine[loss])
        told.append((words, loss, fit.coef_, "right", fit.score(fresh, theirs[loss])))
    fit = CoxRegressor(**options).fit(X, mine["cox"])
    told.append(("time until something happens", "cox", fit.coef_, "concordance", fit.score(fresh, theirs["cox"])))
    rows = []
    for words, loss, coef, measure, score in told:
        kept = (np.atleast_2d(coef) != 0).any(axis=0)
        rows.append(
            {"words": words, "loss": loss, "kept": int(kept[:3].sum()), "false": int(kept[3:].sum()),
             "measure": measure, "score": score}
        )  # fmt: skip
    claims = {
        "every family finds the three columns that matter": all(row["kept"] == 3 for row in rows),
        "every family tells something about new rows": all(row["score"] > 0.1 for row in rows),
    }
    return {"targets": rows}, claims
