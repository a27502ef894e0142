"""Makes the fixtures of groups anew: `python -m tests.golden.make_groups`. Needs adelie, celer and skglm.

Each peer minimizes in its own terms; a fixture holds its coefficients and the same problem in rightfit's terms,

    sum_i w_i loss_i / sum w + strength * sum_g f_g (r sqrt(d_g) ||b_g|| + (1 - r)/2 ||b_g||^2),

with r = ``l1_ratio`` and f = ``factors``; columns are not standardized.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent / "groups"
SIZES = (3, 1, 4, 2, 2)
GROUPS = np.repeat(np.arange(len(SIZES)), SIZES)
STARTS = np.concatenate([[0], np.cumsum(SIZES)[:-1]])


def data(family: str, seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = len(GROUPS)
    x = np.round(rng.standard_normal((n, p)) + 0.6 * rng.standard_normal((n, 1)), 3)
    eta = 0.2 + x[:, :3] @ [0.6, -0.4, 0.3] + x[:, 8:10] @ [0.5, 0.5]
    y = {
        "gaussian": np.round(eta + rng.standard_normal(n), 3),
        "binomial": (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0,
        "poisson": rng.poisson(np.exp(np.clip(eta / 2, -3, 2))) * 1.0,
    }[family]
    return x, y


def adelie(family: str, seed: int, **given: Any) -> dict[str, Any]:
    """``grpnet``; its price of group g is ``penalty``_g (alpha ||b_g|| + (1 - alpha)/2 ||b_g||^2)."""
    import adelie as ad

    x, y = data(family, seed)
    weight = given.get("weight", np.full(len(y), 1 / len(y)))
    alpha, strengths = given.get("alpha", 1.0), np.array([0.2, 0.05, 0.01])
    penalty = np.asarray(given.get("penalty", np.sqrt(SIZES)), float)
    groups = STARTS
    if alpha < 1:  # one size, so that one l1_ratio serves all
        groups = np.arange(0, 12, 3)
        penalty = np.ones(4)
    glm = getattr(ad.glm, family)(y=y, weights=weight)
    state = ad.grpnet(
        X=np.asfortranarray(x),
        glm=glm,
        groups=groups,
        alpha=alpha,
        penalty=penalty,
        lmda_path=strengths,
        tol=1e-16,
        irls_tol=1e-14,
        newton_tol=1e-15,
        adev_tol=1.0,
        ddev_tol=0.0,
        early_exit=False,
        progress_bar=False,
        intercept=given.get("intercept", True),
    )
    coef = state.betas.toarray().reshape(3, len(GROUPS), -1)
    intercept = np.asarray(state.intercepts, float).reshape(3, -1)
    code = GROUPS
    size = np.sqrt(SIZES)
    if alpha < 1:
        code = np.arange(12) // 3
        ratio = alpha / np.sqrt(3) / (alpha / np.sqrt(3) + 1 - alpha)
        factors = np.full(4, alpha / np.sqrt(3) + 1 - alpha)
    else:
        ratio, factors = 1.0, penalty / size
    return pack(
        "adelie",
        family,
        x,
        y,
        weight,
        strengths,
        code,
        factors,
        coef,
        intercept,
        l1_ratio=ratio,
        intercept=given.get("intercept", True),
    )


def celer(seed: int, *, intercept: bool) -> dict[str, Any]:
    """``GroupLasso``: price ``weights``_g ||b_g||."""
    from celer import GroupLasso

    x, y = data("gaussian", seed)
    strengths, coefs, intercepts = np.array([0.2, 0.05, 0.01]), [], []
    for strength in strengths:
        groups = [list(np.flatnonzero(GROUPS == g)) for g in range(len(SIZES))]
        model = GroupLasso(
            groups, alpha=strength, tol=1e-14, max_iter=1000, fit_intercept=intercept, weights=np.sqrt(SIZES)
        )
        model.fit(np.asfortranarray(x), y)
        coefs.append(np.ravel(model.coef_))
        intercepts.append(float(np.ravel(model.intercept_)[0]) if intercept else 0.0)
    return pack(
        "celer",
        "gaussian",
        x,
        y,
        np.full(len(y), 1 / len(y)),
        strengths,
        GROUPS,
        np.ones(len(SIZES)),
        np.array(coefs)[:, :, None],
        np.array(intercepts)[:, None],
        intercept=intercept,
    )


def skglm(family: str, seed: int) -> dict[str, Any]:
    """``WeightedGroupL2`` by ``GroupBCD``, for classes by ``GroupProxNewton``."""
    from skglm.datafits import LogisticGroup, QuadraticGroup
    from skglm.penalties import WeightedGroupL2
    from skglm.solvers import GroupBCD, GroupProxNewton
    from skglm.utils.data import grp_converter

    x, y = data(family, seed)
    indices, ends = grp_converter([list(np.flatnonzero(GROUPS == g)) for g in range(len(SIZES))], x.shape[1])
    strengths, coefs, intercepts = np.array([0.2, 0.05, 0.01]), [], []
    for strength in strengths:
        penalty = WeightedGroupL2(strength, np.sqrt(SIZES), ends, indices)
        if family == "binomial":
            solver = GroupProxNewton(tol=1e-13, max_iter=1000, fit_intercept=True)
            datafit, target = LogisticGroup(ends, indices), 2 * y - 1
        else:
            solver = GroupBCD(tol=1e-13, max_iter=10_000, max_epochs=10_000, fit_intercept=True)
            datafit, target = QuadraticGroup(ends, indices), y
        found, *_ = solver.solve(np.asfortranarray(x), target, datafit, penalty)
        coefs.append(found[:-1])
        intercepts.append(found[-1])
    return pack(
        "skglm",
        family,
        x,
        y,
        np.full(len(y), 1 / len(y)),
        strengths,
        GROUPS,
        np.ones(len(SIZES)),
        np.array(coefs)[:, :, None],
        np.array(intercepts)[:, None],
    )


def pack(
    peer: str,
    family: str,
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    strengths: np.ndarray,
    groups: np.ndarray,
    factors: np.ndarray,
    coef: np.ndarray,
    intercepts: np.ndarray,
    *,
    l1_ratio: float = 1.0,
    intercept: bool = True,
) -> dict[str, Any]:
    arrays = {
        "x": x,
        "y": y,
        "weight": weight,
        "strengths": strengths,
        "groups": groups,
        "factors": factors,
        "coef": coef,
        "intercepts": intercepts,
    }
    return {
        "made_by": f"{peer} {version(peer)}",
        "family": family,
        "l1_ratio": l1_ratio,
        "intercept": intercept,
        **{name: np.asarray(value).tolist() for name, value in arrays.items()},
    }


def main() -> None:
    HERE.mkdir(exist_ok=True)
    uneven = np.round(np.random.default_rng(9).exponential(size=60) + 0.1, 3)
    made = {
        "adelie_gaussian": adelie("gaussian", 1),
        "adelie_gaussian_free_group": adelie("gaussian", 2, penalty=[0.0, 1.0, 2.0, 0.5, 1.0], intercept=False),
        "adelie_gaussian_weights_ridge": adelie("gaussian", 3, weight=uneven / uneven.sum(), alpha=0.6),
        "adelie_binomial": adelie("binomial", 4),
        "adelie_poisson": adelie("poisson", 5),
        "celer_gaussian": celer(7, intercept=True),
        "celer_gaussian_no_intercept": celer(8, intercept=False),
        "skglm_gaussian": skglm("gaussian", 9),
        "skglm_binomial": skglm("binomial", 11),
    }
    for name, fixture in made.items():
        text = json.dumps({"name": name, **fixture}).replace('], "', '],\n"').replace("], [", "],\n [")
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
