"""Parts of the runs that `tests.rooms.report.specimen` makes: simulated tables, paths and findings."""

from __future__ import annotations

import numpy as np

from rightfit.records import Candidate, Column, Comparison, Diagnostics, Drift, Feature, Schema, Trace

NUMBERS = ("age", "income", "amount", "months at address", "debt", "price of the goods", "savings rate")
HOSTILE = (
    "<img src=x onerror=\"window.hacked='img'\">",
    "</script><script>window.hacked='script'</script>",
    "quote ' and \" and ` {{ 7*7 }} ${7*7}",
    "right\u202eto left",
    "🙂 emoji é",
    "x" * 300,
    "\x1b[31mred\x1b[0m\ttab\nline",
    '" autofocus onfocus="window.hacked=1',
    "javascript:alert(1)",
)
MEASURE = {
    "regression": "squared error",
    "classes": "log loss",
    "several": "log loss",
    "counts": "Poisson deviance / 2",
}


def make_table(kind: str, rng: np.random.Generator, hostile: bool) -> tuple[Schema, tuple[Feature, ...], np.ndarray]:
    n = 300
    shared = rng.normal(size=(n, 1))
    numbers = shared * 0.6 + rng.normal(size=(n, len(NUMBERS)))
    numbers = numbers * [12.0, 800.0, 2_300.0, 40.0, 310.0, 1_500.0, 0.07] + [
        41.0,
        2_400.0,
        5_200.0,
        90.0,
        400.0,
        7_000.0,
        0.12,
    ]
    names = [*(HOSTILE if hostile else NUMBERS)][: len(NUMBERS)]
    place, level_names = "home", ("owner", "rent", "parents", "other")
    levels = rng.integers(0, 4, n)
    columns, features, parts = [], [], []
    for j, name in enumerate(names):
        value = numbers[:, j]
        gaps = 17 if j == 1 else 0
        columns.append(
            Column(
                name,
                "number",
                "feature",
                "all values are numbers",
                "float",
                gaps,
                300 - j,
                float(value.min()),
                float(value.max()),
                float(value.mean()),
                treatment="used as it is" if not gaps else "17 missing values became the mean, with an indicator",
            )
        )
        features.append(Feature(name, name, "value", j))
        parts.append(value)
    features.append(Feature(f"{names[1]} is missing", names[1], "missing", 1))
    parts.append((rng.random(n) < 0.06).astype(float))
    columns.append(
        Column(
            place,
            "category",
            "feature",
            "text with 6 distinct values",
            "text",
            0,
            6,
            levels=level_names,
            counts=tuple(int((levels == k).sum()) for k in range(4)),
            pooled=("ship", "tent"),
            treatment="one column a level; ship and tent are pooled as (other)",
        )
    )
    for k, level in enumerate(level_names):
        features.append(Feature(f"{place} = {level}", place, "level", len(names), level))
        parts.append((levels == k).astype(float))
    columns.append(
        Column(
            "applicant number", "identifier", "id", "every value is different", "integer", 0, n, treatment="kept out"
        )
    )
    target = {"regression": "loss ratio", "classes": "defaults", "several": "rating", "counts": "claims"}[kind]
    if hostile:
        target = HOSTILE[0] + " target"
    columns.append(Column(target, "number", "target", "named as the target", "float", 0, 12))
    return Schema(tuple(columns)), tuple(features), np.stack(parts, axis=1)


def make_target(kind: str, design: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...]]:
    x = (design - design.mean(0)) / design.std(0)
    n, p = x.shape
    truth = np.zeros(p)
    truth[[0, 1, 3, 4, 9, 10]] = [-0.8, -0.5, 0.35, 1.1, 0.5, -0.3]
    eta = x @ truth
    if kind == "regression":
        return 12 + 4 * eta + rng.normal(size=n) * 6, ()
    if kind == "classes":
        return (rng.random(n) < 1 / (1 + np.exp(-eta + 0.8))).astype(float), ("no", "yes")
    if kind == "counts":
        return rng.poisson(np.exp(0.4 * eta + 0.3)).astype(float), ()
    other = np.roll(truth, 2)
    score = np.stack([eta, x @ other, np.zeros(n)], axis=1) + rng.gumbel(size=(n, 3))
    return score.argmax(1).astype(float), ("good", "fair", "poor")


def response(kind: str, eta: np.ndarray) -> np.ndarray:
    if kind == "regression":
        return eta
    if kind == "counts":
        return np.exp(np.clip(eta, -20, 8))
    if kind == "classes":
        return 1 / (1 + np.exp(-eta))
    odds = np.exp(eta - eta.max(-1, keepdims=True))
    return odds / odds.sum(-1, keepdims=True)


def value(kind: str, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    mean = response(kind, eta)
    if kind == "regression":
        return (y - mean[:, 0]) ** 2 / 2
    if kind == "counts":
        m = mean[:, 0]
        return np.where(y > 0, y * np.log(np.maximum(y, 1) / m), 0) - y + m
    p = np.where(y == 1, mean[:, 0], 1 - mean[:, 0]) if kind == "classes" else mean[np.arange(len(y)), y.astype(int)]
    return -np.log(np.maximum(p, 1e-12))


def residual(kind: str, y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    truth = np.eye(3)[y.astype(int)] if kind == "several" else y[:, None]
    return response(kind, eta) - truth


def make_grid(kind: str, x: np.ndarray, y: np.ndarray, outputs: int) -> np.ndarray:
    bias = walk(kind, x * 0, y, outputs, np.array([1.0]))[1][0]
    top = np.abs(x.T @ residual(kind, y, np.tile(bias, (len(y), 1)))).max() / len(y)
    return top * np.geomspace(1, 2e-3, 50)


def walk(kind: str, x: np.ndarray, y: np.ndarray, outputs: int, strengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, p, C) coefficients of standardized columns and (K, C) intercepts by accelerated proximal gradient."""
    n, p = x.shape
    bound = {"regression": 1.0, "classes": 0.25, "several": 0.5, "counts": 8.0}[kind]
    full = np.column_stack([x, np.ones(n)])
    rate = 1 / (bound * np.linalg.norm(full, 2) ** 2 / n)
    w = np.zeros((p + 1, outputs))
    coefs, biases = [], []
    for strength in strengths:
        v, t = w.copy(), 1.0
        for _ in range(40 if kind != "counts" else 80):
            u = v - rate * full.T @ residual(kind, y, full @ v) / n
            u[:-1] = np.sign(u[:-1]) * np.maximum(np.abs(u[:-1]) - rate * strength, 0)
            s = (1 + np.sqrt(1 + 4 * t * t)) / 2
            v, w, t = u + (t - 1) / s * (u - w), u, s
        coefs.append(w[:-1].copy())
        biases.append(w[-1].copy())
    return np.stack(coefs), np.stack(biases)


def make_trace(strengths, coef, intercept, scale, center, training, complexity) -> Trace:  # type: ignore[no-untyped-def]
    steps, p, outputs = coef.shape
    flat = coef.reshape(steps, -1)
    rows, columns = np.nonzero(flat)
    indptr = np.concatenate([[0], np.cumsum((flat != 0).sum(1))])
    explained = 1 - training / training[0]
    return Trace(
        strengths,
        intercept,
        indptr,
        columns,
        flat[rows, columns],
        p,
        outputs,
        np.geomspace(1e-9, 4e-7, steps),
        np.zeros(steps, np.int8),
        complexity,
        explained,
        center,
        scale,
    )


def measure(kind: str, y: np.ndarray, eta: np.ndarray) -> dict[str, np.ndarray]:
    mean = response(kind, eta)
    if kind == "classes":
        return {
            "AUC": np.array([auc(y, m[:, 0]) for m in mean]),
            "accuracy": ((mean[:, :, 0] > 0.5) == (y == 1)).mean(1),
        }
    if kind == "several":
        return {"accuracy": (mean.argmax(2) == y).mean(1)}
    share = 1 - ((mean[:, :, 0] - y) ** 2).mean(1) / y.var()
    if kind == "counts":
        return {"D2": share}
    return {"R2": share, "MAE": np.abs(mean[:, :, 0] - y).mean(1)}


def auc(y: np.ndarray, score: np.ndarray) -> float:
    above = score[y == 1][:, None] - score[y == 0][None, :]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def make_comparison(where: str, kind: str, null: np.ndarray, weakest: np.ndarray, chosen: np.ndarray) -> Comparison:
    losses = np.stack([null, weakest, chosen])
    gain = losses - chosen
    root = np.sqrt(len(null))
    labels = ("constant model", "unpenalized", "chosen")
    sentence = f"On unseen rows the chosen model is better than the unpenalized one by {gain[1].mean():.3g}."
    return Comparison(
        where,
        MEASURE[kind],
        len(null),
        labels,
        losses.mean(1),
        losses.std(1) / root,
        gain.mean(1),
        gain.std(1) / root,
        sentence,
    )


def make_candidates(loss: float, error: float, strength: float, complexity: float) -> tuple[Candidate, ...]:
    rows = [("lasso", 1.0, 0.0, 0.0), ("elastic net", 0.5, 0.0021, 0.0034), ("ridge", 0.0, 0.0094, 0.0061)]
    return tuple(
        Candidate(
            name,
            {"l1_ratio": ratio},
            float(loss + more),
            float(error),
            more,
            se,
            strength * (1 + more),
            complexity + 20 * more,
            0.31,
            name == "lasso",
        )
        for name, ratio, more, se in rows
    )


def make_diagnostics(kind: str, y: np.ndarray, eta: np.ndarray, figures: dict[str, float]) -> Diagnostics:
    mean = response(kind, eta)
    none = np.zeros((0, 2))
    several = kind == "several"
    predicted = mean.max(1) if several else mean[:, 0]
    hit = (mean.argmax(1) == y).astype(float) if several else y
    order = np.array_split(np.argsort(predicted), 10)
    bins = []
    for rows in order:
        p, o, m = predicted[rows].mean(), hit[rows].mean(), len(rows)
        spread = 1.96 * max(hit[rows].std(), 0.02) / np.sqrt(m)
        low, high = (
            (max(o - spread, 0), min(o + spread, 1)) if kind in ("classes", "several") else (o - spread, o + spread)
        )
        bins.append((p, o, low, high, m))
    roc = recall = none
    confusion = np.zeros((0, 0))
    if kind == "classes":
        cuts = np.concatenate([[np.inf], np.sort(np.unique(predicted))[::-1]])
        tp = np.array([((predicted >= c) & (y == 1)).sum() for c in cuts])
        fp = np.array([((predicted >= c) & (y == 0)).sum() for c in cuts])
        roc = np.stack([fp / max(fp[-1], 1), tp / max(tp[-1], 1)], axis=1)
        recall = np.stack([tp[1:] / tp[-1], tp[1:] / (tp + fp)[1:]], axis=1)
        confusion = np.array([[((y == a) & ((predicted > 0.5) == b)).sum() for b in (0, 1)] for a in (0, 1)], float)
    if several:
        confusion = np.array([[((y == a) & (mean.argmax(1) == b)).sum() for b in range(3)] for a in range(3)], float)
    return Diagnostics(y, predicted, np.array(bins), roc, recall, confusion, figures)


def make_drift(strengths: np.ndarray, mean: np.ndarray, rng: np.random.Generator) -> Drift:
    extra = np.linspace(0.01, 0.06, len(strengths))
    return Drift(
        "month",
        "time",
        mean + extra,
        mean,
        0.031,
        0.009,
        "Rows in time order are harder than random folds suggest: by 0.031, 3.4 standard errors.",
        ("income", "price of the goods", "age"),
        (0.91, 0.74, 0.58),
    )
