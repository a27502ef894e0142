"""Fitted nets as a ``.safetensors`` file, and back: arrays, and a few words in JSON; nothing in it can run.

The file holds what predicts, not the evidence. A module of a user's own is not in it, only its parameters: whoever
loads the file gives the function that makes it. A file never says what is to be imported.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rightfit import catalog
from rightfit.errors import DataError, FileError, MissingExtraError, OptionError, StoreError
from rightfit.estimators.network_classifier import NetworkClassifier
from rightfit.estimators.network_regressor import NetworkRegressor
from rightfit.estimators.threshold import Threshold
from rightfit.learners.network import restore
from rightfit.records import Fitted
from rightfit.store.atomic import written

FORMAT = "rightfit nets 1"


def save_nets(estimator: Any, path: str | Path) -> None:
    """Write what predicts of a fitted `NetworkClassifier` or `NetworkRegressor`."""
    save = _library().save
    fitted = estimator.model_.fitted()
    told: dict[str, Any] = {
        "kind": type(estimator).__name__,
        "facts": fitted.facts,
        "loss": fitted.loss,
        "columns": estimator.n_features_in_,
        "epochs": estimator.epochs_,
        "strength": estimator.strength_,
    }
    if hasattr(estimator, "feature_names_in_"):
        told["names"] = [str(name) for name in estimator.feature_names_in_]
    if isinstance(estimator, NetworkClassifier):
        told |= {"classes": estimator.classes_.tolist(), "type": estimator.classes_.dtype.str}
        if estimator.threshold_ is not None:
            told["threshold"] = asdict(estimator.threshold_)
    else:
        try:
            told["parameters"] = {name: float(value) for name, value in asdict(estimator.row_loss_).items()}
        except (TypeError, ValueError) as error:
            raise OptionError(
                f"the loss {fitted.loss} has parameters that are no numbers: it cannot be saved"
            ) from error
    if "classes" in told and not isinstance(told["classes"][0], str | int | float | bool):
        raise DataError(f"classes of type {told['type']} cannot be saved: name them by text or numbers")
    arrays = {name: np.ascontiguousarray(array) for name, array in fitted.arrays.items()}
    content = save(arrays, {"format": FORMAT, "words": json.dumps(told)})
    with written(path) as stream:
        stream.write(content)


def load_nets(path: str | Path, module: Any = None) -> NetworkClassifier | NetworkRegressor:
    """The estimator in a file that `save_nets` wrote: it predicts, and has no evidence. ``module`` makes its nets,
    where they are of a user's own.

    Raises FileError where there is none, StoreError where it is damaged or does not fit to the module.
    """
    file = Path(path)
    arrays, told = _open(file)
    try:
        fitted = Fitted("network", str(told["loss"]), arrays, {name: float(v) for name, v in told["facts"].items()})
        made: Any = {"NetworkClassifier": NetworkClassifier, "NetworkRegressor": NetworkRegressor}[told["kind"]]()
        made.model_ = restore(fitted, module)
        made.n_features_in_, made.epochs_, made.strength_ = int(told["columns"]), int(told["epochs"]), told["strength"]
        made.loss_, made.n_iter_ = fitted.loss, max(1, made.epochs_)
        if made.n_features_in_ != len(made.model_.inputs.mean):
            raise ValueError("it names another number of columns than its nets have")
        if "names" in told:
            made.feature_names_in_ = np.array(told["names"], dtype=object)
        if isinstance(made, NetworkClassifier):
            made.classes_ = np.array(told["classes"], dtype=told["type"])
            made.threshold_ = Threshold(**told["threshold"]) if "threshold" in told else None
        else:
            made.row_loss_ = catalog.find("losses", fitted.loss)(**told["parameters"])
    except (OptionError, StoreError):
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"{file.name} holds no usable nets: {error}") from error
    body = made.model_.body
    made.set_params(module=module, image=getattr(body, "image", ()), text=getattr(body, "text", ()))
    return made


def _open(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    library = _library()
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"there is no file {str(file)!r}") from error
    except OSError as error:
        raise FileError(f"{str(file)!r} cannot be read: {(error.strerror or 'unknown error').lower()}") from error
    try:
        arrays = library.load(content)
        length = int.from_bytes(content[:8], "little")
        words = json.loads(content[8 : 8 + length])["__metadata__"]
        if words["format"] != FORMAT:
            raise ValueError(words["format"])
        told = json.loads(words["words"])
    except Exception as error:  # safetensors has an error of its own for whatever is wrong
        raise StoreError(f"{file.name} is damaged, or was not written by rightfit: save the nets again") from error
    return arrays, told


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtraError("nets are saved by safetensors: pip install 'rightfit[networks]'") from error
    return safetensors.numpy
