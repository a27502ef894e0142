"""One call from arrays to a linear path, for tests that compare the whole chain with an outside truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.learners.linear import Linear
from rightfit.losses.gamma import Gamma
from rightfit.losses.huber import Huber
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial
from rightfit.losses.poisson import Poisson
from rightfit.losses.quantile import Quantile
from rightfit.losses.squared import Squared
from rightfit.losses.tweedie import Tweedie
from rightfit.penalties.elastic_net import ElasticNet
from rightfit.records import Resamples


def make_loss(family: str, settings: Any = (), y: Any = (), classes: int | None = None) -> Any:
    """By glmnet's word for it."""
    made: Any = {
        "gaussian": Squared,
        "binomial": Logistic,
        "poisson": Poisson,
        "multinomial": lambda: Multinomial(classes=classes or int(np.max(y)) + 1),
        "gamma": Gamma,
        "tweedie": lambda: Tweedie(*settings),
        "huber": lambda: Huber(*settings),
        "quantile": lambda: Quantile(*settings),
    }[family]
    return made()


def walk(
    family: str,
    x: Any,
    y: Any,
    *,
    strengths: Any = None,
    l1_ratio: float = 1.0,
    weight: Any = None,
    offset: Any = None,
    factors: Any = None,
    lower: Any = None,
    upper: Any = None,
    classes: int | None = None,
    names: Any = None,
    settings: Any = (),
    **options: Any,
) -> Any:
    """The full fit's path; ``family`` is glmnet's word, further options go to `Linear`."""
    design = make_design(x, names)
    y = np.asarray(y)
    loss = make_loss(family, settings, y, classes)
    weight = np.ones(design.n) if weight is None else np.asarray(weight)
    offset = np.zeros(design.n) if offset is None else np.asarray(offset)
    penalty = ElasticNet(l1_ratio=l1_ratio, factors=factors, lower=lower, upper=upper)
    learner = Linear(penalty=penalty, strengths=strengths, **options)
    return learner.fit_paths(Problem(design, loss.check(y), loss, offset), Resamples.full(weight))[0]
