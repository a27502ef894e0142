"""Makes the fixtures of penalties beyond the elastic net anew: `python -m tests.golden.make_penalties`.

Needs skglm (MCP, SCAD), sortedl1 (SLOPE) and cvxpy (SLOPE, fused, adaptive weights). Every fixture is a small problem
with the reference's own coefficients at one strength; columns are not standardized. Where the reference is a solver of
its own, it is run to a tolerance of 1e-14; cvxpy's are run with CLARABEL to 1e-12.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent / "penalties"


def small(family: str, seed: int, n: int = 60, p: int = 8) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = np.round(rng.standard_normal((n, p)) + 0.4 * rng.standard_normal((n, 1)), 4)
    eta = x @ np.array([1.5, -1, 0.5, 0.5, 0, 0, 0, 0][:p])
    y = {
        "gaussian": np.round(eta + rng.standard_normal(n), 4),
        "binomial": (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0,
        "poisson": rng.poisson(np.exp(np.clip(0.5 * eta, -3, 2))) * 1.0,
    }[family]
    return x, y


def write(name: str, made_by: str, family: str, x: Any, y: Any, penalty: str, strength: float, **rest: Any) -> None:
    fixture = {"name": name, "made_by": made_by, "family": family, "penalty": penalty, "strength": strength} | rest
    fixture |= {"x": x.tolist(), "y": y.tolist()}
    for key in ("coef", "options"):
        if key in fixture:
            fixture[key] = json.loads(json.dumps(fixture[key], default=lambda v: np.asarray(v).tolist()))
    (HERE / f"{name}.json").write_text(json.dumps(fixture) + "\n")
    print(name, np.round(rest["coef"], 3))


def by_skglm() -> None:
    import skglm
    from skglm import GeneralizedLinearEstimator
    from skglm.datafits import Logistic, Quadratic
    from skglm.penalties import SCAD, MCPenalty
    from skglm.solvers import AndersonCD

    cases = [
        ("mcp_squared", "gaussian", 1, "mcp", {"gamma": 3.0}, 0.2, True),
        ("mcp_squared_origin", "gaussian", 2, "mcp", {"gamma": 2.0}, 0.4, False),
        ("mcp_squared_weak", "gaussian", 3, "mcp", {"gamma": 5.0}, 0.05, True),
        ("mcp_logistic", "binomial", 4, "mcp", {"gamma": 12.0}, 0.06, True),
        ("scad_squared", "gaussian", 5, "scad", {"a": 3.7}, 0.2, True),
        ("scad_squared_origin", "gaussian", 6, "scad", {"a": 3.0}, 0.4, False),
        ("scad_logistic", "binomial", 7, "scad", {"a": 15.0}, 0.06, True),
    ]
    for name, family, seed, penalty, options, strength, intercept in cases:
        x, y = small(family, seed)
        made = MCPenalty(strength, options["gamma"]) if penalty == "mcp" else SCAD(strength, options["a"])
        datafit = Quadratic() if family == "gaussian" else Logistic()
        solver = AndersonCD(tol=1e-14, max_iter=5000, max_epochs=200_000, fit_intercept=intercept)
        model = GeneralizedLinearEstimator(datafit, made, solver)
        model.fit(x, y if family == "gaussian" else 2 * y - 1)
        coef, constant = np.ravel(model.coef_), float(np.ravel(model.intercept_)[0]) if intercept else 0.0
        write(
            name, f"skglm {skglm.__version__}", family, x, y, penalty, strength,
            options=options, fit_intercept=intercept, coef=coef, intercept=constant,
        )  # fmt: skip


def by_sortedl1() -> None:
    from importlib.metadata import version

    from sortedl1 import Slope

    cases = [
        ("slope_squared", "gaussian", 11, 0.1, 0.08, True),
        ("slope_squared_origin", "gaussian", 12, 0.3, 0.2, False),
        ("slope_logistic", "binomial", 13, 0.2, 0.03, True),
        ("slope_poisson", "poisson", 14, 0.1, 0.05, True),
    ]
    kinds = {"gaussian": "quadratic", "binomial": "logistic", "poisson": "poisson"}
    for name, family, seed, q, strength, intercept in cases:
        x, y = small(family, seed)
        model = Slope(
            alpha=strength, q=q, loss=kinds[family], fit_intercept=intercept, tol=1e-14, max_iter=10**6,
            centering="none", scaling="none", solver="fista",
        )  # fmt: skip
        model.fit(x, y)
        write(
            name, f"sortedl1 {version('sortedl1')}", family, x, y, "slope", strength,
            options={"q": q}, lambdas=np.ravel(model.lambda_).tolist(), fit_intercept=intercept,
            coef=np.asarray(model.coef_).ravel(), intercept=float(np.ravel(model.intercept_)[0]) if intercept else 0.0,
        )  # fmt: skip


def by_cvxpy() -> None:
    import cvxpy as cp

    cases = [
        ("fused_squared", "gaussian", 21, "fused", {"fusion": 0.5}, 0.2),
        ("fused_variation", "gaussian", 22, "fused", {"fusion": 1.0}, 0.3),
        ("fused_order", "gaussian", 23, "fused", {"fusion": 0.7, "order": [3, 2, 1, 0, 7, 6, 5, 4]}, 0.2),
        ("fused_logistic", "binomial", 24, "fused", {"fusion": 0.5}, 0.03),
        ("adaptive_squared", "gaussian", 25, "adaptive", {"weights": [1, 2, 3, 0.5, 4, 1, 8, 1]}, 0.1),
        ("adaptive_logistic", "binomial", 26, "adaptive", {"weights": [1, 2, 3, 0.5, 4, 1, 8, 1]}, 0.02),
        ("slope_given", "gaussian", 27, "slope", {"weights": [2, 1.5, 1.5, 1, 1, 1, 0.5, 0]}, 0.2),
    ]
    for name, family, seed, penalty, options, strength in cases:
        x, y = small(family, seed)
        b, b0 = cp.Variable(x.shape[1]), cp.Variable()
        eta = x @ b + b0
        loss = cp.sum_squares(y - eta) / 2 if family == "gaussian" else cp.sum(cp.logistic(eta) - cp.multiply(y, eta))
        if penalty == "fused":
            line = b[options.get("order", list(range(8)))]
            cost = options["fusion"] * cp.norm1(cp.diff(line)) + (1 - options["fusion"]) * cp.norm1(b)
        elif penalty == "adaptive":
            cost = np.array(options["weights"]) @ cp.abs(b)
        else:
            w = np.array(options["weights"])
            cost = sum(float(w[k] - (w[k + 1] if k < 7 else 0)) * cp.sum_largest(cp.abs(b), k + 1) for k in range(8))
        task = cp.Problem(cp.Minimize(loss / len(y) + strength * cost))
        task.solve(solver="CLARABEL", tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12)
        write(
            name, f"cvxpy {cp.__version__}", family, x, y, penalty, strength,
            options=options, fit_intercept=True, coef=b.value, intercept=float(b0.value), objective=float(task.value),
        )  # fmt: skip


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    by_skglm()
    by_sortedl1()
    by_cvxpy()
