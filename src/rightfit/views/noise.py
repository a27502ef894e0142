"""How large the noise is that a strength is read with."""

from __future__ import annotations

import numpy as np

from rightfit.contracts import Problem
from rightfit.errors import FitError, OptionError


def estimate_noise(problem: Problem, weight: np.ndarray, eta: np.ndarray, complexity: float) -> tuple[float, str]:
    """v and how it was found, for a fit with linear predictors eta (n,) and ``complexity`` degrees of freedom,
    intercept not counted.

    1 for likelihood losses (classes, counts). Else, with l' and l'' the derivatives of the rows' losses and n the sum
    of the weights, (sum w l'^2 / sum w l'') n / (n - 1 - complexity): for squared loss the residual squares over their
    degrees of freedom (Reid, Tibshirani and Friedman 2016), for other deviances the dispersion at which Bartlett's
    second identity, E l'^2 / v = E l'', holds.
    """
    if problem.loss.dispersion == 0:
        return 1.0, f"{problem.loss.name} loss is minus the log likelihood itself"
    rows = float(weight.sum())
    freedom = rows - 1 - complexity
    if freedom < 1:
        raise FitError(
            "the step uses as many columns as there are rows, so nothing is left to tell the noise by; tell noise="
        )
    slope, curvature = problem.loss.slope(problem.y, eta), problem.loss.second_derivative(problem.y, eta)
    found = float(weight @ slope**2) / float(weight @ curvature) * rows / freedom
    if not 0 < found < np.inf:
        raise FitError("the fit reproduces the target exactly, so that no noise is left to read the strength with")
    squares = "residual squares" if problem.loss.quadratic else "squared slopes of the loss over its curvatures"
    return found, f"{squares} over {freedom:,.4g} degrees of freedom (rows less those that the fit uses)"


def check_loss(problem: Problem) -> None:
    """OptionError says why a loss is no likelihood whose posterior is computed here."""
    loss = problem.loss
    if loss.outputs > 1:
        raise OptionError(
            f"{loss.name} loss has several outputs a row; the Bayesian view knows one: a number, two classes, counts, "
            "amounts"
        )
    if loss.coupled:
        raise OptionError(
            f"{loss.name} loss is a partial likelihood, in which rows depend on each other; the Bayesian view knows "
            "likelihoods of independent rows alone"
        )
    if not loss.mean:
        raise OptionError(
            f"{loss.name} loss was chosen for its robustness, not as the likelihood of the target; the Bayesian view "
            "knows squared, logistic, poisson, gamma and tweedie loss"
        )
