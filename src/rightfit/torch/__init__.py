"""Regularizers for anybody's PyTorch loop.

    import rightfit.torch as rt

    optimizer = torch.optim.AdamW(rt.parameter_groups(net, weight_decay=0.05), lr=1e-3)
    stopping = rt.EarlyStopping(net, patience=10)

Each name is imported when it is first used. Whatever draws random numbers takes a ``torch.Generator``; torch's global
state is left as it was.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from rightfit.errors import MissingExtraError

LACKS = 'torch is not installed, which rightfit.torch needs: pip install "rightfit[networks]"'

if importlib.util.find_spec("torch") is None:
    raise MissingExtraError(LACKS)

_LAZY: dict[str, str] = {
    "CoupledL2": "coupled_l2",
    "DecoupledDecay": "decoupled_decay",
    "DropoutPrediction": "dropout_prediction",
    "EarlyStopping": "early_stopping",
    "ElasticNet": "elastic_net",
    "FGSM": "fgsm",
    "GroupLasso": "group_lasso",
    "InputNoise": "input_noise",
    "L1": "elastic_net",
    "PGD": "pgd",
    "ParameterGroups": "groups",
    "Robustness": "robust",
    "StochasticDepth": "stochastic_depth",
    "WeightAverage": "weight_average",
    "add_gradient_noise": "gradient_noise",
    "adversarial_loss": "adversarial",
    "depth_rates": "stochastic_depth",
    "mixup": "mixing",
    "parameter_groups": "groups",
    "predict_with_dropout": "dropout_prediction",
    "robustness": "robust",
    "smooth_labels": "smoothing",
    "update_batch_norm": "batch_norm",
    "weights": "roles",
}
"""Public name -> the module of this room that holds it; no module has the name of a function, which it would hide."""

__all__ = sorted(_LAZY)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'rightfit.torch' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"rightfit.torch.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
