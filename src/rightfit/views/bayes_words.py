"""What the Bayesian view says, in sentences."""

from __future__ import annotations

import numpy as np

from rightfit.records import Bayes, Posterior, Run
from rightfit.views.chains import ENOUGH, MIXED, Mixing
from rightfit.views.penalized_fit import PenalizedFit

KINK = (
    "No posterior is computed: with this loss the lasso and the elastic net have a kink at zero, where no normal "
    "distribution can stand for the posterior. A ridge has one (--penalty ridge)."
)
_SHAPES = {
    "Gaussian": "a Gaussian prior around 0",
    "Laplace": "a Laplace prior around 0",
    "elastic net": "a prior around 0 that is the product of a Laplace and a Gaussian density",
}
_METHODS = {
    "exact": "The posterior is exact.",
    "sampled": "The posterior was sampled.",
    "approximate": "The posterior is approximated by the normal distribution that touches it at its mode.",
}
_HEAVY = 5.0
"""Excess kurtosis of residuals from which a warning is worth its place; that of a Laplace distribution is 3."""


def too_many(columns: int, most: int) -> str:
    """Why nothing was sampled."""
    return f"No posterior is computed: {columns:,} columns are penalized, and posteriors are sampled up to {most:,}."


def integrated(freedom: float, *, penalized: bool) -> str:
    """How the noise of an exact posterior was found."""
    squares = "(residual squares + the penalty's)" if penalized else "residual squares"
    return (
        f"{squares} / {freedom:,.6g}; the posterior does not know it either, and is Student's "
        "distribution for that reason"
    )


def say(run: Run, fit: PenalizedFit, found: Bayes, lacking: str, *, grouped: bool) -> tuple[str, ...]:
    """All sentences, the prior first."""
    said = [_prior(run, fit, found), _noise(fit, found), lacking]
    if found.posterior is not None:
        said.append(_posterior(fit, found.posterior))
        if fit.absolute:
            said.append(_zeros(fit, found.posterior))
        if found.posterior.method == "sampled":
            said.append(_chains(found.posterior))
    if found.marginal is not None:
        said.append(found.marginal.sentence)
    elif fit.absolute:
        said.append(
            "How probable the data are at each strength has no closed form for a prior with an absolute part, and is "
            "not computed; for ridge it is."
        )
    if found.predictive is not None:
        p = found.predictive
        said.append(
            f"Predictive intervals at {100 * p.level:g} % are {p.width:.3g} wide on average; "
            f"{100 * (1 - p.noise):.2g} % of their variance is doubt about coefficients, the rest is noise of single "
            f"rows. Of the rows, {100 * p.covered:.1f} % lie inside the interval that the other rows give them."
        )
    said.append(_tails(fit))
    if (fit.weight[fit.weight > 0] != 1).any():
        said.append(
            f"Row weights are read as numbers of rows: the posterior counts n = {fit.rows:,.6g}. Weights that are no "
            "such numbers make it too narrow or too wide."
        )
    if grouped:
        said.append(
            "Rows of one group are taken as independent here; where they are alike, the intervals are too narrow."
        )
    return tuple(sentence for sentence in said if sentence)


def _prior(run: Run, fit: PenalizedFit, found: Bayes) -> str:
    assert found.prior is not None
    strength = f"Strength {fit.strength:.4g}"
    live = np.flatnonzero((fit.l1 > 0) | (fit.l2 > 0))
    if fit.strength == 0 or not len(live):
        return f"{strength} is no penalty: the prior of every coefficient is flat, and the posterior is the likelihood."
    spread = found.prior.deviation[live] * fit.trace.scale[live]
    alike = np.ptp(spread) <= 1e-9 * spread[0]
    size = f"{spread[0]:.3g}" if alike else f"between {spread.min():.3g} and {spread.max():.3g}"
    free = int(fit.flat.sum())
    flat = f"{free:,} columns without a penalty and the intercept have flat priors" if free else (
        "The intercept has a flat prior"
    )  # fmt: skip
    return (
        f"{strength} stands for {_SHAPES[found.prior.family]}: before a row is seen, a change of a column by one "
        f"standard deviation is believed to move {_moved(run, fit)} by 0, give or take {size} (one standard "
        f"deviation). {flat}. The penalized fit is the mode of the posterior."
    )


def _moved(run: Run, fit: PenalizedFit) -> str:
    """What a coefficient moves."""
    target = run.task.target
    if fit.problem.loss.predicts == "number":
        return target
    if fit.problem.loss.predicts == "probability":
        return f"the log odds of {run.task.classes[-1] if run.task.classes else target}"
    return f"the logarithm of the mean of {target}"


def _noise(fit: PenalizedFit, found: Bayes) -> str:
    if fit.told is not None:
        return f"The strength was read with the noise variance that was told, {found.noise:.4g}."
    if fit.problem.loss.dispersion == 0:
        return f"The strength was read with dispersion 1: {found.noise_sentence}."
    word = "noise variance" if fit.problem.loss.quadratic else "dispersion"
    return f"It was read with a {word} of {found.noise:.4g}, estimated as {found.noise_sentence}."


def _posterior(fit: PenalizedFit, posterior: Posterior) -> str:
    live = ~fit.excluded
    clear = int(((posterior.lower > 0) | (posterior.upper < 0))[live].sum())
    return (
        f"{_METHODS[posterior.method]} The {100 * posterior.level:g} % credible intervals of {clear:,} of "
        f"{int(live.sum()):,} coefficients leave out 0. They say what to believe where prior and model hold; a share "
        "of hits over repeated samples is what debiased intervals promise."
    )


def _tails(fit: PenalizedFit) -> str:
    """Whether noise that is not normal speaks against the view; nothing where it does not."""
    if not fit.problem.loss.quadratic:
        return ""
    share, away = fit.weight / fit.weight.sum(), fit.problem.y - fit.eta
    square = float(share @ away**2)
    excess = float(share @ away**4) / square**2 - 3 if square > 0 else 0.0
    if excess < _HEAVY:
        return ""
    return (
        f"The view supposes normal noise, and the residuals are far from it (excess kurtosis {excess:.3g}, the "
        f"largest is {float(np.abs(away).max()) / square**0.5:.3g} standard deviations): believe held-out rows more "
        "than marginal likelihood and intervals."
    )


def _zeros(fit: PenalizedFit, posterior: Posterior) -> str:
    live = ~fit.excluded
    mode = int((fit.trace.coef(fit.step)[live, 0] == 0).sum())
    mean = int((posterior.mean[live] == 0).sum())
    small = int((posterior.near[live] > 0.5).sum())
    return (
        f"The mode has {mode:,} coefficients of exactly 0, the posterior mean has {mean:,}: the prior peaks at zero "
        f"but gives it no probability, so that exact zeros belong to the mode alone. {small:,} coefficients are more "
        "likely than not too small to matter (a standard deviation of the column moves the prediction by less than a "
        "hundredth of the target's)."
    )


def _chains(posterior: Posterior) -> str:
    mixing = Mixing(posterior.r_hat, posterior.bulk, posterior.tail)
    start = (
        f"{posterior.chains} chains of {posterior.draws:,} draws: largest R-hat {mixing.worst:.3f}, at least "
        f"{np.floor(mixing.least):,.0f} independent draws for every coefficient"
    )
    if mixing.enough:
        return f"{start}: the chains tell the same."
    return (
        f"{start}. That is not enough (R-hat below {MIXED:g} and {ENOUGH} draws are wanted): take more with "
        "run.bayes(data, draws=...) before you read the intervals closely."
    )
