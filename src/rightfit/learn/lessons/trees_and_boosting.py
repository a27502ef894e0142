"""Trees and boosting: one tree, a crowd of trees, and trees that correct each other, from a few leaves to far too many."""

from __future__ import annotations

from typing import Any

import numpy as np

from rightfit import BoostingRegressor, PrunedTreeRegressor, ShrunkForestRegressor
from rightfit.data.design import make_design
from rightfit.learn.results import Axis, Control, Panel, Picture, Results, cells, draw, line, make_results, points, rule, say

LEAVES = (1, 2, 4, 8, 16, 32, 64, 128)
KINDS = ("one tree", "a forest")
ROWS, NOISE, CROWD = 200, 0.5, 60
SIDE = np.linspace(0.025, 0.975, 20)
TOWNS = 10
RATES, DEPTHS, LAMBDAS = (0.05, 0.3, 1.0), (1, 3, 6), (0.0, 20.0)
LOUD, MOST = 3.0, 200


def compute() -> Results:
    """All fits of the lesson."""
    maps = {(kind, leaves): _map(kind, leaves) for kind in KINDS for leaves in LEAVES}
    walks = {(rate, depth, price): _boost(rate, depth, price) for rate in RATES for depth in DEPTHS for price in LAMBDAS}
    facts, claims = _tell_maps(maps)
    for more, others in (_tell_towns(), _tell_pruning(), _tell_boosting(walks)):
        facts, claims = facts | more, claims | others
    return make_results(facts, claims, (_draw_maps(maps), _draw_boosting(walks)))


def price_of(place: np.ndarray) -> np.ndarray:
    """What a house costs at a place of the square town: dear along a river that crosses it."""
    return np.asarray(2 * np.exp(-(((place[:, 0] - place[:, 1]) / 0.25) ** 2)) - place[:, 0])


def draw_houses(seed: int, count: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Places of houses and their prices, with what a buyer paid too much or too little."""
    generator = np.random.default_rng([seed, 9])
    place = generator.random((count, 2))
    return place, price_of(place) + NOISE * generator.standard_normal(count)


def grow(kind: str, leaves: int, place: np.ndarray, price: np.ndarray) -> Any:
    """A tree or a forest of at most so many leaves a tree, neither pruned nor shrunken."""
    if kind == KINDS[0]:
        tree = PrunedTreeRegressor(max_leaf_nodes=max(leaves, 2), min_samples_leaf=1, strengths=[1e6, 0.0], folds=2)
        return tree.fit(place, price)
    options = {"max_leaf_nodes": max(leaves, 2), "min_samples_leaf": 1, "max_features": 1, "n_estimators": CROWD}
    return ShrunkForestRegressor(strengths=[1e9, 0.0], **options).fit(place, price)


def say_prices(kind: str, leaves: int, place: np.ndarray, price: np.ndarray, where: np.ndarray) -> np.ndarray:
    """What the grown trees say at some places; a single leaf says the mean."""
    if leaves == 1:
        return np.full(len(where), price.mean())
    return np.asarray(grow(kind, leaves, place, price).path_.predict(make_design(where))[-1, :, 0])


def _square() -> np.ndarray:
    return np.column_stack([np.tile(SIDE, len(SIDE)), np.repeat(SIDE, len(SIDE))])


def _map(kind: str, leaves: int) -> dict[str, Any]:
    place, price = draw_houses(0)
    fresh, paid = draw_houses(1, 4000)
    said = say_prices(kind, leaves, place, price, np.vstack([_square(), place, fresh]))
    square, own, new = np.split(said, [len(SIDE) ** 2, len(SIDE) ** 2 + ROWS])
    return {"map": square, "own": np.mean((own - price) ** 2), "new": np.mean((new - paid) ** 2)}


def _tell_maps(maps: dict[tuple[str, int], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    tree, forest = ([maps[kind, leaves] for leaves in LEAVES] for kind in KINDS)
    best = int(np.argmin([one["new"] for one in tree]))
    facts = {
        "rows": ROWS,
        "most": LEAVES[-1],
        "crowd": CROWD,
        "noise_square": NOISE**2,
        "tree_best_leaves": LEAVES[best],
        "tree_best": tree[best]["new"],
        "tree_most": tree[-1]["new"],
        "tree_own": tree[-1]["own"],
        "stump": tree[1]["new"],
        "forest_most": forest[-1]["new"],
        "forest_own": forest[-1]["own"],
    }
    claims = {
        "a tree of many leaves overfits": facts["tree_most"] > 1.1 * facts["tree_best"],
        "a forest of such trees hardly does": facts["forest_most"] < 1.1 * min(one["new"] for one in forest),
        "the forest of large trees beats the best tree": facts["forest_most"] < facts["tree_best"],
    }
    return facts, claims


def _draw_maps(maps: dict[tuple[str, int], dict[str, Any]]) -> Picture:
    controls = (
        Control("leaves", "Leaves of a tree", tuple(str(k) for k in LEAVES), 2),
        Control("kind", "Model", KINDS, buttons=True),
    )
    size = Axis("leaves of a tree", LEAVES[0], LEAVES[-1], "log")
    panels = (
        Panel("What a house costs: blue dear, orange cheap", Axis("east", 0, 1), Axis("", 0, 1), square=True, height=330),
        Panel("Mean squared error", size, Axis("", 0, 1), tuple(float(k) for k in LEAVES), height=330),
    )

    def town(leaves: int, kind: int) -> Any:
        value = maps[KINDS[kind], LEAVES[leaves]]["map"].reshape(len(SIDE), len(SIDE))
        return cells(SIDE, SIDE, np.clip(0.5 + 0.2 * (value - 0.3), 0, 1))

    def errors(kind: int) -> list[Any]:
        return [
            line([maps[KINDS[kind], k]["own"] for k in LEAVES], style="training", words="on its own houses"),
            line([maps[KINDS[kind], k]["new"] for k in LEAVES], words="on other houses"),
        ]

    def sentence(leaves: int, kind: int) -> str:
        one = maps[KINDS[kind], LEAVES[leaves]]
        best = min(LEAVES, key=lambda k: float(maps[KINDS[kind], k]["new"]))
        return (
            f"{LEAVES[leaves]} {'leaf' if LEAVES[leaves] == 1 else 'leaves'}: error {one['own']:.2f} on its own houses, "
            f"{one['new']:.2f} on others. Best with {best}: {maps[KINDS[kind], best]['new']:.2f}."
        )

    drawn = (
        draw(0, controls, ("leaves", "kind"), town),
        draw(1, controls, ("kind",), errors),
        draw(1, controls, ("leaves",), lambda leaves: rule(float(LEAVES[leaves]))),
    )
    title = "Let the tree grow, then call a crowd"
    return Picture("town", title, controls, panels, drawn, say(controls, ("leaves", "kind"), sentence))


def _tell_towns() -> tuple[dict[str, Any], dict[str, Any]]:
    """Bias and variance: the same town, other houses."""
    square = _square()
    facts: dict[str, Any] = {"towns": TOWNS}
    for name, kind, leaves in (("stump", KINDS[0], 2), ("tree", KINDS[0], LEAVES[-1]), ("forest", KINDS[1], LEAVES[-1])):
        said = np.array([say_prices(kind, leaves, *draw_houses(seed), square) for seed in range(10, 10 + TOWNS)])
        spread = said.var(axis=0, ddof=1)
        facts[f"{name}_variance"] = float(spread.mean())
        facts[f"{name}_bias"] = float(np.mean((said.mean(axis=0) - price_of(square)) ** 2 - spread / TOWNS))
    claims = {
        "a stump has bias, a large tree variance": facts["stump_bias"] > 3 * facts["tree_bias"]
        and facts["tree_variance"] > 3 * facts["stump_variance"],
        "a forest takes the variance away": facts["forest_variance"] < 0.6 * facts["tree_variance"],
    }
    return facts, claims


def _tell_pruning() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the evidence chooses: prices of a leaf, and shrinkage of all leaves."""
    place, price = draw_houses(0)
    fresh, paid = draw_houses(1, 4000)
    pruned = PrunedTreeRegressor(min_samples_leaf=1, rule="best").fit(place, price)
    shrunk = PrunedTreeRegressor(min_samples_leaf=1, rule="best", shrinkage=[0, 3, 10, 30]).fit(place, price)
    new = [float(np.mean((model.predict(fresh) - paid) ** 2)) for model in (pruned, shrunk)]
    facts = {
        "pruned_leaves": int(pruned.n_leaves_),
        "pruned_new": new[0],
        "shrinkage": shrunk.shrinkage_,
        "shrunk_leaves": int(shrunk.n_leaves_),
        "shrunk_new": new[1],
    }
    return facts, {"shrinking helps beside pruning": facts["shrinkage"] > 0 and new[1] < new[0]}


def _boost(rate: float, depth: int, price: float) -> dict[str, np.ndarray]:
    """Own and other rows' errors by round, on ten columns of which five matter, with loud noise."""
    from sklearn.datasets import make_friedman1

    X, y = make_friedman1(ROWS, noise=LOUD, random_state=0)
    fresh, later = make_friedman1(3000, noise=LOUD, random_state=1)
    options = {"learning_rate": rate, "max_depth": depth, "reg_lambda": price, "rounds": MOST}
    model = BoostingRegressor(**options, folds=3, refit="same").fit(X, y)
    own, new = (
        ((model.path_.predict(make_design(rows))[:, :, 0] - target) ** 2).mean(axis=1)
        for rows, target in ((X, y), (fresh, later))
    )
    return {"rounds": np.asarray(model.path_.axis.positions), "own": own, "new": new}


def _tell_boosting(walks: dict[tuple[float, int, float], dict[str, np.ndarray]]) -> tuple[dict[str, Any], dict[str, Any]]:
    fast, slow = walks[1.0, 3, 0.0], walks[0.05, 3, 0.0]
    priced, deep = walks[1.0, 3, 20.0], walks[0.05, 6, 0.0]
    facts = {
        "loud_square": LOUD**2,
        "rounds": MOST,
        "fast_best": fast["new"].min(),
        "fast_best_rounds": int(fast["rounds"][np.argmin(fast["new"])]),
        "fast_end": fast["new"][-1],
        "fast_own": fast["own"][-1],
        "slow_best": slow["new"].min(),
        "slow_best_rounds": int(slow["rounds"][np.argmin(slow["new"])]),
        "slow_end": slow["new"][-1],
        "priced_best": priced["new"].min(),
        "deep_best": deep["new"].min(),
        "slow_rate": 0.05,
        "price": LAMBDAS[1],
        "small_leaf": 5,
        "large_leaf": 100,
        "small_kept": 5 / (5 + LAMBDAS[1]),
        "large_kept": 100 / (100 + LAMBDAS[1]),
    }
    claims = {
        "small steps reach further than large ones": facts["slow_best"] < 0.9 * facts["fast_best"],
        "rounds without end overfit": facts["fast_end"] > 1.05 * facts["fast_best"]
        and facts["slow_end"] > 1.01 * facts["slow_best"],
        "lambda helps large steps": facts["priced_best"] < facts["fast_best"],
        "deep trees lose here": facts["deep_best"] > facts["slow_best"],
        "small steps need more rounds": facts["slow_best_rounds"] > 3 * facts["fast_best_rounds"],
    }
    return facts, claims


def _draw_boosting(walks: dict[tuple[float, int, float], dict[str, np.ndarray]]) -> Picture:
    controls = (
        Control("rate", "Learning rate", tuple(f"{k:g}" for k in RATES), 1, buttons=True),
        Control("depth", "Depth of a tree", tuple(str(k) for k in DEPTHS), 1, buttons=True),
        Control("price", "lambda", tuple(f"{k:g}" for k in LAMBDAS), buttons=True),
    )
    panels = (Panel("Mean squared error", Axis("rounds", 0, MOST), Axis("", 0, 36), height=320),)

    def walk(rate: int, depth: int, price: int) -> dict[str, np.ndarray]:
        return walks[RATES[rate], DEPTHS[depth], LAMBDAS[price]]

    def curves(rate: int, depth: int, price: int) -> list[Any]:
        one = walk(rate, depth, price)
        best = int(np.argmin(one["new"]))
        return [
            line(one["own"], one["rounds"], style="training", words="on its own rows"),
            line(one["new"], one["rounds"], words="on other rows"),
            points([one["new"][best]], [one["rounds"][best]], style="total", words="the best round"),
        ]

    def sentence(rate: int, depth: int, price: int) -> str:
        one = walk(rate, depth, price)
        best = int(np.argmin(one["new"]))
        return (
            f"Best after {one['rounds'][best]:.0f} rounds, with {one['new'][best]:.1f} on other rows; "
            f"after {MOST} rounds it is {one['new'][-1]:.1f}, and {one['own'][-1]:.1f} on its own."
        )

    everything = ("rate", "depth", "price")
    drawn = (draw(0, controls, everything, curves),)
    title = "Boosting: trees that correct each other, round by round"
    return Picture("rounds", title, controls, panels, drawn, say(controls, everything, sentence))
