"""The contest of families: shares of time, races of settings, the leaderboard, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from rightfit import catalog
from rightfit.contracts import Learner, Problem, Wishes
from rightfit.data.design import make_design
from rightfit.data.resample import make_folds
from rightfit.errors import FitError, OptionError
from rightfit.evidence.importance import trace_importance
from rightfit.evidence.stack import mix_weights, stack
from rightfit.records import Axis, Resamples
from rightfit.search import walk
from rightfit.search.contest import Tried, contest
from rightfit.search.leaderboard import rank_families, say_missing, take
from rightfit.search.options import FitOptions
from rightfit.search.proposals import Proposal, families_to_try
from rightfit.search.race import race
from rightfit.search.walk import Stretch, find_winner
from rightfit.solvers.watch import until
from tests.rooms.evidence.stand_in import StandIn, StandInPath

CHANCE = np.random.default_rng(4)
X = CHANCE.normal(size=(150, 3))
Y = X[:, 0] + 0.5 * CHANCE.normal(size=150)
PROBLEM = Problem(make_design(X), Y, catalog.find("losses", "squared")(), np.zeros(150))
FOLDS = make_folds(150, folds=6, seed=1)


@dataclass(frozen=True)
class Noisy(Learner):
    """Ridge by hand whose coefficients are off by so much: a family with settings that are better and worse."""

    off: float = 0.0
    name: ClassVar[str] = "noisy"
    rank: ClassVar[int] = 2

    @property
    def words(self) -> str:
        return f"noisy, off by {self.off:g}"

    @property
    def settings(self) -> dict[str, float]:
        return {"off": self.off}

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[StandInPath]:
        paths = StandIn().fit_paths(problem, resamples)
        return [StandInPath(p.strengths, p.coef + self.off * (p.strengths < 10)[:, None], p.complexity) for p in paths]

    @classmethod
    def propose(cls, problem: Problem, resamples: Resamples, wishes: Wishes) -> Sequence[Learner]:
        return [cls(off) for off in (2.0, 1.0, 0.0, 0.01, 0.5)]


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[Any]]:
    """Two families: linear ones, and the noisy one."""
    kinds = {"linear": catalog.find("learners", "linear"), "noisy": Noisy}
    find, names = catalog.find, catalog.names
    monkeypatch.setattr(catalog, "find", lambda room, name: kinds[name] if room == "learners" else find(room, name))
    monkeypatch.setattr(catalog, "names", lambda room: sorted(kinds) if room == "learners" else names(room))
    monkeypatch.setattr(catalog, "everything", lambda room: kinds)
    return kinds


def run(**options: Any) -> list[Any]:
    heard: list[float] = []
    whole = Stretch(lambda stage, done, total, words: heard.append(done), 1.0, 9.0, 10.0)
    tried, interrupted = contest(PROBLEM, FOLDS, FitOptions(target="y", strengths=10, **options), whole)
    assert not interrupted and heard == sorted(heard) and 1 <= heard[0] <= heard[-1] <= 9
    return tried


def test_a_race_drops_what_is_clearly_worse_and_keeps_the_best_first() -> None:
    made = [Noisy(off) for off in (2.0, 1.0, 0.0, 0.01, 0.5)]
    proposals = [Proposal("noisy", m.words, m.words, "", m.settings, m.settings, m) for m in made]
    kept = [p.settings["off"] for p in race(PROBLEM, FOLDS, proposals)]
    assert set(kept) == {0.0, 0.01}
    assert race(PROBLEM, FOLDS, proposals[:3]) == proposals[:3]  # three need no race
    assert len(race(PROBLEM, make_folds(150, folds=3), proposals)) == 5  # too few folds for one


def test_families_meet_on_the_same_rows(room: dict[str, type[Any]]) -> None:
    tried = run()
    assert [one.family for one in tried] == ["linear", "noisy"]
    noisy = tried[1]
    assert noisy.proposed == 5 and 1 <= len(noisy.walks) <= 3
    assert len(noisy.best.paths) == len(FOLDS) and noisy.held_out.shape == (150, 1)
    assert [bool(w.paths) for w in noisy.walks].count(True) == 1 == find_winner(noisy.walks) + 1
    board = rank_families(tried, *take(tried, "best")[:2])
    assert [f.chosen for f in board].count(True) == 1
    for family, one in ((f, next(t for t in tried if t.family == f.name)) for f in board):
        np.testing.assert_array_equal(one.best.evidence.fold, tried[0].best.evidence.fold)
        assert family.walked == len(one.walks) and family.loss == pytest.approx(
            np.mean(one.best.evidence.loss[:, one.best.choice.step])
        )


def test_a_worse_family_overfits_or_underfits_by_its_own_rows(room: dict[str, type[Any]]) -> None:
    tried = run()
    noisy = tried[1].best
    chosen = noisy.evidence.loss + np.float32(1.0)
    for training, word in ((0.0, "overfits"), (9.0, "underfits")):
        evidence = replace(noisy.evidence, loss=chosen, training=np.full(len(noisy.evidence.strengths), training))
        tried[1].walks = [replace(noisy, evidence=evidence)]
        (line,) = [f for f in rank_families(tried, *take(tried, "best")[:2]) if f.name == "noisy"]
        assert line.fit == word and "standard errors" in line.sentence


def test_simple_is_what_is_easier_to_read(room: dict[str, type[Any]]) -> None:
    tried = run()
    better = tried[1].best.evidence
    tried[1].walks = [replace(tried[1].best, evidence=replace(better, loss=better.loss - np.float32(0.5)))]
    taken, best, notes = take(tried, "simple")
    assert taken is best is tried[1] and notes == ()  # half a unit on every row is no noise
    noise = CHANCE.normal(size=(150, 1)).astype(np.float32)
    simple = tried[0].best.evidence.loss[:, [tried[0].best.choice.step]]
    near = np.repeat(simple - np.float32(1e-3) + 0.2 * (noise - noise.mean()), better.loss.shape[1], axis=1)
    tried[1].walks = [replace(tried[1].best, evidence=replace(better, loss=near))]
    assert take(tried, "simple")[0] is tried[0]
    taken, best, (note,) = take(tried, "best")
    assert taken is best is tried[1] and "--prefer simple" in note.sentence


def test_without_a_result_the_first_error_is_raised(
    room: dict[str, type[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, problem: Problem, resamples: Resamples) -> Any:
        raise FitError("nothing works")

    monkeypatch.setattr(Noisy, "fit_paths", fail)
    with pytest.raises(FitError, match="nothing works"):
        run(learners=("noisy",))
    (linear, noisy) = run()
    assert linear.walks and not noisy.walks and noisy.reason == "nothing works"


def test_a_named_penalty_asks_for_linear_models_alone(room: dict[str, type[Any]]) -> None:
    assert families_to_try(FitOptions(target="y")) == ("linear", "noisy")
    assert families_to_try(FitOptions(target="y", l1_ratio=(1.0,))) == ("linear",)
    assert families_to_try(FitOptions(target="y", l1_ratio=(1.0,), learners=("noisy",))) == ("noisy",)
    with pytest.raises(OptionError, match="degrees of freedom"):
        run(learners=("noisy",), rule="bic")


@pytest.mark.parametrize("name", ["squared", "logistic", "multinomial"])
def test_the_weights_of_a_mixture_are_those_of_least_loss(name: str) -> None:
    kind = catalog.find("losses", name)
    loss = kind(classes=3) if name == "multinomial" else kind()
    rng = np.random.default_rng(7)
    eta = rng.normal(size=(3, 400, loss.outputs))
    truth = 0.7 * eta[0] + 0.3 * eta[1]
    y = {
        "squared": truth[:, 0] + 0.1 * rng.normal(size=400),
        "logistic": (rng.random(400) < 1 / (1 + np.exp(-3 * truth[:, 0]))).astype(float),
        "multinomial": (3 * truth + rng.gumbel(size=truth.shape)).argmax(axis=1).astype(float),
    }[name]
    problem = Problem(make_design(eta[0]), loss.check(y), loss, np.zeros(400))
    weight = mix_weights(problem, problem.y, eta, np.full(400, 1 / 400))
    assert weight.sum() == pytest.approx(1) and (weight >= 0).all()

    def mean(a: np.ndarray) -> float:
        mixed = np.tensordot(a, eta, 1)
        return float(loss.value(problem.y, mixed if loss.outputs > 1 else mixed[:, 0]).mean())

    steps = [np.eye(3)[j] - weight for j in range(3)]
    assert all(mean(weight) <= mean(weight + size * step) + 2e-6 for step in steps for size in (0.3, 0.03, 0.003))
    if name == "squared":
        np.testing.assert_allclose(weight, [0.7, 0.3, 0.0], atol=0.02)


def test_a_mixture_of_one_family_or_of_noise_gains_nothing(room: dict[str, type[Any]]) -> None:
    one = run(learners=("linear",))[0]
    evidence = one.best.evidence
    assert stack(PROBLEM, evidence, ["linear"], [one.held_out], 0) is None
    same = stack(PROBLEM, evidence, ["linear", "again"], [one.held_out, one.held_out], 0)
    assert same is not None and same.gain == pytest.approx(0, abs=1e-12) and "No mixture" in same.sentence
    noise = CHANCE.normal(size=one.held_out.shape)
    worse = stack(PROBLEM, evidence, ["linear", "noise"], [one.held_out, one.held_out + 3 * noise], 0)
    assert worse is not None and worse.weight[0] > 0.9 and worse.gain <= worse.gain_error
    lucky = stack(PROBLEM, evidence, ["linear", "noise"], [one.held_out, one.held_out + 3 * noise], 0, [0.04, 0.09])
    assert lucky is not None
    a = worse.weight
    assert lucky.error == pytest.approx(np.sqrt(worse.error**2 + 0.04 * a[0] ** 2 + 0.09 * a[1] ** 2))
    assert lucky.gain_error == pytest.approx(np.sqrt(worse.gain_error**2 + (0.04 + 0.09) * a[1] ** 2))


def test_importance_is_a_path_for_the_eye() -> None:
    path = StandIn().fit_paths(PROBLEM, FOLDS)[0]
    evidence = run(learners=("linear",), l1_ratio=(1.0,))[0].best.evidence
    few = replace(evidence, training=np.linspace(1.0, 0.2, len(path.strengths)), axis=Axis())
    trace = trace_importance(path, few)
    assert trace.measures == "importance" and len(trace) == len(path.strengths)
    np.testing.assert_allclose([trace.coef(k).sum() for k in range(len(trace))], 1.0)
    np.testing.assert_allclose(trace.coef(3)[:, 0], path.importance(3))
    np.testing.assert_allclose(trace.explained, np.linspace(0, 0.8, len(trace)))
    with pytest.raises(OptionError, match="--learners linear"):
        catalog.find("learners", "tree")().fit_paths(PROBLEM, FOLDS)[0].trace()


def test_a_long_walk_without_an_end_tells_how_to_bound_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(walk, "_PAUSE", -1.0)
    steps = walk.Steps(Stretch(lambda *words: told.append(words[3]), 0, 1, 1), "walking", 10)
    steps(1.0)
    steps.patient = 0.0
    steps(1.0)
    with until(time.perf_counter() + 100):
        steps(1.0)
    assert ["--time-budget" in words for words in told] == [False, True, False]


def test_several_families_without_time_share_a_sentence() -> None:
    reason = "its share of the time (3 s) was over before a path was walked; give more with --time-budget"
    none = [Tried(name, reason=reason, late=True) for name in ("tree", "forest", "network")]
    (note,) = say_missing(none)
    assert "Tree, forest and network have no result" in note.sentence and note.sentence.count("--time-budget") == 1
    (alone,) = say_missing(none[:1])
    assert alone.sentence == f"the family tree has no result: {reason}"
