"""The picture of a path, as a page that opens offline."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rightfit.records import Curve, Trace


@dataclass(frozen=True, repr=False)
class Picture:
    """One self-contained html page; a notebook shows it in place."""

    page: str

    def save(self, path: str | Path) -> None:
        """Write the page."""
        Path(path).write_text(self.page, encoding="utf-8")

    def _repr_html_(self) -> str:
        frame = 'sandbox="allow-scripts" width="100%" height="720" style="border:0"'
        return f'<iframe srcdoc="{html.escape(self.page, quote=True)}" {frame}></iframe>'

    def __repr__(self) -> str:
        return f"Picture({len(self.page):,} characters of html; save(path) writes it)"


def draw(estimator: Any, trace: Trace, curve: Curve, loss: str, save_as: str | Path | None) -> Picture:
    """The path with the held-out loss under it."""
    from rightfit import __version__
    from rightfit.report.path_page import render_path

    names = getattr(estimator, "feature_names_in_", np.array([f"x{j}" for j in range(trace.features)]))
    title = f"The path of {type(estimator).__name__}"
    page = render_path(
        trace, [str(n) for n in names], curve, title, subtitle=estimator.choice_.reason, loss=loss, version=__version__
    )
    picture = Picture(page)
    if save_as is not None:
        picture.save(save_as)
    return picture
