"""The other libraries in Python, each as its own users would call it. Runs where they are, without rightfit."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.contestant import Found, enter, flat, need, timed
from benchmarks.workloads import CHECKED, FOLDS, STEPS, Workload

_SKLEARN = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)


def _signed(work: Workload) -> np.ndarray:
    return 2 * work.y - 1 if work.family == "logistic" else work.y


# --- scikit-learn ------------------------------------------------------------------------------------------------


@enter("scikit-learn", "path", *_SKLEARN)
def scikit_learn_path(work: Workload, tolerance: float) -> Found:
    """Coordinate descent; liblinear for two classes, its fastest exact solver, saga for more."""
    linear = importlib.import_module("sklearn.linear_model")
    need(not work.group and work.l1_ratio > 0 and work.family != "poisson", "no such path")
    if work.family == "squared":
        options = {"l1_ratio": work.l1_ratio, "alphas": work.strengths, "tol": tolerance, "max_iter": 100_000}
        seconds, (_, coef, _) = timed(linear.enet_path, work.X, work.y, **options)
        return Found(seconds, *flat(coef.T[CHECKED], 0.0))
    two = work.family == "logistic"
    model = linear.LogisticRegression(
        l1_ratio=1.0,
        solver="liblinear" if two else "saga",
        tol=tolerance,
        fit_intercept=work.intercept,
        max_iter=10_000,
        warm_start=True,
    )

    def walk() -> tuple[list[np.ndarray], list[np.ndarray]]:
        coef, intercept = [], []
        for strength in work.strengths:
            model.set_params(C=1 / (strength * len(work.y))).fit(work.X, work.y)
            coef.append(model.coef_.T.copy())
            intercept.append(np.broadcast_to(model.intercept_, coef[-1].shape[1:]).copy())
        return coef, intercept

    seconds, (coef, intercept) = timed(walk)
    return Found(seconds, np.array(coef)[CHECKED], np.array(intercept)[CHECKED])


@enter("scikit-learn", "cv", *_SKLEARN)
def scikit_learn_cv(work: Workload, tolerance: float) -> Found:
    """LassoCV, ElasticNetCV, LogisticRegressionCV."""
    linear = importlib.import_module("sklearn.linear_model")
    need(not work.group and work.l1_ratio > 0 and work.family != "poisson", "no such path")
    if work.family == "squared":
        options = {"alphas": work.strengths, "cv": work.splits(), "tol": tolerance, "max_iter": 100_000}
        seconds, model = timed(linear.ElasticNetCV(l1_ratio=work.l1_ratio, **options).fit, work.X, work.y)
        return Found(seconds, chosen=float(model.alpha_))
    share = len(work.y) * (1 - 1 / FOLDS)
    model = linear.LogisticRegressionCV(
        Cs=1 / (work.strengths * share),
        l1_ratios=(1.0,),
        cv=work.splits(),
        tol=tolerance,
        max_iter=10_000,
        solver="liblinear" if work.family == "logistic" else "saga",
        scoring="neg_log_loss",
    )
    seconds, model = timed(model.fit, work.X, work.y)
    return Found(seconds, chosen=1 / (float(np.ravel(model.C_)[0]) * share))


@enter("scikit-learn", "loo", 0.0)
def scikit_learn_loo(work: Workload, tolerance: float) -> Found:
    """RidgeCV by its leave-one-out."""
    linear = importlib.import_module("sklearn.linear_model")
    need(work.l1_ratio == 0, "exact leave-one-out is ridge's")
    seconds, model = timed(linear.RidgeCV(alphas=work.strengths * len(work.y)).fit, work.X, work.y)
    return Found(seconds, *flat(model.coef_[None], model.intercept_), chosen=float(model.alpha_) / len(work.y))


# --- celer -------------------------------------------------------------------------------------------------------


@enter("celer", "path", 1e-4, 1e-5, 1e-6, 4e-7, 1e-8)
def celer_path(work: Workload, tolerance: float) -> Found:
    """Its path with working sets."""
    celer = importlib.import_module("celer")
    need(work.family in ("squared", "logistic") and work.l1_ratio > 0, "no such loss or penalty")
    need(work.family == "squared" or work.l1_ratio == 1, "no elastic net for this loss")
    options: dict[str, Any] = {"alphas": work.strengths, "tol": tolerance, "max_iter": 100, "prune": 1}
    kind = "lasso"
    if work.group:
        kind = "grouplasso"
        options |= {"groups": work.group, "alphas": work.strengths * np.sqrt(work.group)}
    elif work.family == "logistic":
        kind = "logreg"
        options |= {"use_PN": True, "alphas": work.strengths * len(work.y)}
    else:
        options["l1_ratio"] = work.l1_ratio
    seconds, (_, coef, _) = timed(celer.celer_path, work.X, _signed(work), kind, **options)
    return Found(seconds, *flat(coef.T[CHECKED], 0.0))


@enter("celer", "cv", 1e-4, 1e-5, 1e-6, 4e-7, 1e-8)
def celer_cv(work: Workload, tolerance: float) -> Found:
    """LassoCV, ElasticNetCV and GroupLassoCV."""
    celer = importlib.import_module("celer")
    need(work.family == "squared" and work.l1_ratio > 0, "no cross-validation for this loss or penalty")
    options: dict[str, Any] = {"cv": work.splits(), "tol": tolerance, "n_jobs": 1}
    scale = np.sqrt(work.group) if work.group else 1.0
    if work.group:
        model = celer.GroupLassoCV(groups=work.group, alphas=work.strengths * scale, **options)
    elif work.l1_ratio == 1:
        model = celer.LassoCV(alphas=work.strengths, **options)
    else:
        model = celer.ElasticNetCV(l1_ratio=work.l1_ratio, alphas=work.strengths, **options)
    seconds, model = timed(model.fit, work.X, work.y)
    return Found(seconds, chosen=float(model.alpha_ / scale))


# --- skglm -------------------------------------------------------------------------------------------------------


@enter("skglm", "path", 1e-4, 1e-5, 1e-6, 1e-7, 1e-9)
def skglm_path(work: Workload, tolerance: float) -> Found:
    """Its solvers, warm-started along the strengths."""
    datafits, penalties, solvers = (importlib.import_module(f"skglm.{m}") for m in ("datafits", "penalties", "solvers"))
    clone = importlib.import_module("skglm.utils.jit_compilation").compiled_clone
    need(work.family != "multinomial" and work.l1_ratio > 0, "no such loss or penalty")
    p = work.X.shape[1]
    common: dict[str, Any] = {"tol": tolerance, "fit_intercept": work.intercept, "warm_start": True}
    penalty = penalties.L1(1.0) if work.l1_ratio == 1 else penalties.L1_plus_L2(1.0, work.l1_ratio)
    if work.group:
        ends, order = np.append(work.starts, p).astype(np.int32), np.arange(p, dtype=np.int32)
        datafit, solver = datafits.QuadraticGroup(ends, order), solvers.GroupBCD(max_epochs=50_000, **common)
        penalty = penalties.WeightedGroupL2(1.0, np.full(len(work.starts), np.sqrt(work.group)), ends, order)
    elif work.family == "squared":
        datafit, solver = datafits.Quadratic(), solvers.AndersonCD(**common)
    else:
        datafit = datafits.Logistic() if work.family == "logistic" else datafits.Poisson()
        solver = solvers.ProxNewton(max_iter=50, **common)

    def walk() -> tuple[list[np.ndarray], list[float]]:
        fit, price, y = clone(datafit), clone(penalty), _signed(work)
        if sparse.issparse(work.X):
            fit.initialize_sparse(work.X.data, work.X.indptr, work.X.indices, y)
        else:
            fit.initialize(work.X, y)
        now, eta = np.zeros(p + work.intercept), np.zeros(len(y))
        coef, intercept = [], []
        for strength in work.strengths:
            price.alpha = strength
            now, _, _ = solver.solve(work.X, y, fit, price, now, eta, run_checks=False)
            coef.append(now[:p].copy())
            intercept.append(float(now[p]) if work.intercept else 0.0)
        return coef, intercept

    seconds, (coef, intercept) = timed(walk)
    return Found(seconds, *flat(np.array(coef)[CHECKED], np.array(intercept)[CHECKED]))


# --- adelie ------------------------------------------------------------------------------------------------------

_ADELIE = (1e-7, 1e-9, 1e-11, 1e-13)


def _adelie(work: Workload) -> tuple[Any, Any, Any, dict[str, Any]]:
    adelie = importlib.import_module("adelie")
    need(work.family != "multinomial", "its multinomial groups the classes")
    adelie.logger.logger.setLevel("ERROR")
    family = {"squared": "gaussian", "logistic": "binomial", "poisson": "poisson"}[work.family]
    X = adelie.matrix.sparse(work.X, method="naive", n_threads=1) if sparse.issparse(work.X) else work.X
    options: dict[str, Any] = {"alpha": work.l1_ratio, "progress_bar": False, "early_exit": False, "adev_tol": 1.0}
    if work.group:
        options["groups"] = work.starts
    return adelie, X, getattr(adelie.glm, family)(work.y), options


def _adelie_coef(work: Workload, state: Any, intercepts: bool) -> tuple[np.ndarray, np.ndarray]:
    got = np.asarray(state.lmdas)
    coef, intercept = [], []
    for strength in work.strengths[CHECKED]:
        k = int(np.argmin(np.abs(got - strength)))
        if abs(got[k] - strength) > 1e-8 * strength:
            raise RuntimeError(f"its path stopped at {len(got)} of {STEPS} strengths")
        coef.append(np.asarray(state.betas[k].todense()).ravel())
        intercept.append(float(np.ravel(state.intercepts[k])[0]) if intercepts else 0.0)
    return flat(coef, intercept)


@enter("adelie", "path", *_ADELIE)
def adelie_path(work: Workload, tolerance: float) -> Found:
    """Its group elastic net."""
    need(work.l1_ratio > 0, "a ridge is walked by leave-one-out here")
    adelie, X, glm, options = _adelie(work)
    options |= {"tol": tolerance, "irls_tol": tolerance, "intercept": work.intercept, "n_threads": 1}
    seconds, state = timed(adelie.grpnet, X, glm, lmda_path=work.strengths, **options)
    return Found(seconds, *_adelie_coef(work, state, True))


@enter("adelie, Gram", "path", *_ADELIE)
def adelie_gram(work: Workload, tolerance: float) -> Found:
    """NumPy's product first, then its covariance solver."""
    adelie = importlib.import_module("adelie")
    n, p = work.X.shape
    need(work.family == "squared" and not sparse.issparse(work.X) and p <= 6_000 and work.l1_ratio > 0, "Gram only")
    adelie.logger.logger.setLevel("ERROR")

    def walk() -> Any:
        return adelie.gaussian_cov(
            np.asfortranarray(work.X.T @ work.X) / n,
            work.X.T @ work.y / n,
            groups=work.starts if work.group else None,
            alpha=work.l1_ratio,
            lmda_path=work.strengths,
            tol=tolerance,
            n_threads=1,
            early_exit=False,
            rdev_tol=0,
            progress_bar=False,
        )

    seconds, state = timed(walk)
    return Found(seconds, *_adelie_coef(work, state, False))


@enter("adelie", "cv", *_ADELIE)
def adelie_cv(work: Workload, tolerance: float) -> Found:
    """Its cross-validation, on folds and strengths of its own."""
    need(work.l1_ratio > 0, "a ridge is walked by leave-one-out here")
    adelie, X, glm, options = _adelie(work)
    ratio = float(work.strengths[-1] / work.strengths[0])
    options |= {"n_folds": FOLDS, "seed": 0, "min_ratio": ratio, "lmda_path_size": STEPS, "n_threads": 1}
    seconds, result = timed(adelie.cv_grpnet, X, glm, tol=tolerance, irls_tol=tolerance, **options)
    return Found(seconds, chosen=float(result.lmdas[result.best_idx]), note="own folds and strengths")


# --- glum --------------------------------------------------------------------------------------------------------


def _glum(work: Workload, tolerance: float) -> tuple[Any, dict[str, Any]]:
    glum = importlib.import_module("glum")
    need(work.family != "multinomial" and not work.group and work.l1_ratio > 0, "no such model")
    need(work.X.shape[1] <= 6_000, "its matrix of second derivatives would not fit")
    family = {"squared": "normal", "logistic": "binomial", "poisson": "poisson"}[work.family]
    options = {"family": family, "l1_ratio": work.l1_ratio, "alphas": work.strengths, "gradient_tol": tolerance}
    return glum, {**options, "max_iter": 1_000, "copy_X": False}


@enter("glum", "path", 1e-4, 1e-5, 1e-6, 1e-7, 1e-9)
def glum_path(work: Workload, tolerance: float) -> Found:
    """Its search over alphas."""
    glum, options = _glum(work, tolerance)
    model = glum.GeneralizedLinearRegressor(alpha_search=True, fit_intercept=work.intercept, **options)
    seconds, model = timed(model.fit, work.X, work.y)
    intercept = np.asarray(model.intercept_path_)[CHECKED] if work.intercept else 0.0
    return Found(seconds, *flat(np.asarray(model.coef_path_)[CHECKED], intercept))


@enter("glum", "cv", 1e-4, 1e-5, 1e-6, 1e-7, 1e-9)
def glum_cv(work: Workload, tolerance: float) -> Found:
    """Its cross-validation."""
    glum, options = _glum(work, tolerance)
    model = glum.GeneralizedLinearRegressorCV(cv=work.splits(), n_jobs=1, **options)
    seconds, model = timed(model.fit, work.X, work.y)
    return Found(seconds, chosen=float(model.alpha_))
