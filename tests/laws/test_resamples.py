"""What every way to resample obeys: the full fit first, no row judges itself, the same seed gives the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from rightfit.data.bootstrap import make_bootstrap, make_halves
from rightfit.data.resample import make_folds
from rightfit.errors import DataError, OptionError, RowError

N = 83
GENERATOR = np.random.default_rng(5)
GROUP = GENERATOR.integers(0, 17, N)
CLASSES = GENERATOR.choice(["yes", "no", "perhaps"], N, p=[0.6, 0.3, 0.1])
TIME = np.array("2024-02-01", "datetime64[D]") + GENERATOR.integers(0, 40, N)
WEIGHT = GENERATOR.uniform(0.2, 5, N) * (GENERATOR.random(N) > 0.1)
COLUMN = GENERATOR.choice(["north", "south", "west"], N)

WAYS = {
    "folds": lambda seed, w: make_folds(N, folds=7, seed=seed, weight=w),
    "repeats": lambda seed, w: make_folds(N, folds=4, repeats=3, seed=seed, weight=w),
    "stratified": lambda seed, w: make_folds(N, folds=5, seed=seed, weight=w, stratify=CLASSES),
    "grouped": lambda seed, w: make_folds(N, folds=5, repeats=2, seed=seed, weight=w, group=GROUP),
    "grouped, stratified": lambda seed, w: make_folds(N, folds=4, seed=seed, weight=w, group=GROUP, stratify=CLASSES),
    "time": lambda seed, w: make_folds(N, folds=6, seed=seed, weight=w, time=TIME),
    "column": lambda seed, w: make_folds(N, seed=seed, weight=w, column=COLUMN),
    "leave-one-out": lambda seed, w: make_folds(N, folds=N if w is None else int((w > 0).sum()), seed=seed, weight=w),
    "bootstrap": lambda seed, w: make_bootstrap(N, count=9, seed=seed, weight=w),
    "bootstrap of groups": lambda seed, w: make_bootstrap(N, count=9, seed=seed, weight=w, group=GROUP),
    "halves": lambda seed, w: make_halves(N, count=4, seed=seed, weight=w),
    "halves of groups": lambda seed, w: make_halves(N, count=4, seed=seed, weight=w, group=GROUP),
}
FIXED = {"time", "column", "leave-one-out"}
COMPLETE = {"folds", "repeats", "stratified", "grouped", "grouped, stratified", "column", "leave-one-out"}

every_way = pytest.mark.parametrize("way", WAYS)
with_and_without_weights = pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])


@every_way
@with_and_without_weights
def test_shapes_the_full_fit_and_no_row_judges_itself(way, weight):
    r = WAYS[way](0, weight)
    assert r.multiplicity.shape == r.scored.shape == (len(r), N)
    assert r.multiplicity.dtype == np.uint8 and r.scored.dtype == bool
    assert (r.multiplicity[0] == 1).all() and not r.scored[0].any()
    assert not (r.scored & (r.multiplicity > 0)).any()
    assert r.scored[1:].any(axis=1).all(), "every resample scores something"
    assert all((r.weights(k) > 0).any() for k in range(len(r))), "every resample learns from something"
    assert r.name


@every_way
def test_rows_of_weight_zero_are_never_scored_and_change_nothing(way):
    r = WAYS[way](0, WEIGHT)
    assert not r.scored[:, WEIGHT == 0].any()


@every_way
@with_and_without_weights
def test_the_same_seed_gives_the_same_bytes_whatever_numpy_does(way, weight):
    np.random.seed(1)
    first = WAYS[way](3, weight)
    np.random.seed(2)
    second = WAYS[way](3, weight)
    assert first.multiplicity.tobytes() == second.multiplicity.tobytes()
    assert first.scored.tobytes() == second.scored.tobytes()
    other = WAYS[way](4, weight)
    assert (first.scored.tobytes() == other.scored.tobytes()) == (way in FIXED)


@pytest.mark.parametrize("way", sorted(COMPLETE))
@with_and_without_weights
def test_every_row_is_scored_once_a_repeat(way, weight):
    r = WAYS[way](0, weight)
    repeats = {"repeats": 3, "grouped": 2}.get(way, 1)
    live = np.ones(N, bool) if weight is None else weight > 0
    assert (r.scored.sum(axis=0)[live] == repeats).all()
    assert (r.multiplicity[1:].sum(axis=0)[live] == len(r) - 1 - repeats).all()


@pytest.mark.parametrize("way", ["folds", "stratified"])
def test_dropping_the_rows_of_weight_zero_gives_the_same_folds(way):
    live = WEIGHT > 0
    whole = WAYS[way](0, WEIGHT)
    stratify = CLASSES[live] if way == "stratified" else None
    part = make_folds(int(live.sum()), folds=len(whole) - 1, weight=WEIGHT[live], stratify=stratify)
    assert (whole.scored[:, live] == part.scored).all()


@with_and_without_weights
def test_folds_are_balanced_in_rows_classes_and_weight(weight):
    live = np.ones(N, bool) if weight is None else weight > 0
    r = make_folds(N, folds=5, weight=weight, stratify=CLASSES)
    assert np.ptp(r.scored[1:].sum(axis=1)) <= 1
    for label in np.unique(CLASSES):
        assert np.ptp(r.scored[1:, live & (CLASSES == label)].sum(axis=1)) <= 1
    plain = make_folds(N, folds=5, weight=weight)
    assert np.ptp(plain.scored[1:].sum(axis=1)) <= 1
    assert np.ptp((plain.scored[1:] * plain.weight).sum(axis=1)) <= 2 * plain.weight.max()


@pytest.mark.parametrize("way", ["grouped", "grouped, stratified", "bootstrap of groups", "halves of groups"])
@with_and_without_weights
def test_no_group_is_torn(way, weight):
    r = WAYS[way](0, weight)
    live = np.ones(N, bool) if weight is None else weight > 0
    for g in np.unique(GROUP[live]):
        rows = live & (GROUP == g)
        assert (r.scored[:, rows] == r.scored[:, rows][:, :1]).all()
        assert len(np.unique(r.unit[rows])) == 1
    assert len(np.unique(r.unit)) >= len(np.unique(GROUP))


def test_grouped_folds_are_balanced():
    r = make_folds(600, folds=5, group=np.arange(600) // 6, stratify=np.arange(600) // 6 % 3 == 0)
    assert np.ptp(r.scored[1:].sum(axis=1)) <= 30
    assert r.scored[1:, :].any(axis=1).all()


@with_and_without_weights
def test_time_folds_learn_from_earlier_rows_only(weight):
    r = WAYS["time"](0, weight)
    for k in range(1, len(r)):
        learned, judged = TIME[r.weights(k) > 0], TIME[r.scored[k]]
        assert learned.max() < judged.min()
        if k > 1:
            assert judged.min() > TIME[r.scored[k - 1]].max()
    never = ~r.scored.any(axis=0) & (r.weight > 0)
    assert TIME[never].max() < TIME[r.scored[1]].min()
    assert str(int(never.sum())) in r.notes[0].sentence


@pytest.mark.parametrize(
    "time", [np.arange(20), np.arange(20.0), np.array("2020", "datetime64[Y]") + np.arange(20), list(range(20))]
)
def test_time_in_any_type(time):
    r = make_folds(20, folds=4, time=time)
    assert (r.scored.sum(axis=1) == [0, 4, 4, 4, 4]).all()


def test_bootstrap_draws_as_many_rows_as_there_are():
    r = WAYS["bootstrap"](0, None)
    assert (r.multiplicity[1:].sum(axis=1) == N).all()
    assert (r.scored[1:] == (r.multiplicity[1:] == 0)).all()


def test_halves_come_in_complementary_pairs():
    r = WAYS["halves"](0, None)
    assert len(r) == 9
    assert (r.multiplicity[1::2] + r.multiplicity[2::2] == 1).all()
    assert (r.multiplicity[1::2].sum(axis=1) == N // 2).all()


def test_a_class_with_one_row_is_pointed_out():
    classes = np.array(["common"] * 20 + ["rare"])
    (note,) = make_folds(21, folds=3, stratify=classes).notes
    assert note.severity == "warning" and "'rare' has one row only" in note.sentence
    assert not make_folds(20, folds=3, stratify=classes[:20]).notes


def gap(values, row):
    values = np.array(values, dtype=object if isinstance(values[0], str) else float)
    values[row] = None
    return values


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"folds": 1}, OptionError, "folds must be a whole number of 2 or more"),
        ({"folds": 2.5}, OptionError, "folds"),
        ({"folds": True}, OptionError, "folds"),
        ({"folds": 11}, OptionError, "folds: 11 folds need at least 11 rows"),
        ({"folds": 10, "repeats": 2}, OptionError, "repeats: leave-one-out"),
        ({"repeats": 0}, OptionError, "repeats"),
        ({"seed": -1}, OptionError, "seed"),
        (
            {"folds": 3, "group": [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]},
            OptionError,
            "at least 3 groups, but there are 2; ask for 2",
        ),
        ({"folds": 3, "group": [1] * 10}, OptionError, "group: all rows are in one group"),
        ({"folds": 3, "group": gap(["a", "b"] * 5, 4)}, RowError, "row 4 has no value in group"),
        ({"column": [3] * 10}, OptionError, "column: the fold column has one value only"),
        ({"column": gap([1.0, 2.0] * 5, 7)}, RowError, "row 7 has no value in column"),
        ({"column": [1, 2] * 5, "repeats": 2}, OptionError, "repeats: folds by column"),
        ({"folds": 3, "time": gap(np.arange(10.0), 2)}, RowError, "row 2 has no time"),
        (
            {"folds": 3, "time": [1, 1, 1, 1, 1, 2, 2, 2, 2, 3]},
            OptionError,
            "4 different times, but there are 3; ask for 2",
        ),
        ({"folds": 3, "time": ["2020-01-01"] * 10}, OptionError, "time must hold numbers or dates"),
        ({"folds": 3, "time": [np.inf] + [1.0] * 9}, RowError, "row 0 has an infinite time"),
        ({"folds": 3, "time": np.arange(10), "group": np.arange(10)}, OptionError, "group and time cannot be combined"),
        ({"folds": 3, "time": np.arange(9)}, OptionError, "time has 9 values for 10 rows"),
        ({"weight": -np.ones(10)}, RowError, "weight of row 0"),
        ({"weight": np.full(10, np.nan)}, RowError, "weight of row 0"),
        ({"weight": np.zeros(10)}, OptionError, "all row weights are zero"),
        ({"weight": np.eye(10)[0]}, OptionError, "at least two rows of positive weight"),
        ({"weight": np.ones(9)}, OptionError, "weight has shape"),
    ],
)
def test_errors_name_the_option(options, error, words):
    options = {k: np.array(v) if isinstance(v, list) else v for k, v in options.items()}
    with pytest.raises(error, match=words.replace("(", r"\(")):
        make_folds(10, **options)


def test_too_much_for_the_memory_is_refused():
    with pytest.raises(OptionError, match="fit into memory"):
        make_folds(200_000, folds=100_000)


def test_no_rows():
    with pytest.raises((OptionError, DataError), match="no rows"):
        make_folds(0)
