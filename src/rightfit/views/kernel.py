"""Kernel ridge: linear models of similarities to landmarks, whose path walks in the strength of the squared penalty.

With z the columns as nets see them (`rightfit.learners._network.inputs`), k(z, z') = exp(-|z - z'|^2 / (2 d^2)) and d
the median distance of two rows, the features of a row are its similarities to landmarks turned so that their products
are those of the kernel (Nystroem's method, Williams and Seeger 2001): a squared penalty on their coefficients is the
norm of the function in the kernel's space. With all rows as landmarks that is kernel ridge, or kernel logistic
regression, to the last digit. Landmarks, distances and the scale of the columns come from each resample's own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Design, Learner, Model, Path, Problem
from rightfit.data.design import make_design
from rightfit.errors import OptionError
from rightfit.learners._network.inputs import Inputs
from rightfit.records import Axis, Resamples

LANDMARKS = 100
_PAIRS = 2_000
_WEAKEST = 1e-6
"""Of the strongest strength: functions of a kernel hide in small directions."""


@final
@dataclass(frozen=True)
class Kernel(Learner):
    """A squared penalty in the space of the Gaussian kernel; ``landmarks`` rows stand for all."""

    landmarks: int = LANDMARKS
    count: int = 30
    seed: int = 0
    name: ClassVar[str] = "kernel"
    rank: ClassVar[int] = 3

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[Path]:
        """One path a resample, at the strengths of the full fit."""
        paths: list[Path] = []
        strengths = None
        for k in range(len(resamples)):
            weight = resamples.weights(k).astype(np.float64)
            similar = _Similar(problem.design, weight / weight.sum(), self.landmarks, self.seed)
            columns = Problem(similar.read(problem.design), problem.y, problem.loss, problem.offset)
            full = Resamples.full(weight)
            if strengths is None:
                top = float(_ridge(None).fit_paths(columns, full)[0].strengths[0])
                strengths = np.geomspace(top, _WEAKEST * top, self.count)
            paths.append(KernelPath(similar, _ridge(strengths).fit_paths(columns, full)[0]))
        return paths

    @property
    def words(self) -> str:
        return f"kernel ridge, Gaussian kernel, at most {self.landmarks} landmarks"

    @property
    def settings(self) -> dict[str, float]:
        return {"landmarks": float(self.landmarks)}


def _ridge(strengths: np.ndarray | None) -> Any:
    """The linear learner; two strengths of its own where none are told."""
    penalty = find("penalties", "elastic_net")(l1_ratio=0.0)
    return find("learners", "linear")(penalty=penalty, strengths=strengths, count=2, standardize=False)


@final
class KernelPath(Path):
    """A ridge path over similarities."""

    def __init__(self, similar: _Similar, path: Path):
        self.similar, self.path = similar, path
        self.strengths, self.complexity, self.status = path.strengths, path.complexity, path.status

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        return self.path.predict(self.similar.read(design), offset)

    def model(self, step: int) -> Model:
        raise OptionError("a kernel model is looked at, not kept: take its path's predictions")

    def importance(self, step: int) -> np.ndarray:
        raise OptionError("a kernel model weighs rows, not columns")

    def size(self, step: int) -> str:
        return f"{self.complexity[step]:.3g} degrees of freedom"

    @property
    def axis(self) -> Axis:
        return self.path.axis


class _Similar:
    """What a fit's own rows say about similarity."""

    def __init__(self, design: Design, share: np.ndarray, landmarks: int, seed: int):
        from sklearn.kernel_approximation import Nystroem

        own = np.flatnonzero(share > 0)
        self.inputs = Inputs.of(design, share[:, None])[0]
        z = self.inputs.read(design.take(own))
        rng = np.random.default_rng([seed, 67])
        first, second = rng.integers(len(own), size=(2, _PAIRS))
        apart = np.linalg.norm(z[first] - z[second], axis=1)
        apart = apart[apart > 0]
        distance = float(np.median(apart)) if len(apart) else 1.0
        self.map = Nystroem(
            kernel="rbf", gamma=0.5 / distance**2, n_components=min(landmarks, len(own)), random_state=seed
        ).fit(z)

    def read(self, design: Design) -> Design:
        """(n, landmarks)"""
        return make_design(np.asfortranarray(self.map.transform(self.inputs.read(design))))
