"""Columns that the user names must be there; where one is not, the nearest names are offered."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from rightfit.errors import ColumnError
from rightfit.search.options import FitOptions


def check_names(names: Sequence[str], options: FitOptions) -> None:
    """ColumnError for the first column of ``options`` that is not among ``names``."""
    for name, option in options.columns():
        if name not in names:
            raise ColumnError(f"{option}: there is no column {name!r}; {suggest(name, names)}")


def suggest(name: str, names: Sequence[str]) -> str:
    """``did you mean ...?`` or, where nothing is near, the names there are."""
    folded = {n.casefold().strip(): n for n in reversed(names)}
    near = [folded[f] for f in difflib.get_close_matches(name.casefold().strip(), folded, n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(repr(n) for n in near)}?"
    shown = ", ".join(repr(n) for n in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"the columns are {shown}" if names else "the file has no columns"
