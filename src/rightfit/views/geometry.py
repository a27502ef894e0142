"""Not computed yet."""

from __future__ import annotations

from rightfit.errors import OptionError
from rightfit.records import Geometry
from rightfit.views.ground import Ground


def see(ground: Ground) -> Geometry:
    """OptionError."""
    raise OptionError(f"{ground.run.source.name}: this view is not there yet")
