"""Every penalty by name behind PenalizedRegressor and PenalizedClassifier."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from rightfit import PenalizedClassifier, PenalizedRegressor
from rightfit.errors import OptionError
from rightfit.penalties.fused import Fused
from rightfit.penalties.mcp import Mcp
from rightfit.penalties.slope import Slope

NAMES = ["adaptive", "fused", "mcp", "scad", "slope"]
QUICK = {"count": 12, "ratio": 0.02, "folds": 3}


def rows(n: int = 90, p: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p))
    return X, X[:, 0] + X[:, 1] - 0.5 * X[:, 2] + 0.7 * rng.normal(size=n)


@pytest.mark.parametrize("name", NAMES)
def test_by_name(name: str) -> None:
    X, y = rows()
    model = PenalizedRegressor(penalty=name, **QUICK).fit(X, y)
    assert model.score(X, y) > 0.5
    # the coefficients are those of the path at the chosen step, to the path's own tolerance
    np.testing.assert_allclose(model.coef_, model.path_.coef(model.choice_.step)[:, 0], rtol=0, atol=2e-3)
    classifier = PenalizedClassifier(penalty=name, **QUICK).fit(X, y > 0)
    assert classifier.score(X, y > 0) > 0.75


def test_a_made_one() -> None:
    X, y = rows()
    for penalty in (Mcp(gamma=2.0), Slope(q=0.2), Fused(0.9)):
        model = clone(PenalizedRegressor(penalty=penalty, **QUICK)).fit(X, y)
        assert model.penalty.sentence() == penalty.sentence()
        assert model.coef_.any()


@pytest.mark.parametrize("name", ["elastic_net", "mcp", "scad", "adaptive"])
def test_positive(name: str) -> None:
    X, y = rows()
    assert PenalizedRegressor(penalty=name, rule="best", **QUICK).fit(X, y).coef_.min() < 0
    model = PenalizedRegressor(penalty=name, positive=True, rule="best", **QUICK).fit(X, y)
    assert model.coef_.min() == 0
    assert model.coef_.max() > 0.5


@pytest.mark.parametrize("name", ["slope", "fused"])
def test_what_does_not_go_together_is_said(name: str) -> None:
    X, y = rows()
    with pytest.raises(OptionError, match=f"positive: penalty {name} takes no bounds; choose elastic_net"):
        PenalizedRegressor(penalty=name, positive=True).fit(X, y)
    with pytest.raises(OptionError, match=f"l1_ratio: penalty {name} has none"):
        PenalizedRegressor(penalty=name, l1_ratio=0.5).fit(X, y)
    with pytest.raises(OptionError, match=f"relax: a fit with penalty {name} cannot be relaxed"):
        PenalizedRegressor(penalty=name, relax=0.5).fit(X, y)
    with pytest.raises(OptionError, match=f"penalty {name} cannot be walked to strength 0"):
        PenalizedRegressor(penalty=name, strengths=[0.1, 0.0]).fit(X, y)


def test_wrong_numbers_are_named() -> None:
    X, y = rows()
    with pytest.raises(OptionError, match="l1_ratio must lie above 0 and at most 1 for mcp"):
        PenalizedRegressor(penalty="mcp", l1_ratio=0.0).fit(X, y)
    with pytest.raises(OptionError, match="gamma must be finite and above 1"):
        Mcp(gamma=1.0)
    with pytest.raises(OptionError, match="q must lie between 0 and 1"):
        Slope(q=1.0)
    with pytest.raises(OptionError, match="weights must be a list of finite numbers"):
        Slope(weights=np.array([1.0, 2.0]))
    with pytest.raises(OptionError, match="order must hold every column's number once"):
        Fused(order=np.array([0, 0, 1]))
    with pytest.raises(OptionError, match="weights must have one value for each of the 6"):
        PenalizedRegressor(penalty=Slope(weights=np.ones(4)), **QUICK).fit(X, y)
    with pytest.raises(OptionError, match="positive: give it with a penalty by name"):
        PenalizedRegressor(penalty=Mcp(), positive=True).fit(X, y)
