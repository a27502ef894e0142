"""Python's door to what the command line does: the same fit, the same file, the same predictions.

saved = rightfit.fit("houses.csv", target="price")     # or a DataFrame
saved.save("houses.rightfit")
rightfit.load("houses.rightfit").predict(new_frame)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars

    from rightfit.data.table import Table
    from rightfit.evidence.summary import Summary
    from rightfit.records import Run


@dataclass(frozen=True)
class SavedRun:
    """A run with what can be done with it."""

    run: Run

    def predict(self, frame: Any, times: Sequence[float] = ()) -> polars.DataFrame:
        """Predictions for a table (pandas, polars, pyarrow, numpy, dict of columns), see `rightfit.search.predict`.
        A run of survival times also tells how likely it is that nothing has happened by each of ``times``."""
        from rightfit.search.predict import predict_frame

        return predict_frame(self.run, frame, times)

    def report(self, path: str | Path) -> None:
        """Write the report: one html file that opens offline."""
        from rightfit.report.page import write_page

        write_page(self.run, path)

    def summary(self, data: Any = None, **options: Any) -> Summary:
        """The table of coefficients; ``print`` shows it. Intervals need ``data``, the file or table of the fit.

        ``options``: ``intervals`` ("debiased", "bootstrap" or "none"), ``level`` (0.95), ``count`` and ``seed`` of the
        bootstrap; see `rightfit.evidence.describe`.
        """
        from rightfit.data.table import from_frame, read_table
        from rightfit.search.describe import describe_run

        if data is None:
            return describe_run(self.run)
        return describe_run(self.run, read_table(data) if isinstance(data, str | Path) else from_frame(data), **options)

    def views(
        self, data: Any, only: Sequence[str] = (), options: Mapping[str, Mapping[str, Any]] | None = None
    ) -> SavedRun:
        """The run with its views, see `rightfit.views.compute`. ``data`` is the very file or table of the fit; ``only``
        names some of ``"bias-variance"``, ``"geometry"``, ``"bayes"``, ``"boundary"``, ``"dropout"`` and
        ``"information"``, all are tried where it is empty; ``options`` are those of each by its name."""
        from rightfit.views.compute import compute_views

        return SavedRun(compute_views(self.run, self._table(data), only, options))

    def bias_variance(self, data: Any, **options: Any) -> SavedRun:
        """The run with bias and variance along its path in ``run.views``; options: `rightfit.views.bias_variance`."""
        return self.views(data, ("bias-variance",), {"bias-variance": options})

    def geometry(self, data: Any, **options: Any) -> SavedRun:
        """The run with the shapes of loss and penalty in ``run.views``; options: `rightfit.views.geometry`."""
        return self.views(data, ("geometry",), {"geometry": options})

    def bayes(self, data: Any, **options: Any) -> SavedRun:
        """The run with its priors and posteriors in ``run.views``; options: `rightfit.views.bayes`."""
        return self.views(data, ("bayes",), {"bayes": options})

    def boundary(self, data: Any, **options: Any) -> SavedRun:
        """The run with what models say over the plane of two columns in ``run.views``; options:
        `rightfit.views.boundary`."""
        return self.views(data, ("boundary",), {"boundary": options})

    def dropout(self, data: Any, **options: Any) -> SavedRun:
        """The run with the thinned nets of a net, averaged, in ``run.views``; options: `rightfit.views.dropout`."""
        return self.views(data, ("dropout",), {"dropout": options})

    def information(self, data: Any, **options: Any) -> SavedRun:
        """The run with the bits that a hidden layer keeps along training in ``run.views``; options:
        `rightfit.views.information`."""
        return self.views(data, ("information",), {"information": options})

    def predict_believed(self, data: Any, frame: Any, **options: Any) -> polars.DataFrame:
        """Predictive intervals of the rows of ``frame`` from the exact posterior of a ridge; ``data`` is the file or
        table of the fit; options: ``level`` and ``noise``, see `rightfit.views.predictive`."""
        from rightfit.views.predictive import predict_believed

        return predict_believed(self.run, self._table(data), frame, **options)

    def _table(self, data: Any) -> Table:
        """The file or table of the fit, read as it was then."""
        from rightfit.data.table import from_frame, read_table
        from rightfit.search.asked import read_command

        if isinstance(data, str | Path):
            return read_table(data, **read_command(self.run.command).reading())
        return from_frame(data)

    def save(self, path: str | Path) -> None:
        """Write the run as a ``.rightfit`` file."""
        from rightfit.store.file import save

        save(self.run, path)

    def __repr__(self) -> str:
        return (
            f"SavedRun({self.run.task.target} from {self.run.source.name}: {self.run.penalty}, strength "
            f"{self.run.choice.strength:.4g})"
        )


def load(path: str | Path, module: Any = None) -> Any:
    """The run in a ``.rightfit`` file as a `SavedRun`, or the estimator in a ``.safetensors`` file that `save` of a
    `NetworkClassifier` or `NetworkRegressor` wrote; ``module`` is the function that makes its nets where they are your
    own, or its ``"package.module:name"``. FileError where there is no file, StoreError where it is damaged."""
    if Path(path).suffix.lower() == ".safetensors":
        from rightfit.estimators.saved_nets import load_nets

        return load_nets(path, module)
    if module is not None:
        from rightfit.errors import OptionError

        raise OptionError("module makes the nets of a .safetensors file: leave it out for a run")
    from rightfit.store.file import load as load_run

    return SavedRun(load_run(path))


def fit(data: Any, target: str, **options: Any) -> SavedRun:
    """Fit a file (CSV, TSV, Parquet) or a table in memory; ``options`` are those of
    `rightfit.search.options.FitOptions`, which are those of ``rightfit fit``."""
    from rightfit.data.table import from_frame, read_table
    from rightfit.errors import OptionError
    from rightfit.search.fit import fit_table
    from rightfit.search.options import make_options

    asked = make_options(target=target, **options)
    if isinstance(data, str | Path):
        return SavedRun(fit_table(read_table(data, **asked.reading()), asked))
    told = [name for name, value in asked.reading().items() if value is not None and name != "image"]
    if told:
        raise OptionError(f"{told[0]} tells how a file is written, and the data is a table in memory: leave it out")
    return SavedRun(fit_table(from_frame(data), asked))
