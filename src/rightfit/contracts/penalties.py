"""What coefficients cost: through tangents, or through a proximal operator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from rightfit.errors import OptionError


@dataclass(frozen=True)
class Tangent:
    """A penalty seen from a point: sum of l1 |b| + l2/2 b^2 in the box lower <= b <= upper, (p,) each.

    ``l1`` and ``l2`` speak of coefficients of standardized columns, the box of coefficients on the original
    scale. An infinite l1 excludes a feature.

    A penalty on groups adds sum_g norm_g ||b_g||, the Euclidean norm over the columns of group g and all
    outputs; it has no box then, and one l2 for all columns of a group."""

    l1: np.ndarray
    l2: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    groups: np.ndarray | None = None
    """(p,) number of each column's group, 0 to G - 1; None where nothing is grouped."""
    norm: np.ndarray | None = None
    """(G,) finite"""


class Penalty(ABC):
    """What coefficients cost. Coefficients are (p,) or (p, C), those of standardized columns."""

    name: ClassVar[str]
    separable: ClassVar[bool] = True
    """A tangent elastic net exists; see `ProxPenalty` for what has none."""
    convex: ClassVar[bool] = True
    """The tangent at zero is the penalty everywhere; otherwise it is taken again along the way."""

    @property
    def pilot(self) -> bool:
        """The penalty wants to learn from a first fit with itself as it is, in each resample's own rows: see
        `adapt`."""
        return False

    def adapt(self, coef: np.ndarray) -> Penalty:
        """The penalty that has seen the pilot's coefficients."""
        return self

    def keep_signs(self, signs: np.ndarray) -> Penalty:
        """The same, with coefficients of these signs (p,) alone: 1 for 0 or more, -1 for 0 or less, 0 for any.
        OptionError where the penalty has no bounds."""
        raise OptionError(f"the penalty {self.name} cannot keep coefficients to a sign")

    @abstractmethod
    def value(self, coef: np.ndarray, strength: float) -> float:
        """The cost at this strength."""

    @abstractmethod
    def tangent(self, coef: np.ndarray, strength: float) -> Tangent:
        """An elastic net in a box that touches the penalty at ``coef`` and lies above it elsewhere."""

    @abstractmethod
    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which all penalized coefficients are zero, given ``gradient`` (p, C) of
        the loss in standardized coefficients at zero; ``strengthless`` (p,) marks columns to pass over."""

    @abstractmethod
    def sentence(self) -> str:
        """The penalty in words."""

    @classmethod
    @abstractmethod
    def specimens(cls, p: int) -> Iterator[Penalty]:
        """Instances for p features that the laws try."""


class ProxPenalty(ABC):
    """A convex cost of coefficients that does not separate: strength times a seminorm. Coefficients are (p, C),
    those of standardized columns."""

    name: ClassVar[str]
    separable: ClassVar[bool] = False
    convex: ClassVar[bool] = True
    pilot: ClassVar[bool] = False
    """None of these learns from a first fit."""

    def keep_signs(self, signs: np.ndarray) -> ProxPenalty:
        """None of these has bounds."""
        raise OptionError(f"the penalty {self.name} cannot keep coefficients to a sign")

    @abstractmethod
    def value(self, coef: np.ndarray, strength: float) -> float:
        """The cost at this strength: strength times the cost at 1."""

    @abstractmethod
    def prox(self, coef: np.ndarray, strength: float) -> np.ndarray:
        """(p, C) argmin over b of |b - coef|^2 / 2 + value(b, strength)."""

    @abstractmethod
    def steepest(self, gradient: np.ndarray, strengthless: np.ndarray) -> float:
        """The smallest strength at which zero is optimal for a loss with this gradient (p, C): the dual norm, so
        that the gradient's inner product with b is at most this times value(b, 1). ``strengthless`` (p,) marks
        columns to pass over; what `free` spans is taken as settled."""

    def free(self, p: int) -> np.ndarray:
        """(p, k) directions that cost nothing: none, or a basis."""
        return np.zeros((p, 0))

    @abstractmethod
    def pattern(self, coef: np.ndarray) -> tuple[csr_array, np.ndarray]:
        """Where the cost is linear near these coefficients (p, C): directions (k, p C), numbered as C wants its
        arrays, and the cost's slope (k,) along each at strength 1. k are the effective degrees of freedom."""

    @abstractmethod
    def sentence(self) -> str:
        """The penalty in words."""

    @classmethod
    @abstractmethod
    def specimens(cls, p: int) -> Iterator[ProxPenalty]:
        """Instances for p features that the laws try."""
