"""What every family of models promises, for all that the catalog finds."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from scipy import sparse

from rightfit import catalog
from rightfit.contracts import Learner, Loss, Model, Path, Problem, Wishes
from rightfit.data.design import make_design, stack_designs
from rightfit.errors import OptionError
from rightfit.evidence.crossfit import crossfit
from rightfit.records import Resamples

FAMILIES = {name: kind for name, kind in catalog.everything("learners").items() if not kind.lacks()}
LOSSES = ("squared", "logistic", "multinomial", "poisson")
LEARNERS = [learner for kind in FAMILIES.values() for learner in kind.specimens()]
N, P = 120, 9
SMALL: dict[str, dict[str, tuple[float, ...]]] = {
    "forest": {"n_estimators": (8.0,)},
    "boosting": {"rounds": (5.0,)},
    "network": {"units": (16.0,), "layers": (1.0,), "epochs": (12.0,), "seeds": (2.0,)},
}
"""Settings that keep a proposal small."""
SINGLE = 2e-5
"""What predictions in float32 may be off."""


def make_loss(name: str) -> Loss:
    kind = catalog.find("losses", name)
    made = kind(classes=3) if name == "multinomial" else kind()
    assert isinstance(made, Loss)
    return made


def make_problem(loss: Loss, *, rows: np.ndarray | None = None, offset: bool = False) -> Problem:
    """Numbers with gaps, a category of three levels and a sparse yes/no; rows may be picked, some twice."""
    rng = np.random.default_rng(5)
    dense = rng.normal(size=(N, 5)).round(2)
    category = rng.integers(0, 3, N)
    signal = dense[:, 0] + 1.5 * (category == 1) + 0.7 * dense[:, 1] * (dense[:, 2] > 0)
    dense[rng.random(N) < 0.1, 1] = np.nan
    thin = np.column_stack([category[:, None] == np.arange(3), rng.random(N) < 0.3]).astype(float)
    y = {
        "squared": signal + 0.5 * rng.normal(size=N),
        "logistic": (signal + 0.7 * rng.normal(size=N) > 0.5).astype(float),
        "multinomial": (np.digitize(signal + 0.5 * rng.normal(size=N), [-0.2, 1.0])).astype(float),
        "poisson": rng.poisson(np.exp(0.5 * signal)).astype(float),
    }[loss.name]
    names = [f"x{j}" for j in range(5)]
    design = stack_designs(
        [make_design(dense, names), make_design(sparse.csc_array(thin), ["c = a", "c = b", "c = c", "y"])]
    )
    rows = np.arange(N) if rows is None else rows
    level = 0.3 * np.sin(np.arange(N)) if offset else np.zeros(N)
    groups = np.array([0, 1, 2, 3, 4, 5, 5, 5, 6])
    return Problem(design.take(rows), loss.check(y[rows]), loss, level[rows], groups, (np.array([5, 6, 7]),))


def folds(weight: np.ndarray | None = None, count: int = 3) -> Resamples:
    n = N if weight is None else len(weight)
    scored = np.arange(n) % count == np.arange(-1, count)[:, None]
    return Resamples(np.ones(n) if weight is None else weight, (~scored).astype(np.uint8), scored)


def fit(learner: Learner, problem: Problem, resamples: Resamples) -> list[Path]:
    """The paths; the test is skipped where the family does not learn such a problem."""
    try:
        return list(learner.fit_paths(problem, resamples))
    except OptionError as error:
        pytest.skip(str(error))


def title(learner: Learner) -> str:
    return f"{learner.name}: {learner.words}"


tried = pytest.mark.parametrize("learner", LEARNERS, ids=title)
losses = pytest.mark.parametrize("name", LOSSES)


def bytes_of(path: Path) -> bytes:
    """Everything that the steps' models hold."""
    return b"".join(bytes_of_model(path.model(step)) for step in range(len(path.strengths)))


def bytes_of_model(model: Model) -> bytes:
    """Everything that a stored model holds."""
    fitted = model.fitted()
    arrays = b"".join(name.encode() + array.tobytes() for name, array in sorted(fitted.arrays.items()))
    return arrays + repr(sorted(fitted.facts.items())).encode()


@losses
@tried
def test_what_a_path_remembers_is_what_it_predicts(learner: Learner, name: str) -> None:
    """Of other rows than those it has seen, and of other problems, it remembers nothing."""
    problem, resamples = make_problem(make_loss(name), offset=name in ("squared", "poisson")), folds()
    for k, path in enumerate(fit(learner, problem, resamples)):
        judged = np.flatnonzero(resamples.scored[k]) if k else np.arange(N)[::-2]
        remembered = path.remembered(problem, judged)
        if remembered is not None:
            told = path.predict(problem.design.take(judged), problem.offset[judged])
            np.testing.assert_allclose(remembered, told, rtol=0, atol=SINGLE if k == 0 else 0)
        assert path.remembered(problem.take(np.arange(N)), judged) is None


@losses
@tried
def test_a_path_goes_from_the_constant_model_and_keeps_its_promises(learner: Learner, name: str) -> None:
    loss = make_loss(name)
    problem = make_problem(loss)
    assert learner.name in FAMILIES and learner.words
    assert all(isinstance(v, float) for v in learner.settings.values())
    resamples = folds()
    paths = fit(learner, problem, resamples)
    assert len(paths) == len(resamples)
    for k, path in enumerate(paths):
        np.testing.assert_array_equal(path.strengths, paths[0].strengths)
        eta = path.predict(problem.design, problem.offset)
        assert eta.shape == (len(path.strengths), N, loss.outputs) and np.isfinite(eta).all()
        constant = problem.constant(resamples.weights(k))
        share = loss.response(eta[0] if loss.outputs > 1 else eta[0, :, 0])
        level = np.tile(constant, (N, 1))
        null = loss.response(level if loss.outputs > 1 else level[:, 0])
        strong = k == 0 or not learner.coefficients  # a linear path starts where the full fit's coefficients are zero
        np.testing.assert_allclose(share, null, rtol=1e-4 if strong else 0.5, atol=1e-5 if strong else 0.2)
    full = paths[0]
    assert len(full.strengths) >= 2 and (np.diff(full.strengths) < 0).all() and full.strengths[-1] >= 0
    assert len(full.complexity) == len(full.status) == len(full.gap) == len(full.strengths)
    if not learner.coefficients:
        assert full.complexity[0] == 0 and not full.importance(0).any()
    share = full.importance(len(full.strengths) - 1)
    assert share.shape == (P,) and (share >= 0).all() and share.sum() == pytest.approx(1)
    assert full.size(0) and full.axis.words.count("{}") == 1
    assert len(full.axis.positions) in (0, len(full.strengths))
    full.picture(len(full.strengths) - 1)


@losses
@tried
def test_a_path_predicts_as_its_models_and_a_stored_model_as_itself(learner: Learner, name: str) -> None:
    problem = make_problem(make_loss(name))
    path = fit(learner, problem, folds())[1]
    offset = np.linspace(-0.5, 0.5, N)
    together = path.predict(problem.design, offset)
    restore = import_module(f"rightfit.learners.{learner.name}").restore
    for step in (0, len(together) // 2, len(together) - 1):
        model = path.model(step)
        alone = model.predict(problem.design, offset)
        np.testing.assert_allclose(together[step], alone, rtol=SINGLE, atol=SINGLE)
        np.testing.assert_allclose(alone - model.predict(problem.design), offset[:, None] + 0 * alone, atol=1e-9)
        again = restore(model.fitted())
        assert again.predict(problem.design, offset).tobytes() == alone.tobytes()
        assert bytes_of_model(again) == bytes_of_model(model)
        rows = np.arange(40, 80)
        some = again.predict(problem.design.take(rows), offset[rows])
        np.testing.assert_allclose(some, alone[rows], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("offset", [False, True], ids=["plain", "offset"])
@losses
@tried
def test_a_row_of_weight_zero_is_absent(learner: Learner, name: str, offset: bool) -> None:
    loss = make_loss(name)
    weight = 1.0 + 0.5 * (np.arange(N) % 3)
    weight[::7] = 0.0
    rows = np.flatnonzero(weight)
    problem, fewer = make_problem(loss, offset=offset), make_problem(loss, rows=rows, offset=offset)
    with_zeros = fit(learner, problem, Resamples.full(weight))[0]
    without = fit(learner, fewer, Resamples.full(weight[rows]))[0]
    np.testing.assert_allclose(with_zeros.strengths, without.strengths, rtol=1e-6)
    ours, theirs = with_zeros.predict(problem.design), without.predict(problem.design)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    strongest = with_zeros.predict(problem.design, problem.offset)[0]
    constant = np.tile(problem.constant(weight), (N, 1)) + problem.offset[:, None]
    said, best = (loss.response(eta if loss.outputs > 1 else eta[:, 0]) for eta in (strongest, constant))
    np.testing.assert_allclose(said, best, rtol=1e-4, atol=1e-5)


@losses
@pytest.mark.parametrize("learner", [one for one in LEARNERS if one.rank <= 1], ids=title)
def test_a_row_of_weight_two_counts_twice(learner: Learner, name: str) -> None:
    loss = make_loss(name)
    weight = 1.0 + (np.arange(N) % 4 == 0)
    rows = np.repeat(np.arange(N), weight.astype(int))
    problem, twice = make_problem(loss), make_problem(loss, rows=rows)
    heavy = fit(learner, problem, Resamples.full(weight))[0]
    copies = fit(learner, twice, Resamples.full(np.ones(len(rows))))[0]
    np.testing.assert_allclose(heavy.strengths, copies.strengths, rtol=1e-6)
    ours, theirs = heavy.predict(problem.design), copies.predict(problem.design)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["squared", "logistic"])
@tried
def test_a_common_factor_of_all_weights_changes_nothing(learner: Learner, name: str) -> None:
    problem = make_problem(make_loss(name))
    one = fit(learner, problem, Resamples.full(np.ones(N)))[0]
    many = fit(learner, problem, Resamples.full(np.full(N, 4.0)))[0]
    np.testing.assert_allclose(many.predict(problem.design), one.predict(problem.design), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["squared", "multinomial"])
@tried
def test_the_same_bytes_again_for_any_number_of_threads_and_other_resamples(learner: Learner, name: str) -> None:
    problem = make_problem(make_loss(name))
    resamples = folds()
    one = fit(replace(learner, threads=1), problem, resamples)  # type: ignore[type-var]
    two = fit(replace(learner, threads=2), problem, resamples)  # type: ignore[type-var]
    assert [bytes_of(path) for path in one] == [bytes_of(path) for path in two]
    fewer = replace(resamples, multiplicity=resamples.multiplicity[:2], scored=resamples.scored[:2])
    if not learner.coefficients:  # linear fits of a batch share their starting points
        assert [bytes_of(path) for path in fit(learner, problem, fewer)] == [bytes_of(path) for path in one[:2]]


@losses
@tried
def test_it_learns_and_unseen_rows_are_unseen(learner: Learner, name: str) -> None:
    problem = make_problem(make_loss(name))
    fit(learner, problem, Resamples.full(np.ones(N)))
    _, evidence = crossfit(problem, folds(), learner)
    mean = evidence.loss.mean(axis=0)
    assert mean.min() < 0.98 * evidence.null.mean()
    assert evidence.training.min() < evidence.training[0]


@tried
def test_new_rows_may_lack_what_the_training_rows_had(learner: Learner) -> None:
    problem = make_problem(make_loss("squared"))
    path = fit(learner, problem, Resamples.full(np.ones(N)))[0]
    cells = np.full((4, P), np.nan)
    cells[:, 5:] = 0.0
    cells[1, 5:8] = [0.2, 0.5, 0.3]  # a level that training had not: its shares
    cells[2, :5] = 1e30
    cells[3, 0] = -5.0
    eta = path.predict(make_design(cells, problem.design.names))
    assert np.isfinite(eta).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_settings_that_there_are_not_are_refused_by_name(family: str) -> None:
    kind = FAMILIES[family]
    if kind.coefficients:
        pytest.skip("penalties are its settings")
    with pytest.raises(OptionError, match="no_such_setting"):
        kind.propose(make_problem(make_loss("squared")), folds(), Wishes(settings={"no_such_setting": (1.0,)}))


@pytest.mark.parametrize("family", FAMILIES)
def test_paths_of_a_revisit_are_those_that_its_learner_walks_by_itself(family: str) -> None:
    problem = make_problem(make_loss("squared"))
    learner = FAMILIES[family].propose(problem, folds(), Wishes(settings=SMALL.get(family, {})))[0]
    paths = learner.fit_paths(problem, folds())
    step = len(paths[0].strengths) // 2
    for other, walked in learner.revisit(problem, folds(), paths, step):
        assert other.name == family and other.words != learner.words
        alone = other.fit_paths(problem, folds())
        assert [bytes_of(path) for path in alone] == [bytes_of(path) for path in walked]
        assert all(len(path.strengths) == len(walked[0].strengths) for path in walked)
