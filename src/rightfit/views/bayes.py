"""Not computed yet."""

from __future__ import annotations

from rightfit.errors import OptionError
from rightfit.records import Bayes
from rightfit.views.ground import Ground


def see(ground: Ground) -> Bayes:
    """OptionError."""
    raise OptionError(f"{ground.run.source.name}: this view is not there yet")
