"""The view of whole runs: what it finds, stores and says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import rightfit
from rightfit.cli import main
from rightfit.errors import FileError, OptionError
from rightfit.store.file import to_bytes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bayes")
    g = np.random.default_rng(0)
    n = 90
    rooms, age, noise = g.integers(1, 8, n), g.uniform(0, 100, n), g.normal(size=(n, 3))
    price = 200 + 30 * rooms - 0.8 * age + 25 * g.normal(size=n)
    sold = (price + 30 * g.normal(size=n) > np.median(price)).astype(int)
    pl.DataFrame(
        {"price": price, "sold": np.where(sold == 1, "yes", "no"), "rooms": rooms, "age": age}
        | {f"noise{k}": noise[:, k] for k in range(3)}
    ).write_csv(made / "houses.csv")
    return made


def _fit(folder: Path, ratio: float, **options: object) -> rightfit.door.SavedRun:  # type: ignore[name-defined]
    asked = {"target": "price", "drop": ("sold",), "learners": ("linear",), "l1_ratio": (ratio,), "strengths": 25}
    return rightfit.fit(folder / "houses.csv", **(asked | options))


@pytest.fixture(scope="module")
def ridge(folder: Path):
    return _fit(folder, 0.0)


@pytest.fixture(scope="module")
def lasso(folder: Path):
    return _fit(folder, 1.0)


def test_ridge_is_exact_and_the_same_each_time(folder: Path, ridge):
    seen = ridge.bayes(folder / "houses.csv")
    view = seen.run.views.bayes
    step, trace = view.step, seen.run.trace
    assert view.posterior.method == "exact"
    np.testing.assert_allclose(view.posterior.mean * trace.scale, trace.coef(step)[:, 0] * trace.scale, atol=0.05)
    # the prior of a ridge: v / (n strength) is the variance per standard deviation of the column
    told = np.sqrt(view.noise / (view.rows * trace.strengths[step])) / trace.scale
    np.testing.assert_allclose(view.prior.deviation, told)
    np.testing.assert_allclose(1 / np.sqrt(view.prior.precision * trace.strengths[step]), told)
    assert np.nanmax(view.marginal.value) <= 0 < view.marginal.strength
    assert abs(view.marginal.slope) < 1e-6
    assert np.isnan(view.marginal.value[-1]) == (trace.strengths[-1] == 0)
    assert 0.88 <= view.predictive.covered <= 1
    assert view.debiased.shape == view.bootstrap.shape == (5, 2)
    assert view.slices.spread.shape == (len(trace), 5)
    assert any("MacKay" in sentence for sentence in view.sentences)
    again = ridge.bayes(folder / "houses.csv")
    assert to_bytes(again.run) == to_bytes(seen.run)


def test_a_stored_run_keeps_its_view(folder: Path, ridge, tmp_path: Path):
    seen = ridge.bayes(folder / "houses.csv", beside=False)
    seen.save(tmp_path / "seen.rightfit")
    loaded = rightfit.load(tmp_path / "seen.rightfit").run.views.bayes
    assert loaded.sentences == seen.run.views.bayes.sentences
    np.testing.assert_array_equal(loaded.posterior.upper, seen.run.views.bayes.posterior.upper)
    assert not loaded.debiased.size


def test_the_lasso_is_sampled_and_its_mean_has_no_zeros(folder: Path, lasso):
    seen = lasso.bayes(folder / "houses.csv", draws=500, beside=False, seed=4)
    view, coef = seen.run.views.bayes, seen.run.trace.coef(seen.run.choice.step)[:, 0]
    assert view.posterior.method == "sampled"
    assert (coef == 0).sum() >= 1
    assert (view.posterior.mean != 0).all()
    assert (view.posterior.draws, view.posterior.chains) == (500, 4)
    assert (view.posterior.r_hat < 1.05).all()
    assert view.prior.family == "Laplace"
    np.testing.assert_allclose(view.slices.density.sum(axis=1) * np.diff(view.slices.grid[:, :2])[:, 0], 1, atol=0.02)
    text = " ".join(view.sentences)
    assert f"The mode has {(coef == 0).sum()} coefficients of exactly 0, the posterior mean has 0" in text
    assert view.marginal is None
    assert view.slices.spread.shape[0] == 0


def test_two_classes_are_approximated(folder: Path):
    seen = _fit(folder, 0.0, target="sold", drop=("price",)).bayes(folder / "houses.csv", beside=False)
    view = seen.run.views.bayes
    assert view.posterior.method == "approximate"
    assert view.noise == 1
    assert "log odds of yes" in view.sentences[0]
    assert -2 < np.nanmax(view.marginal.value) <= 0 < view.marginal.strength
    assert any("fits; the next one would change it" in sentence for sentence in view.sentences)
    kinked = _fit(folder, 1.0, target="sold", drop=("price",)).bayes(folder / "houses.csv", beside=False)
    assert kinked.run.views.bayes.posterior is None
    assert any("kink" in sentence for sentence in kinked.run.views.bayes.sentences)
    assert kinked.run.views.bayes.slices is not None


def test_a_told_noise_is_taken(folder: Path, ridge):
    told = ridge.bayes(folder / "houses.csv", noise=900.0, beside=False).run.views.bayes
    wide = ridge.bayes(folder / "houses.csv", noise=3600.0, beside=False).run.views.bayes
    np.testing.assert_allclose(wide.prior.deviation, 2 * told.prior.deviation)
    np.testing.assert_allclose(wide.posterior.deviation, 2 * told.posterior.deviation)
    assert "was told" in told.sentences[1]


def test_weights_are_numbers_of_rows(folder: Path, tmp_path: Path):
    frame = pl.read_csv(folder / "houses.csv").with_columns(times=pl.lit(2.0))
    frame.write_csv(tmp_path / "twice.csv")
    options = {"target": "price", "drop": ("sold",), "learners": ("linear",), "l1_ratio": (0.0,), "strengths": 25}
    twice = rightfit.fit(tmp_path / "twice.csv", weight="times", **options)
    view = twice.bayes(tmp_path / "twice.csv", beside=False).run.views.bayes
    assert view.rows == 180
    assert any("numbers of rows" in sentence for sentence in view.sentences)


def test_noise_that_is_far_from_normal_is_told(folder: Path, ridge, tmp_path: Path):
    assert not any("kurtosis" in s for s in ridge.bayes(folder / "houses.csv", beside=False).run.views.bayes.sentences)
    frame = pl.read_csv(folder / "houses.csv")
    frame.with_columns(price=pl.col("price") + 2_000 * (pl.int_range(pl.len()) == 7)).write_csv(tmp_path / "far.csv")
    far = rightfit.fit(tmp_path / "far.csv", target="price", drop=("sold",), learners=("linear",), l1_ratio=(0.0,))
    sentences = far.bayes(tmp_path / "far.csv", beside=False).run.views.bayes.sentences
    assert any("excess kurtosis" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("options", "word"),
    [({"level": 1.5}, "level"), ({"chains": 1}, "chains"), ({"draws": 3}, "draws"), ({"noise": -1.0}, "noise")],
)
def test_options_without_sense_are_named(folder: Path, lasso, options: dict[str, float], word: str):
    with pytest.raises(OptionError, match=word):
        lasso.bayes(folder / "houses.csv", **options)


@pytest.mark.parametrize(
    ("fit", "word"),
    [
        ({"l1_ratio": None, "families": ("mcp",)}, "no prior"),
        ({"l1_ratio": None, "families": ("slope",)}, "all of them together"),
        ({"loss": "huber"}, "robustness"),
        ({"l1_ratio": None, "learners": ("tree",)}, "no coefficients"),
    ],
)
def test_runs_without_such_a_reading_say_why(folder: Path, fit: dict[str, object], word: str):
    saved = _fit(folder, 1.0, **fit)
    with pytest.raises(OptionError, match=word):
        saved.bayes(folder / "houses.csv")


def test_predictive_intervals_of_new_rows(folder: Path, ridge, lasso):
    frame = pl.read_csv(folder / "houses.csv")
    found = ridge.predict_believed(folder / "houses.csv", frame.drop("price"), level=0.9)
    np.testing.assert_allclose(found["prediction"], ridge.predict(frame)["prediction"], rtol=1e-3)
    inside = ((frame["price"] > found["lower"]) & (frame["price"] < found["upper"])).mean()
    assert 0.8 < inside < 1
    far = frame.head(1).with_columns(rooms=pl.lit(60))
    wide, near = (ridge.predict_believed(folder / "houses.csv", one)["upper"][0] for one in (far, frame.head(1)))
    start = ridge.predict_believed(folder / "houses.csv", far)["prediction"][0]
    assert wide - start > near - ridge.predict_believed(folder / "houses.csv", frame.head(1))["prediction"][0]
    with pytest.raises(OptionError, match="conformal"):
        lasso.predict_believed(folder / "houses.csv", frame)
    with pytest.raises(OptionError, match="level"):
        ridge.predict_believed(folder / "houses.csv", frame, level=0)


def test_another_file_is_refused(folder: Path, ridge, tmp_path: Path):
    pl.read_csv(folder / "houses.csv").head(50).write_csv(tmp_path / "other.csv")
    with pytest.raises(FileError, match="not the file"):
        ridge.bayes(tmp_path / "other.csv")


def test_the_command_computes_it_alone(folder: Path, ridge, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ridge.save(tmp_path / "houses.rightfit")
    words = ["views", str(tmp_path / "houses.rightfit"), "--data", str(folder / "houses.csv"), "--only", "bayes"]
    out = ["-o", str(tmp_path / "seen.rightfit"), "--report", str(tmp_path / "seen.html"), "--json"]
    assert main([*words, *out]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "Gaussian prior" in told["views"]["The Bayesian view"]["sentences"][0]
    page = (tmp_path / "seen.html").read_text()
    assert "Prior times likelihood is posterior" in page
    assert "Posterior of each coefficient" in page
