"""Trees and boosting: a map that learns every dot, many trees that vote, and small steps that must be stopped."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import (
    BoostingClassifier,
    BoostingRegressor,
    PrunedTreeClassifier,
    PrunedTreeRegressor,
    ShrunkForestClassifier,
    ShrunkForestRegressor,
)
from rightfit.data.design import make_design
from rightfit.learn.lessons.overfitted_suit import typical
from rightfit.learn.results import (
    Axis,
    Control,
    Layer,
    Panel,
    Picture,
    Results,
    cells,
    draw,
    line,
    make_results,
    points,
    rule,
    say,
)

DOTS, NEW, STOPS, SIDE = 120, 3000, 8, 26
LEARNERS = ("one tree", "forest", "boosting")
ACROSS, UP = np.linspace(-2.1, 3.1, SIDE), np.linspace(-1.7, 2.2, SIDE)
RATES, SHARES, ROUNDS = (1.0, 0.3, 0.1, 0.03), (1.0, 0.5), 150
ROWS = 200


def compute() -> Results:
    """All fits of the lesson."""
    dots, walks = _moons(), _boost()
    facts, claims = _tell_maps(dots)
    for more, others in (_tell_boosting(walks), _tell_limits(), _tell_leaf()):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_maps(dots), _draw_boosting(walks)))


def _moons() -> dict[str, Any]:
    """The dots, and for each learner eight steps of its path: the map, and the share of wrong answers on own and new
    dots."""
    from sklearn.datasets import make_moons

    X, y = make_moons(DOTS, noise=0.38, random_state=1)
    fresh, told = make_moons(NEW, noise=0.38, random_state=2)
    grid = np.column_stack([place.ravel() for place in np.meshgrid(ACROSS, UP)])
    models = (
        PrunedTreeClassifier(min_samples_leaf=1, rule="best", folds=5),
        ShrunkForestClassifier(n_estimators=50, rule="best"),
        BoostingClassifier(rounds=200, max_depth=3, folds=3, rule="best"),
    )
    found: dict[str, Any] = {"X": X, "y": y, "walks": []}
    for model in models:
        path = model.fit(X, y).path_
        steps = np.unique(np.linspace(0, len(path.strengths) - 1, STOPS).astype(int))
        new, own, area = (path.predict(make_design(table))[:, :, 0] for table in (fresh, X, grid))
        found["walks"].append(
            {
                "steps": steps,
                "strengths": path.strengths,
                "size": path.complexity,
                "new": ((new > 0) != told).mean(axis=1),
                "own": ((own > 0) != y).mean(axis=1),
                "maps": [(1 / (1 + np.exp(-area[k]))).reshape(SIDE, SIDE) for k in steps],
                "chosen": model.choice_.step,
            }
        )
    return found


def _tell_maps(dots: dict[str, Any]) -> tuple[dict[str, Any], dict[str, bool]]:
    tree, forest, boosting = dots["walks"]
    facts = {
        "dots": DOTS,
        "new": NEW,
        "tree_leaves": int(tree["size"][-1]) + 1,
        "tree_own": tree["own"][-1],
        "tree_new": tree["new"][-1],
        "tree_least": tree["new"].min(),
        "pruned_leaves": int(tree["size"][np.argmin(tree["new"])]) + 1,
        "forest_own": forest["own"][-1],
        "forest_new": forest["new"][-1],
        "forest_least": forest["new"].min(),
    }
    claims = {
        "the whole tree knows every dot": tree["own"][-1] == 0,
        "pruning helps the tree": facts["tree_least"] < facts["tree_new"] - 0.02,
        "a forest that knows its dots is better than the tree": facts["forest_new"] < facts["tree_new"] - 0.02,
        "boosting goes too far": boosting["new"][-1] > boosting["new"].min() + 0.01,
    }
    return facts, claims


def _draw_maps(dots: dict[str, Any]) -> Picture:
    controls = (
        Control("learner", "Model", LEARNERS, buttons=True),
        Control("step", "Freedom", ("none, the constant", *(str(k) for k in range(1, STOPS - 1)), "all"), STOPS - 1),
    )
    panels = (
        Panel("What the model says where", Axis("", -2.1, 3.1), Axis("", -1.7, 2.2), height=330),
        Panel("Share of wrong answers", Axis("freedom", 0, STOPS - 1), Axis("", 0, 0.55), height=330),
    )
    X, y = dots["X"], dots["y"]

    def at(learner: int, step: int) -> int:
        steps = dots["walks"][learner]["steps"]
        return int(steps[min(step, len(steps) - 1)])

    def errors(learner: int) -> list[Layer]:
        walk = dots["walks"][learner]
        return [
            line(walk["own"][walk["steps"]], style="training", words="own dots"),
            line(walk["new"][walk["steps"]], words=f"{NEW} new dots"),
        ]

    def sentence(learner: int, step: int) -> str:
        walk, k = dots["walks"][learner], at(learner, step)
        strength = walk["strengths"][k]
        if learner == 0:
            words = f"{round(walk['size'][k]) + 1} leaves"
        elif np.isinf(strength):
            words = "the constant"
        else:
            words = f"leaves shrunken by {strength:.3g} rows" if learner == 1 else f"{1 / (0.1 * strength):.0f} rounds"
        return (
            f"{LEARNERS[learner].capitalize()}, {words}: wrong on {100 * walk['own'][k]:.0f} % of its own dots and "
            f"{100 * walk['new'][k]:.1f} % of new ones. Its best step: {100 * walk['new'].min():.1f} %."
        )

    drawn = (
        draw(0, controls, ("learner", "step"), lambda learner, step: cells(
            ACROSS, UP, dots["walks"][learner]["maps"][min(step, len(dots["walks"][learner]["maps"]) - 1)])),
        draw(0, controls, (), lambda: [
            points(X[y == 1, 1], X[y == 1, 0], words="yes"),
            points(X[y == 0, 1], X[y == 0, 0], style="second", words="no")]),
        draw(1, controls, ("learner",), errors),
        draw(1, controls, ("step",), lambda step: rule(step)),
    )  # fmt: skip
    title = "A hundred and twenty dots: take freedom away from the tree, then try the others"
    return Picture("maps", title, controls, panels, drawn, say(controls, ("learner", "step"), sentence))


def curves(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten columns, the noisy target and its mean, made of steps and a curve."""
    generator = np.random.default_rng(seed)
    X = generator.standard_normal((rows, 10))
    mean = 2 * (X[:, 0] > 0) * (X[:, 1] > 0) + 1.5 * (X[:, 2] > 0.5) + np.sin(1.5 * X[:, 3])
    return X, mean + generator.standard_normal(rows), mean


def _boost() -> dict[tuple[int, int], dict[str, Any]]:
    """(rate, share of rows): typical errors by round, on own rows and on new ones."""
    X, y, _ = curves(ROWS, 1)
    fresh, told, _ = curves(2000, 2)
    found = {}
    for r, rate in enumerate(RATES):
        for s, share in enumerate(SHARES):
            model = BoostingRegressor(
                learning_rate=rate, subsample=share, rounds=ROUNDS, max_depth=3, folds=2, rule="best", threads=1
            ).fit(X, y)
            path = model.path_
            rounds = np.where(np.isinf(path.strengths), 0, np.rint(1 / (rate * path.strengths)))
            own, new = path.predict(make_design(X))[:, :, 0], path.predict(make_design(fresh))[:, :, 0]
            found[r, s] = {
                "rounds": rounds,
                "own": np.array([typical(eta - y) for eta in own]),
                "new": np.array([typical(eta - told) for eta in new]),
            }
    return found


def _tell_boosting(walks: dict[tuple[int, int], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, bool]]:
    quick, slow = walks[0, 0], walks[2, 0]
    facts = {
        "boost_rows": ROWS,
        "rounds": ROUNDS,
        "quick_least": quick["new"].min(),
        "slow_rate": RATES[2],
        "slow_least": slow["new"].min(),
        "slow_round": int(slow["rounds"][np.argmin(slow["new"])]),
        "slow_own": slow["own"][-1],
        "slow_end": slow["new"][-1],
        "half_least": walks[2, 1]["new"].min(),
        "half_quick": walks[0, 1]["new"].min(),
    }
    claims = {
        "a small learning rate is better at its best": facts["slow_least"] < facts["quick_least"],
        "more rounds than the best are worse": facts["slow_end"] > facts["slow_least"] + 0.01,
        "the error on own rows falls all the way": slow["own"][-1] < 0.6 * slow["new"].min(),
    }
    return facts, claims


def _draw_boosting(walks: dict[tuple[int, int], dict[str, Any]]) -> Picture:
    controls = (
        Control("rate", "Learning rate", tuple(f"{k:g}" for k in RATES), 0, buttons=True),
        Control("share", "Rows drawn for each tree", ("all", "half"), buttons=True),
    )
    panel = Panel("Typical error", Axis("rounds", 0, ROUNDS), Axis("", 0, 2.2), height=320)
    by = ("rate", "share")

    def layers(rate: int, share: int) -> list[Layer]:
        walk = walks[rate, share]
        return [
            line(walk["own"], walk["rounds"], style="training", words="own rows"),
            line(walk["new"], walk["rounds"], words="new rows"),
            rule(walk["rounds"][np.argmin(walk["new"])], style="rule", words="best round"),
        ]

    def sentence(rate: int, share: int) -> str:
        walk = walks[rate, share]
        best = int(np.argmin(walk["new"]))
        return (
            f"Best after round {walk['rounds'][best]:.0f}: {walk['new'][best]:.3f}. After {ROUNDS} rounds own rows "
            f"are missed by {walk['own'][-1]:.2f} and new ones by {walk['new'][-1]:.3f}. Noise alone is 1."
        )

    title = "Boosting: how large a step, and when to stop"
    return Picture("rounds", title, controls, (panel,), (draw(0, controls, by, layers),), say(controls, by, sentence))


def _tell_limits() -> tuple[dict[str, Any], dict[str, bool]]:
    """One limit at a time, on the same rows: typical error on new rows."""
    X, y, _ = curves(ROWS, 1)
    fresh, told, _ = curves(2000, 2)

    def off(model: Any) -> float:
        return typical(model.fit(X, y).predict(fresh) - told)

    whole: dict[str, Any] = {"strengths": [0.0], "min_samples_leaf": 1, "folds": 2}
    grown: dict[str, Any] = {"strengths": [0.0]}
    rows = [
        ("one tree, grown to the end", "", off(PrunedTreeRegressor(**whole))),
        ("a limit on its depth", "`max_depth` 3", off(PrunedTreeRegressor(**whole | {"max_depth": 3}))),
        ("a leaf needs rows", "`min_samples_leaf` 10", off(PrunedTreeRegressor(**whole | {"min_samples_leaf": 10}))),
        ("a split needs rows", "`min_samples_split` 40", off(PrunedTreeRegressor(**whole, min_samples_split=40))),
        ("pruned by price", "chosen on unseen rows", off(PrunedTreeRegressor(min_samples_leaf=1, rule="best"))),
        ("leaves shrunken to their parents", "`shrinkage` 10", off(PrunedTreeRegressor(**whole, shrinkage=10.0))),
        ("forest of 5 trees", "`n_estimators` 5", off(ShrunkForestRegressor(n_estimators=5, **grown))),
        ("forest of 100", "`n_estimators` 100", off(ShrunkForestRegressor(n_estimators=100, **grown))),
        ("that sees few columns a split", "`max_features` 0.3", off(ShrunkForestRegressor(max_features=0.3, **grown))),
    ]
    told_off = {words: error for words, _, error in rows}
    first = rows[0][2]
    facts: dict[str, Any] = {
        "limits": [{"words": words, "name": name, "error": error} for words, name, error in rows],
        "limit_five": told_off["forest of 5 trees"],
        "limit_hundred": told_off["forest of 100"],
    }
    claims = {
        "every limit is better than none": all(error < first for _, _, error in rows[1:]),
        "more trees are better": facts["limit_hundred"] < facts["limit_five"],
    }
    return facts, claims


def _tell_leaf() -> tuple[dict[str, Any], dict[str, bool]]:
    """The score of one leaf, by the formula."""
    pull, rows, l1, l2 = 12.0, 4.0, 2.0, 1.0
    facts = {
        "pull": pull,
        "leaf_rows": rows,
        "leaf_l1": l1,
        "leaf_l2": l2,
        "leaf": (pull - l1) / (rows + l2),
        "leaf_free": pull / rows,
        "leaf_ridge": pull / (rows + l2),
        "leaf_small": 1.5,
    }
    return facts, {"a pull below alpha gives nothing": facts["leaf_small"] < l1}
