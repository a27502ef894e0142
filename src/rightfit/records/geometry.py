"""Loss and penalty as shapes over two columns, and how gradient steps walk among them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Geometry:
    """The penalized fit seen in the plane of two columns."""

    features: tuple[str, ...] = ()
    """Names of the columns whose coefficients are the axes."""
    sentences: tuple[str, ...] = field(default_factory=tuple)
