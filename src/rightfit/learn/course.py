"""The course: which lessons there are, in which order, what each teaches, and all of it laid out in a folder.

What a lesson has computed is stored beside it (``lessons/NAME.json``), as a run stores what a report shows: pages are
laid out in a moment, without the data, xgboost or torch. `rightfit.learn.compute` makes the stored results, and tells
whether they are still those of today's rightfit.
"""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path

from rightfit.errors import FileError
from rightfit.learn.page import Page, lay_out, lay_out_contents
from rightfit.learn.results import Results
from rightfit.learn.text import read_text

LESSONS = (
    "overfitted_suit",
    "ridge",
    "lasso",
    "elastic_net",
    "choosing",
    "bias_variance",
    "priors_and_shapes",
    "trees_and_boosting",
    "networks",
    "combining",
)
"""Names of lessons, in their order."""

TECHNIQUES: dict[str, tuple[str, ...]] = {
    "L2, ridge: closed form, whole path, leave-one-out, gradient steps": ("ridge",),
    "L1, lasso: exact zeros, certificate, selected columns": ("lasso",),
    "Elastic net: both parametrizations, groups stay together": ("elastic_net",),
    "The same for classes, counts, amounts and survival": ("elastic_net",),
    "Choosing the strength: folds, standard errors, rules": ("choosing", "overfitted_suit"),
    "Feature selection, groups, further penalties": ("lasso", "elastic_net"),
    "Trees and forests": ("trees_and_boosting",),
    "Gradient boosting": ("trees_and_boosting",),
    "Weight decay, coupled and decoupled": ("networks", "ridge"),
    "Dropout": ("networks",),
    "Early stopping": ("networks", "trees_and_boosting"),
    "Data augmentation": ("networks",),
    "Batch and layer normalization": ("networks",),
    "Adversarial training": ("networks",),
    "Transformers: parameter groups, layer-wise decay": ("networks",),
    "Implicit regularization: batch size and number of steps": ("networks",),
    "Automatic regularization within a time budget": ("combining",),
    "Combining techniques": ("combining",),
    "Bias and variance": ("bias_variance",),
    "The Bayesian view: priors and posteriors": ("priors_and_shapes",),
    "The geometric view: diamonds and balls": ("priors_and_shapes",),
    "Information kept by a noisy layer": ("networks",),
    "Overfitting and underfitting, told apart": ("overfitted_suit", "choosing"),
}
"""What can be learned, and in which lessons."""


def stored(name: str, ending: str) -> str:
    """One of the three files of a lesson as text."""
    return files("rightfit.learn").joinpath("lessons", f"{name}.{ending}").read_text(encoding="utf-8")


def load_results(name: str) -> Results:
    """What the lesson has computed, as it is stored."""
    import msgspec

    return msgspec.json.decode(stored(name, "json"), type=Results)


def load_page(name: str, results: Results | None = None) -> Page:
    """A lesson with its text; ``results``: in place of the stored ones."""
    results = load_results(name) if results is None else results
    return Page(name, read_text(stored(name, "md"), results.facts), results, stored(name, "py"))


def find_folder() -> Path:
    """Where the pages are laid out for a user who names no folder: the user's cache, or a fresh temporary folder where
    that cannot be written."""
    from rightfit import __version__

    home = os.environ.get("XDG_CACHE_HOME", "")
    folder = (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "rightfit" / f"course-{__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="rightfit-course-"))
    return folder


def write_course(folder: Path, home: str = "") -> Path:
    """Lays the course out in ``folder``, which is made; the path of its contents page. ``home``: where that page
    leads to. FileError where the folder cannot be written."""
    pages = [load_page(name) for name in LESSONS]
    titles = {page.name: page.text.title for page in pages}
    techniques = [(words, [(name, titles[name]) for name in names]) for words, names in TECHNIQUES.items()]
    made = {f"{page.name}.html": lay_out(page, number, pages, home) for number, page in enumerate(pages)}
    made["index.html"] = lay_out_contents(pages, techniques, home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in made.items():
            (folder / name).write_text(page, encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"the course cannot be written to {folder}: {error.strerror or error}; choose another folder with -o."
        ) from error
    return folder / "index.html"
