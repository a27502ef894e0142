"""The order of a fit: what is set aside teaches nothing, what has no target is left out, time and groups decide."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from rightfit.data.table import from_frame
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Run
from rightfit.search.fit import fit_table
from rightfit.search.options import FitOptions, make_options
from rightfit.search.path import entry_order
from rightfit.search.rows import set_aside
from rightfit.store.file import to_bytes
from tests.journeys.files import flowers, houses

QUICK = {"strengths": 15, "folds": 4, "l1_ratio": (1.0,)}


def fit(frame: pl.DataFrame, target: str = "price", **options: Any) -> Run:
    return fit_table(from_frame(frame), make_options(target=target, **{**QUICK, **options}))


def test_rows_set_aside_teach_nothing() -> None:
    frame = houses(150)
    options = make_options(target="price", holdout=0.2, **QUICK)
    _, aside, _ = set_aside(frame, options, None)
    inside = np.isin(np.arange(150), aside)
    changed = frame.with_columns(
        pl.when(pl.Series(inside)).then(pl.lit(1e6)).otherwise(pl.col("size")).alias("size"),
        pl.when(pl.Series(inside)).then(pl.lit("castle")).otherwise(pl.col("quarter")).alias("quarter"),
    )
    first, second = fit(frame, holdout=0.2), fit(changed, holdout=0.2)
    assert first.schema == second.schema
    assert np.array_equal(first.trace.values, second.trace.values)
    assert np.array_equal(first.evidence.loss, second.evidence.loss, equal_nan=True)
    assert first.holdout is not None and second.holdout is not None
    assert first.holdout.rows == second.holdout.rows == 30
    assert first.holdout.loss[-1] < second.holdout.loss[-1]


def test_rows_set_aside_are_spread_over_classes() -> None:
    frame = flowers(300)
    train, aside, words = set_aside(frame, FitOptions(target="sort", holdout=0.2), None)
    assert "20 %" in words
    assert sorted([*train, *aside]) == list(range(300))
    assert frame[aside]["sort"].value_counts()["count"].to_list() == [20, 20, 20]


def test_rows_without_target_are_left_out_and_counted() -> None:
    frame = houses(100)
    gaps = frame.with_columns(pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise(pl.col("price")).alias("price"))
    run, clean = fit(gaps), fit(frame[7:])
    assert np.array_equal(run.trace.values, clean.trace.values)
    assert any("7 of 100 rows" in note.sentence for note in run.notes)


def test_a_row_of_weight_two_is_the_row_twice() -> None:
    frame = houses(60).with_columns(
        fold=pl.Series([i % 4 for i in range(60)]), w=pl.Series([1.0 + (i % 3 == 0) for i in range(60)])
    )
    twice = pl.concat([frame, frame.filter(pl.col("w") == 2)]).with_columns(w=pl.lit(1.0))
    dates = {"weight": "w", "fold_column": "fold", "drop": "name", "folds": None}
    once, copied = fit(frame, **dates), fit(twice, **dates)
    assert once.trace.strengths == pytest.approx(copied.trace.strengths, rel=1e-9)
    assert once.curve.mean == pytest.approx(copied.curve.mean, rel=1e-4)


def test_time_decides_and_random_folds_stand_beside() -> None:
    frame = houses(120)
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(120)]
    moving = frame.with_columns(sold=pl.Series(days), price=pl.col("price") + pl.Series(np.linspace(0, 300, 120)))
    run = fit(moving)
    assert run.drift is not None and run.drift.by == "sold" and run.drift.kind == "time"
    assert "order of time" in run.evidence.name
    assert fit(moving, dates=False).drift is None
    told = fit(moving, time="sold", holdout=0.25)
    assert told.holdout is not None and "latest" in told.holdout.where
    assert "sold" not in {feature.source for feature in told.features}


def test_groups_stay_together() -> None:
    frame = houses(120).with_columns(person=pl.Series([f"p{i // 6}" for i in range(120)]))
    run = fit(frame, group="person", holdout=0.2)
    assert run.drift is not None and run.drift.kind == "group"
    assert len(np.unique(run.evidence.unit)) == 16
    for unit in np.unique(run.evidence.unit):
        assert len(np.unique(run.evidence.fold[run.evidence.unit == unit])) == 1


def test_candidates_share_folds_and_the_smallest_loss_wins() -> None:
    run = fit(houses(100), l1_ratio=None, learners=("linear",))
    assert [c.name for c in run.candidates] == ["lasso", "elastic net, l1_ratio 0.5", "ridge"]
    chosen = [c for c in run.candidates if c.chosen]
    assert len(chosen) == 1 and chosen[0].loss == min(c.loss for c in run.candidates)
    assert chosen[0].difference == chosen[0].difference_error == 0
    assert {c.rule for c in run.choices} == {"best", "one_se", "information"}
    assert run.selection.shape == (len(run.features),)
    assert run.selection[[f.name for f in run.features].index("size")] == 1
    assert run.comparison.labels[1] == "unpenalized"


def test_a_run_is_the_same_whatever_the_global_state_of_chance() -> None:
    np.random.seed(1)
    first = to_bytes(fit(houses(80)))
    np.random.seed(2)
    assert to_bytes(fit(houses(80))) == first


def test_progress_never_goes_back_and_ends_near_the_end() -> None:
    seen: list[float] = []
    fit_table(
        from_frame(houses(60)),
        make_options(target="price", **QUICK),
        lambda stage, done, total, message: seen.append(done / total),
    )
    assert seen == sorted(seen) and 0 < seen[0] and 0.8 < seen[-1] <= 1


def test_counts_have_an_offset() -> None:
    chance = np.random.default_rng(3)
    exposure, x = chance.uniform(1, 50, 200), chance.normal(size=200)
    frame = pl.DataFrame(
        {"x": x, "log_exposure": np.log(exposure), "visits": chance.poisson(exposure * np.exp(0.5 * x - 2))}
    )
    run = fit(frame, "visits", task="counts", offset="log_exposure")
    assert run.task.loss == "poisson"
    assert run.trace.coef(run.choice.step)[0, 0] == pytest.approx(0.5, abs=0.12)
    from rightfit.search.predict import predict_frame

    base = predict_frame(run, frame)["prediction"].to_numpy()
    more = predict_frame(run, frame.with_columns(pl.col("log_exposure") + np.log(2)))["prediction"].to_numpy()
    assert more == pytest.approx(2 * base)
    with pytest.raises(ColumnError, match="log_exposure"):
        predict_frame(run, frame.drop("log_exposure"))


def test_options_in_python_are_forgiving_about_form_and_strict_about_names() -> None:
    options = make_options(target="y", drop="a", id=["b"], penalty="ridge")
    assert options.drop == ("a",) and options.id == ("b",) and options.l1_ratio == (0.0,)
    assert make_options(target="y", l1_ratio=0.5).l1_ratio == (0.5,)
    with pytest.raises(OptionError, match="did you mean 'folds'"):
        make_options(target="y", fold=5)
    with pytest.raises(OptionError, match="either"):
        make_options(target="y", penalty="ridge", l1_ratio=1)


def test_entry_order_is_by_step_then_by_size() -> None:
    run = fit(houses(100))
    order = entry_order(run.trace)
    steps = [step for _, step in order]
    assert steps == sorted(steps)
    assert run.features[order[0][0]].name == "size"
    for feature, step in order:
        assert run.trace.coef(step)[feature].any() and not (step and run.trace.coef(step - 1)[feature].any())


def test_the_constant_model_is_the_mean_whatever_the_size_of_the_target() -> None:
    frame = houses(80).with_columns(price=pl.col("price") * 1e4 + 3e7)
    run = fit(frame, holdout=0.25)
    assert run.comparison.loss[0] == pytest.approx(frame["price"].var() / 2, rel=0.3)  # type: ignore[operator]
    assert run.holdout is not None and run.holdout.loss[0] < 10 * run.comparison.loss[0]
    assert run.curve.metrics["R2"][0] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("unit", [1e5, 1e-7])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.01, 0.0])
def test_the_unit_of_the_target_changes_nothing_but_the_unit(share: float, unit: float) -> None:
    frame = houses(80)
    small, large = fit(frame, l1_ratio=share), fit(frame.with_columns(pl.col("price") * unit), l1_ratio=share)
    assert small.choice.step == large.choice.step
    assert large.curve.mean == pytest.approx(small.curve.mean * unit**2, rel=1e-4)
    coef = small.trace.coef(small.choice.step)
    assert large.trace.coef(large.choice.step) == pytest.approx(
        coef * unit, rel=1e-3, abs=1e-5 * unit * np.abs(coef).max()
    )


def test_every_share_reaches_from_the_constant_model_to_good_ones() -> None:
    frame = houses(200).with_columns(pl.col("price") * 1e4)
    for share in (1.0, 0.5, 0.01, 0.0):
        curve = fit(frame, l1_ratio=share, strengths=40).curve
        assert curve.mean[0] > 0.9 * curve.null
        assert curve.mean[:-1].min() < 0.35 * curve.null
