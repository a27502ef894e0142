"""Posterior moments of small lassos and elastic nets from random-walk Metropolis: a run that shares nothing with the
sampler of the library but the formula of the posterior. ``python -m tests.golden.make_bayes`` writes bayes/lasso.json
(about four minutes).

With theta of standardized columns, u = log sigma^2, S = |y - Z theta|^2 on centred rows and N = n - 1,

    log p = - (N + q) / 2 u - S / (2 sigma^2) - lambda1 |theta| / sigma - lambda2 |theta|^2 / (2 sigma^2)

is the density of (theta, u) under p(sigma^2) = 1 / sigma^2 (the Jacobian of u takes one power of sigma^2 away, the
prior of theta given sigma has q / 2 of them). 4,000 walkers take 20,000 steps each, after 4,000 steps to arrive; a
step is Gaussian, shaped by Z'Z.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

CASES = {
    "lasso": {"n": 30, "q": 4, "seed": 1, "absolute": 4.0, "square": 0.0},
    "strong lasso": {"n": 25, "q": 3, "seed": 2, "absolute": 12.0, "square": 0.0},
    "elastic net": {"n": 30, "q": 4, "seed": 3, "absolute": 3.0, "square": 5.0},
    "more columns than rows": {"n": 6, "q": 9, "seed": 4, "absolute": 3.0, "square": 0.0},
}
WALKERS, STEPS, ARRIVE = 4_000, 20_000, 4_000


def draw_case(case: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Standardized columns (n, q) and a target (n,), both centred."""
    g = np.random.default_rng(int(case["seed"]))
    n, q = int(case["n"]), int(case["q"])
    X = g.normal(size=(n, q)) + 0.8 * g.normal(size=(n, 1))
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    y = Z @ np.where(np.arange(q) == 0, 1.0, 0.0) + 0.3 * Z[:, 1] + g.normal(size=n)
    return Z, y - y.mean()


def walk(case: dict[str, float]) -> dict[str, list[float]]:
    Z, y = draw_case(case)
    n, q = Z.shape
    g = np.random.default_rng(77)
    gram, cross, whole = Z.T @ Z, Z.T @ y, float(y @ y)
    shape = np.linalg.cholesky(np.linalg.inv(gram + case["absolute"] * np.eye(q)))

    def log_density(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        v = np.exp(u)
        squares = whole - 2 * theta @ cross + ((theta @ gram) * theta).sum(axis=1)
        prior = case["absolute"] * np.abs(theta).sum(axis=1) / np.sqrt(v) + case["square"] * (theta**2).sum(1) / (2 * v)
        return -(n - 1 + q) / 2 * u - squares / (2 * v) - prior

    theta, u = 0.1 * g.normal(size=(WALKERS, q)), 0.2 * g.normal(size=WALKERS)
    here = log_density(theta, u)
    total, square, sigma, near, kept = np.zeros(q), np.zeros(q), 0.0, np.zeros(q), 0
    size = 1.6 / np.sqrt(q + 1)
    for step in range(ARRIVE + STEPS):
        new = theta + size * np.exp(u / 2)[:, None] * (g.normal(size=theta.shape) @ shape.T)
        jump = u + 0.5 * size * g.normal(size=WALKERS)
        there = log_density(new, jump)
        # the width of a step depends on sigma: both ways must be weighed
        way = theta - new
        distance = (np.linalg.solve(shape, way.T) ** 2).sum(axis=0)
        forth = -q / 2 * u - distance / (2 * size**2 * np.exp(u))
        back = -q / 2 * jump - distance / (2 * size**2 * np.exp(jump))
        taken = np.log(g.random(WALKERS)) < there - here + back - forth
        theta[taken], u[taken], here[taken] = new[taken], jump[taken], there[taken]
        if step >= ARRIVE:
            kept += 1
            total += theta.mean(axis=0)
            square += (theta**2).mean(axis=0)
            near += (np.abs(theta) < 0.05).mean(axis=0)
            sigma += float(np.exp(u).mean())
    mean = total / kept
    return {
        "mean": mean.tolist(),
        "deviation": np.sqrt(square / kept - mean**2).tolist(),
        "near": (near / kept).tolist(),
        "variance": [sigma / kept],
    }


if __name__ == "__main__":
    target = Path(__file__).parent / "bayes" / "lasso.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({name: walk(case) for name, case in CASES.items()}, indent=1) + "\n")
