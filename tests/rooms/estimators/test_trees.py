"""Trees and forests at scikit-learn's door."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from scipy.special import kl_div
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import rightfit
from rightfit.contracts import Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.learners.forest import Forest, restore
from rightfit.records import Resamples
from rightfit.trees.lassoed import Says
from rightfit.trees.shrinkage import shrink
from tests.rooms.trees.tables import drawn, named

CV = [(np.flatnonzero(np.arange(300) % 4 != k), np.flatnonzero(np.arange(300) % 4 == k)) for k in range(4)]


@pytest.mark.parametrize("loss", ["squared", "poisson", "logistic", "multinomial"])
def test_evidence_is_that_of_trees_fitted_again_at_every_price(loss: str) -> None:
    X, y = drawn(loss)
    classes = loss in ("logistic", "multinomial")
    strengths = [0.1, 0.02, 0.006, 0.0]
    kind: Any = rightfit.PrunedTreeClassifier if classes else rightfit.PrunedTreeRegressor
    options = {"smoothing": 0.0} if classes else {"loss": loss, "smoothing": 0.0}
    model = kind(folds=CV, strengths=strengths, rule="best", min_samples_leaf=20, **options).fit(X, y)
    peer: Any = DecisionTreeClassifier if classes else DecisionTreeRegressor
    criterion = {"squared": "squared_error", "poisson": "poisson"}.get(loss, "gini")
    for k, alpha in enumerate(strengths):
        lost = np.zeros(len(y))
        for train, test in CV:
            tree = peer(random_state=0, min_samples_leaf=20, ccp_alpha=alpha, criterion=criterion)
            tree.fit(X[train], y[train])
            if classes:
                share = tree.predict_proba(X[test])[np.arange(len(test)), y[test].astype(int)]
                lost[test] = -np.log(np.maximum(share, np.exp(-700)))
            else:
                mean = tree.predict(X[test])
                lost[test] = (y[test] - mean) ** 2 / 2 if loss == "squared" else kl_div(y[test], mean)
        np.testing.assert_allclose(model.evidence_.loss[:, k], lost, rtol=1e-5, atol=1e-6)
    step = model.choice_.step
    tree = peer(random_state=0, min_samples_leaf=20, ccp_alpha=strengths[step], criterion=criterion).fit(X, y)
    assert model.n_leaves_ == tree.get_n_leaves()
    assert np.array_equal(model.predict(X), tree.predict(X)) or np.allclose(model.predict(X), tree.predict(X))
    np.testing.assert_allclose(model.feature_importances_, tree.feature_importances_, atol=1e-9)
    assert str(model.n_leaves_) in model.choice_.reason


def test_pruning_and_shrinkage_are_one_surface_of_the_same_trees() -> None:
    X, y = drawn("squared")
    shares = [0.0, 10.0, 100.0]
    both = rightfit.PrunedTreeRegressor(shrinkage=shares, folds=4, rule="best").fit(X, y)
    alone = [rightfit.PrunedTreeRegressor(shrinkage=share, folds=4, rule="best").fit(X, y) for share in shares]
    least = [model.curve_.mean.min() for model in alone]
    assert both.shrinkage_ == shares[int(np.argmin(least))] > 0
    assert both.curve_.mean.min() == min(least)
    assert both.predict(X).tobytes() == alone[int(np.argmin(least))].predict(X).tobytes()


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_forest_without_shrinkage_errs_as_that_of_scikit_learn(loss: str) -> None:
    X, y = drawn(loss, n=600)
    new, new_y = drawn(loss, n=600, seed=1)
    if loss == "squared":
        ours = rightfit.ShrunkForestRegressor(n_estimators=60, max_features=0.5).fit(X, y)
        peer = RandomForestRegressor(60, random_state=0, max_features=0.5).fit(X, y)
        theirs = np.mean((peer.predict(new) - new_y) ** 2)
        mine = np.mean((ours.path_.predict(make_design(new))[-1, :, 0] - new_y) ** 2)
        assert 2 * ours.curve_.mean[-1] == pytest.approx(theirs, rel=0.15)
    else:
        ours = rightfit.ShrunkForestClassifier(n_estimators=60).fit(X, y)
        peer = RandomForestClassifier(60, random_state=0).fit(X, y)
        theirs = np.mean(peer.predict(new) != new_y)
        mine = np.mean((ours.path_.predict(make_design(new))[-1, :, 0] > 0) != new_y)
    assert mine == pytest.approx(theirs, rel=0.1)
    assert ours.evidence_.name == "out-of-bag rows of 60 trees"


def test_out_of_bag_rows_tell_what_new_rows_lose() -> None:
    X, y = drawn("multinomial", n=500)
    new, new_y = drawn("multinomial", n=2000, seed=1)
    model = rightfit.ShrunkForestClassifier(n_estimators=30).fit(X, y)
    assert 0 < model.choice_.step < len(model.path_.strengths) - 1
    seen = -model.predict_log_proba(new)[np.arange(2000), new_y.astype(int)]
    error = np.sqrt(seen.var() / 500)
    assert abs(model.curve_.mean[model.choice_.step] - seen.mean()) < 3 * error
    assert seen.mean() < model.curve_.null
    convergence = model.convergence_
    assert (np.diff(convergence.trees) > 0).all()
    assert convergence.loss[-1] < convergence.loss[0]
    assert (convergence.spread > 0).all()
    assert "Twice as many trees" in convergence.sentence


def test_folds_judge_a_forest_as_well() -> None:
    X, y = drawn("poisson")
    model = rightfit.ShrunkForestRegressor(loss="poisson", n_estimators=20, evidence="folds", folds=3).fit(X, y)
    assert model.evidence_.name == "3 folds"
    again = rightfit.ShrunkForestRegressor(loss="poisson", n_estimators=20, threads=2).fit(X, y)
    assert (model.path_.predict(make_design(X)) == again.path_.predict(make_design(X))).all()


def test_groups_are_drawn_together() -> None:
    X, y = drawn("squared")
    group = np.arange(300) // 3
    model = rightfit.ShrunkForestRegressor(n_estimators=10).fit(X, y, groups=group)
    scored = ~np.isnan(model.evidence_.null)
    assert (scored.reshape(100, 3).all(axis=1) == scored.reshape(100, 3).any(axis=1)).all()
    assert len(np.unique(model.evidence_.unit)) == 100


def test_the_order_of_rows_does_not_matter_to_a_forest() -> None:
    X, y = drawn("squared")
    order = np.random.default_rng(0).permutation(300)
    one = rightfit.ShrunkForestRegressor(n_estimators=10, min_samples_leaf=5).fit(X, y)
    two = rightfit.ShrunkForestRegressor(n_estimators=10, min_samples_leaf=5).fit(X[order], y[order])
    np.testing.assert_allclose(one.curve_.mean, two.curve_.mean, rtol=0.02)


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("PrunedTreeRegressor", {"loss": "huber"}, "loss must be one of 'squared', 'poisson'"),
        ("PrunedTreeRegressor", {"shrinkage": -1.0}, "shrinkage must be a number of 0 or more"),
        ("PrunedTreeRegressor", {"max_depth": 0}, "max_depth must be a whole number of 1 or more"),
        ("PrunedTreeClassifier", {"criterion": "poisson"}, "criterion must be one of gini, entropy"),
        ("ShrunkForestRegressor", {"n_estimators": 0}, "n_estimators must be a whole number"),
        ("ShrunkForestRegressor", {"max_features": 3}, "max_features must be a share"),
        ("ShrunkForestClassifier", {"evidence": "hope"}, "evidence must be one of"),
    ],
)
def test_mistakes_are_named(kind: str, options: dict[str, Any], said: str) -> None:
    X, y = drawn("logistic")
    with pytest.raises(OptionError, match=said):
        getattr(rightfit, kind)(**options).fit(X, y)


def test_fits_keep_no_rows_and_can_be_copied() -> None:
    X, y = drawn("squared")
    model = rightfit.ShrunkForestRegressor(n_estimators=3).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert again.predict(X).tobytes() == model.predict(X).tobytes()
    assert model.path_.picture(0).convergence is None


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_few_trees_are_left_and_both_errors_are_told(loss: str) -> None:
    X, y = drawn(loss)
    new, new_y = drawn(loss, n=1000, seed=1)
    kind: Any = rightfit.ShrunkForestRegressor if loss == "squared" else rightfit.ShrunkForestClassifier
    model = kind(n_estimators=25, min_samples_leaf=3, folds=2, rule="best").fit(X, y)
    few = model.few_trees(X, y)
    assert 1 <= few.trees < 25 == few.of
    assert str(few.trees) in few.sentence
    assert abs(few.difference) < 0.15 * few.forest_loss
    says = few.model.predict(make_design(new))
    seen = few.row_loss.value(new_y, says[:, 0])
    assert seen.mean() == pytest.approx(few.loss, rel=0.2)
    again = restore(few.model.fitted())
    assert again.predict(make_design(new)).tobytes() == says.tobytes()
    if loss == "logistic":
        return
    mixed = model.few_trees(X, y, mixes=[1.0])
    assert mixed.trees == 25
    assert mixed.path.predict(make_design(X)).shape[0] == len(mixed.path.strengths)


def test_lasso_columns_are_trees_that_have_not_drawn_the_row() -> None:
    X, y = drawn("squared")
    learner = Forest(n_estimators=8, strengths=np.array([5.0]))
    problem = Problem(make_design(X), y, named("squared"), np.zeros(300))
    resamples = Resamples.full(np.ones(300))
    path = learner.fit_paths(problem, resamples)[0]
    live, rows = learner.left_out(problem, resamples)[0]
    Z, mean = Says(path, 5.0).out_of_bag(rows)
    assert len(live) == 300
    for i in (0, 7, 250):
        free = np.flatnonzero(rows.unseen[:, i])
        own = [shrink(path.trees[t], np.array([5.0]), path.sample.centre, 300.0)[:, 0, 0] for t in range(8)]
        says = np.array([own[t][path.trees[t].descend(X[i : i + 1])[0, 0]] for t in range(8)])
        np.testing.assert_allclose(Z[i, free], says[free])
        np.testing.assert_allclose(np.delete(Z[i], free), says[free].mean())
        np.testing.assert_allclose(mean[i], says[free].mean())


def test_more_than_two_classes_are_not_thinned() -> None:
    X, y = drawn("multinomial")
    model = rightfit.ShrunkForestClassifier(n_estimators=4, folds=3).fit(X, y)
    with pytest.raises(OptionError, match="more than two classes cannot be put through the lasso"):
        model.few_trees(X, y)
