"""Views of nets: those of a run that is one, and small ones that are trained for a run that is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rightfit
from rightfit.data.table import from_frame
from rightfit.errors import OptionError
from rightfit.records import Resamples
from rightfit.views.dropout import see
from rightfit.views.ground import find_ground

pytest.importorskip("torch", reason="torch is not installed")

N = 80


def make_table(target: str, n: int = N) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 2))
    score = x[:, 0] * x[:, 1] + x[:, 0]
    found = {
        "sold": np.where(score + 0.3 * rng.normal(size=n) > 0, "yes", "no"),
        "price": 100 + 20 * score + rng.normal(size=n),
        "kind": np.where(score > 0.5, "a", np.where(score < -0.5, "b", "c")),
    }
    return {"age": x[:, 0], "size": x[:, 1], target: found[target]}


@pytest.fixture(scope="module")
def network() -> Any:
    settings = {"units": 6, "layers": 1, "dropout": 0.3, "epochs": 15, "seeds": 2, "learning_rate": 0.02}
    named = {f"network.{name}": value for name, value in settings.items()}
    return rightfit.fit(make_table("sold"), "sold", learners="network", settings=named, folds=3, rule="best")


def test_the_net_of_the_run_is_looked_at(network: Any, tmp_path: Path) -> None:
    assert network.run.choice.step > 0
    seen = network.dropout(make_table("sold"))
    view = seen.run.views.dropout
    assert view is not None and view.own and view.exact and view.masks == 64 and view.hidden == (6,)
    assert view.rate == 0.3 and view.rows == N and view.distance < 1e-12
    assert [way.name for way in view.ways][2] == "their geometric mean"
    assert view.ways[2].loss == pytest.approx(view.ways[0].loss, rel=1e-12)
    assert view.ways[-1].loss - view.ways[2].loss == pytest.approx(view.disagreement, rel=1e-9)
    assert view.disagreement > 0 and "The run's own net has 6 hidden units and dropout 0.3" in view.sentences[0]
    # the average of drawn masks ends at that of all, and starts at a single one
    assert abs(view.drawn[-1] - view.ways[1].loss) < 4 * view.drawn_spread[-1] / np.sqrt(10) + 0.003
    assert abs(view.drawn[0] - view.ways[-1].loss) < 4 * view.drawn_spread[0] / np.sqrt(10)
    assert np.all(np.diff(view.scaled) >= 0) and np.all(view.low <= view.high)
    seen.save(tmp_path / "a.rightfit")
    network.dropout(make_table("sold")).save(tmp_path / "b.rightfit")
    assert (tmp_path / "a.rightfit").read_bytes() == (tmp_path / "b.rightfit").read_bytes()
    assert rightfit.load(tmp_path / "a.rightfit").run.views.dropout.sentences == view.sentences


def test_it_is_the_very_net_that_predicts(network: Any) -> None:
    ground = find_ground(network.run, from_frame(make_table("sold")))
    strength = network.run.choice.strength
    learner: Any = replace(ground.learner, strengths=(strength,))
    path: Any = learner.fit_paths(ground.problem, ground.folds)[0]
    np.testing.assert_array_equal(path.nets[0][0][0], network.run.fitted.arrays["weight_0"])


def test_no_net_is_trained_unasked(network: Any) -> None:
    ground = find_ground(network.run, from_frame(make_table("sold")))
    plain = replace(ground, learner=replace(ground.learner, dropout=0.0))  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="has no dropout; ask for the view by its name"):
        see(plain, train=False)
    assert see(ground, train=False).own


@pytest.mark.parametrize("target", ["price", "kind"])
def test_a_small_net_is_trained_where_the_run_has_none(target: str) -> None:
    table = make_table(target)
    saved = rightfit.fit(table, target, penalty="ridge", strengths=4, folds=2)
    view = saved.dropout(table, units=5).run.views.dropout
    assert view is not None and not view.own and view.masks == 32 and view.distance < 1e-12
    assert "is no network, a net with 5 hidden units and dropout 0.5 was trained on its rows" in view.sentences[0]
    if target == "price":
        assert view.ways[1].loss == pytest.approx(view.ways[0].loss, rel=1e-12) and len(view.ways) == 3
        assert "exactly half the variance of the masks" in view.sentences[1]
    for options, words in (({"units": 40}, "1 to 12"), ({"rate": 1.0}, "between 0 and 1")):
        with pytest.raises(OptionError, match=words):
            saved.dropout(table, **options)
    with pytest.raises(OptionError, match="without noise"):
        saved.information(table, noise=0.0)
    with pytest.raises(OptionError, match="rising whole numbers"):
        saved.information(table, epochs=(3, 1))


def test_too_many_masks_are_drawn(monkeypatch: pytest.MonkeyPatch, network: Any) -> None:
    monkeypatch.setattr("rightfit.views.dropout.MOST_UNITS", 4)
    view = network.dropout(make_table("sold")).run.views.dropout
    assert view is not None and not view.exact and view.masks == 500
    assert 1e-6 < view.distance < 0.5 and "too many to average all" in view.sentences[0]


def test_bits_of_the_run_s_nets(network: Any, tmp_path: Path) -> None:
    table = make_table("sold")
    seen = network.information(table, epochs=(0, 4, 15), strengths=(3.0, 0.0))
    view = seen.run.views.information
    assert view is not None and view.own and view.hidden == (6,) and view.name == "weight decay"
    assert [one.strength for one in view.strengths] == [3.0, 0.0] and view.rows == N // 2
    for one in view.strengths:
        assert one.dropout == 0.3 and one.inputs.shape == (3,)
        assert np.all(one.inputs_low < one.inputs) and np.all(one.inputs < one.inputs_high)
        assert np.all(one.inputs_high <= view.most_inputs + 1e-9)
        assert np.all(one.target < view.most_target + 3 * one.target_error)
    # both begin from the same weights
    assert view.strengths[0].loss[0] == view.strengths[1].loss[0] != view.strengths[0].loss[2]
    seen.save(tmp_path / "a.rightfit")
    again = rightfit.load(tmp_path / "a.rightfit").run.views.information
    assert again is not None and again.sentences == view.sentences
    twice = network.information(table, epochs=(0, 4, 15), strengths=(3.0, 0.0)).run.views.information
    np.testing.assert_array_equal(twice.strengths[1].target, view.strengths[1].target)


def test_a_target_of_numbers_is_cut() -> None:
    table = make_table("price", 240)
    saved = rightfit.fit(table, "price", penalty="ridge", strengths=4, folds=2)
    view = saved.information(table, units=6, epochs=(0, 60), strengths=(0.0,)).run.views.information
    assert view is not None and view.cut == 4 and not view.own and 1.9 < view.most_target <= 2
    one = view.strengths[0]
    assert one.target[1] > 8 * one.target_error[1] and one.loss[1] < one.loss[0] / 2


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_snapshots_are_the_nets_of_a_ladder(norm: str) -> None:
    from rightfit.learners._network.rungs import Rung
    from rightfit.learners._network.snapshots import follow
    from rightfit.learners.network import Network
    from tests.rooms.learners.network_problems import make_problem

    problem, weight = make_problem("logistic", 60), np.ones(60)
    weight[40:] = 0
    shape: dict[str, Any] = {"hidden": (5,), "norm": norm}
    given: dict[str, Any] = {"batch": 16, "learning_rate": 0.02}
    way = follow(problem, weight, [Rung(dropout=0.5, **given), Rung(**given)], (0, 2, 5), seed=3, **shape)
    for place, epochs in ((1, 2), (2, 5)):
        net = Network(walks="dropout", strengths=(0.5, 0.0), epochs=epochs, seeds=1, seed=3, **shape, **given)
        path: Any = net.fit_paths(problem, Resamples.full(weight))[0]
        for rung in range(2):
            for mine, theirs in zip(way.nets[place][rung], path.nets[rung], strict=True):
                np.testing.assert_array_equal(mine[0], theirs[0])
                np.testing.assert_array_equal(mine[1], theirs[1])
