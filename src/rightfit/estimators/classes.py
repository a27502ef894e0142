"""Classes as numbers: their loss, and weights that make them count alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rightfit.contracts import Loss
from rightfit.errors import DataError, OptionError
from rightfit.losses.logistic import Logistic
from rightfit.losses.multinomial import Multinomial


def make_loss(classes: int) -> Loss:
    """Logistic for two classes, multinomial for more."""
    return Logistic() if classes == 2 else Multinomial(classes)


def weigh_classes(class_weight: Any, labels: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(n,) row weights times class weights.

    "balanced" gives class c the weight sum(w) / (C sum of w in c), so that all classes weigh alike and a weight of 2
    counts as the row twice. A mapping gives some labels a weight, others keep 1.
    """
    code = codes.astype(int)
    if class_weight is None:
        factor = np.ones(len(labels))
    elif isinstance(class_weight, str) and class_weight == "balanced":
        sums = np.bincount(code, weight, len(labels))
        factor = np.divide(weight.sum(), len(labels) * sums, out=np.zeros(len(labels)), where=sums > 0)
    elif isinstance(class_weight, Mapping):
        place = {label: k for k, label in enumerate(labels.tolist())}
        unknown = [label for label in class_weight if label not in place]
        if unknown:
            raise OptionError(
                f"class_weight names {unknown[0]!r}, which is no class of the target; the classes are {labels.tolist()}"
            )
        factor = np.ones(len(labels))
        for label, value in class_weight.items():
            factor[place[label]] = float(value)
        if not (np.isfinite(factor) & (factor >= 0)).all():
            raise OptionError(f"class_weight must hold finite numbers of 0 or more, not {dict(class_weight)!r}")
    else:
        raise OptionError(f"class_weight must be 'balanced', a mapping or None, not {class_weight!r}")
    out = weight * factor[code]
    if len(np.unique(code[out > 0])) < 2:
        raise DataError("rows of positive weight hold one class only: at least two classes are needed")
    return np.asarray(out)
