"""A user's own nets behind scikit-learn's door, and their file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import rightfit  # noqa: E402
from rightfit.errors import MissingExtraError, OptionError, StoreError  # noqa: E402

SMALL: dict[str, Any] = {"folds": 2, "strengths": [0.0], "seeds": 2, "batch": 32, "learning_rate": 0.02, "epochs": 12}


def residual(inputs: int, outputs: int) -> Any:
    class Residual(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = torch.nn.Linear(inputs, inputs), torch.nn.Linear(inputs, outputs)
            self.drop = torch.nn.Dropout(0.5)

        def forward(self, x: Any) -> Any:
            return self.last(self.drop(x + torch.relu(self.first(x))))

    return Residual()


def make(n: int = 160) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(0)
    X = r.normal(size=(n, 3))
    return X, np.abs(X[:, 0]) + 0.5 * X[:, 1] + 0.2 * r.normal(size=n)


def test_a_regression_with_a_module_of_ones_own_is_saved_and_loaded(tmp_path: Path) -> None:
    X, y = make()
    model = rightfit.NetworkRegressor(module=residual, loss="huber", **SMALL).fit(X, y)
    assert model.score(X, y) > 0.5 and model.path_.size(1).startswith("2 nets of 16 weights")
    assert model.learner_.words.startswith("neural network, module residual")
    assert model.feature_importances_.argmin() == 2
    file = tmp_path / "nets.safetensors"
    model.save(file)
    again = rightfit.load(file, module=residual)
    assert again.predict(X).tobytes() == model.predict(X).tobytes()
    assert again.row_loss_ == model.row_loss_
    with pytest.raises(OptionError, match=r"rightfit.load\(file, module=function\)"):
        rightfit.load(file)
    with pytest.raises(StoreError, match="not those that its module has"):
        rightfit.load(file, module=lambda inputs, outputs: torch.nn.Linear(inputs, outputs))
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(StoreError, match="damaged"):
        rightfit.load(file, module=residual)


def test_classes_are_saved_with_perceptrons_too_and_a_module_is_found_by_its_name(tmp_path: Path) -> None:
    X, y = make()
    names = np.where(y > y.mean(), "many", "few")
    for given in ({"hidden": 4}, {"module": "tests.rooms.estimators.test_network_own:residual"}):
        model = rightfit.NetworkClassifier(threshold=0.3, **given, **SMALL).fit(X, names)
        model.save(tmp_path / "nets.safetensors")
        again = rightfit.load(tmp_path / "nets.safetensors", module=given.get("module"))
        assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
        assert again.predict(X).tolist() == model.predict(X).tolist()
        assert again.classes_.tolist() == ["few", "many"] and again.module == given.get("module")


def test_images_of_shapes_that_only_a_convolution_finds() -> None:
    """A bright bar, lying or standing, anywhere."""
    r = np.random.default_rng(0)
    images, y = 0.1 * r.normal(size=(240, 8, 8)), r.integers(2, size=240)
    for one, standing in zip(images, y, strict=True):
        place, start = r.integers(8), r.integers(4)
        (one.T if standing else one)[place, start : start + 5] += 1.0
    X = images.reshape(240, 64)
    given = SMALL | {"learning_rate": 0.01}
    model = rightfit.NetworkClassifier(module="convolution", image=(8, 8), **given).fit(X[:80], y[:80])
    assert model.score(X[80:], y[80:]) > 0.9
    assert rightfit.NetworkClassifier(hidden=32, **given).fit(X[:80], y[:80]).score(X[80:], y[80:]) < 0.85
    assert np.ptp(model.model_.inputs.mean) == 0 and np.ptp(model.model_.inputs.scale) == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"module": 3}, "module must be a function of inputs and outputs"),
        ({"module": "rightfit.nowhere:net"}, "module 'rightfit.nowhere:net' cannot be imported"),
        ({"module": lambda inputs, outputs: inputs}, r"module must return a torch.nn.Module, not int"),
        (
            {"module": lambda inputs, outputs: torch.nn.Linear(inputs, 7)},
            r"must say 1 number for each row, \(rows, 1\)",
        ),
        ({"module": lambda inputs, outputs: torch.nn.Linear(9, 1)}, r"cannot read rows of shape \(2, 3\)"),
        ({"module": torch.nn.Linear, "walks": "dropout"}, "there is no dropout to walk in"),
        ({"module": torch.nn.Linear, "image": (2, 2)}, "images of 2 x 2 have 4 pixels, and there are 3 columns"),
        ({"module": torch.nn.Linear, "image": (2,)}, "image must be"),
        ({"module": "convolution"}, r"say how large they are, such as image=\(28, 28\)"),
        (
            {"module": lambda i, o: torch.nn.Sequential(torch.nn.AlphaDropout(0.1), torch.nn.Linear(i, o))},
            "a ladder cannot give alpha_dropout a rate of its own",
        ),
    ],
)
def test_modules_without_sense_are_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        rightfit.NetworkRegressor(**{**SMALL, "strengths": None} | given).fit(*make(40))


def test_without_torch_a_module_says_that_it_needs_it_to_predict(tmp_path: Path, monkeypatch: Any) -> None:
    X, y = make()
    rightfit.NetworkRegressor(module=residual, **SMALL).fit(X, y).save(tmp_path / "nets.safetensors")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="these nets need torch to predict"):
        rightfit.load(tmp_path / "nets.safetensors", module=residual)
