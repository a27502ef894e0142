"""From a frame to a run, for RightFitRegressor and RightFitClassifier: the work of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from rightfit.errors import DataError, OptionError
from rightfit.records import Run

if TYPE_CHECKING:
    import polars

    from rightfit.evidence.summary import Summary


class OnTables(BaseEstimator):
    """Parameters and results that both share; users see `RightFitRegressor` and `RightFitClassifier`."""

    run_: Run

    def report(self, path: str | Path) -> None:
        """Write the report: one html file that opens offline."""
        from rightfit.report.page import write_page

        check_is_fitted(self)
        write_page(self.run_, path)

    def summary(self, X: Any = None, y: Any = None, **options: Any) -> Summary:
        """The table of coefficients; ``print`` shows it. Intervals need the rows of the fit, ``X`` and ``y``.

        ``options``: ``intervals`` ("debiased", "bootstrap" or "none"), ``level`` (0.95), ``count`` and ``seed`` of the
        bootstrap; see `rightfit.evidence.describe`.
        """
        import polars

        from rightfit.data.frames import from_frame
        from rightfit.search.describe import describe_run

        check_is_fitted(self)
        if X is None:
            return describe_run(self.run_)
        frame, values, _ = split_target(read_new(self, X), y)
        whole = frame.with_columns(polars.Series(self.run_.task.target, np.asarray(values)))
        return describe_run(self.run_, from_frame(whole), **options)

    def save(self, path: str | Path) -> None:
        """Write the run as a ``.rightfit`` file."""
        from rightfit.store.file import save

        check_is_fitted(self)
        save(self.run_, path)

    def predict_table(self, X: Any) -> polars.DataFrame:
        """The predictions as the command line writes them, for new rows whose columns are matched by name."""
        from rightfit.search.predict import predict_frame

        check_is_fitted(self)
        return predict_frame(self.run_, read_new(self, X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def is_table(X: Any) -> bool:
    """A frame with named columns, as opposed to an array of numbers."""
    return type(X).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow") and hasattr(X, "shape")


def read_table(estimator: Any, X: Any) -> polars.DataFrame:
    """The columns of a fit. Frames keep their types and names; anything else must be numbers, named x0, x1, ..."""
    from rightfit.data.frames import to_polars

    if is_table(X):
        frame = to_polars(X)
        estimator.n_features_in_ = frame.width
        estimator.feature_names_in_ = np.array(frame.columns, dtype=object)
        estimator.table_ = True
        return frame
    estimator.table_ = False
    if hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_
    return to_polars(_numbers(estimator, X, reset=True))


def read_new(estimator: Any, X: Any) -> polars.DataFrame:
    """New rows: a frame for a fit on a frame; columns may be moved or more, their names decide."""
    from rightfit.data.frames import to_polars

    if is_table(X):
        return to_polars(X)
    if estimator.table_:
        raise DataError(
            f"{type(estimator).__name__} was fitted on a table with named columns, so that new rows must be one too: "
            f"it cannot tell which columns an array of {type(X).__name__} holds"
        )
    return to_polars(_numbers(estimator, X, reset=False))


def fit_run(estimator: Any, frame: polars.DataFrame, y: np.ndarray, target: str, task: str) -> Run:
    """The run of `rightfit.search.fit.fit_table` with the estimator's parameters as options."""
    import polars

    from rightfit.data.frames import from_frame
    from rightfit.search.fit import fit_table
    from rightfit.search.options import make_options

    if frame.height < 2:
        raise DataError(f"a fit with folds needs at least two rows, n_samples = {frame.height}")
    given = {name: value for name, value in estimator.get_params(deep=False).items() if name != "task"}
    given = {name: value for name, value in given.items() if value is not None}
    options = make_options(target=target, task=task, **given)
    whole = frame.with_columns(polars.Series(target, y))
    return fit_table(from_frame(whole), options)


def split_target(frame: polars.DataFrame, y: Any) -> tuple[polars.DataFrame, Any, str]:
    """The columns without the target, the target and its name; ``y`` is the values, or the name of a column."""
    if isinstance(y, str):
        if y not in frame.columns:
            raise OptionError(f"there is no column {y!r}; the columns are {', '.join(frame.columns)}")
        return frame.drop(y), frame[y].to_numpy(), y
    name = str(getattr(y, "name", None) or "target")
    while name in frame.columns:
        name += "_"
    if y is not None and not hasattr(y, "__len__"):
        y = np.asarray(y)
    if y is not None and len(y) != frame.height:
        raise DataError(f"the target has {len(y)} rows, the table has {frame.height}")
    return frame, y, name


def place_classes(run: Run, rows: polars.DataFrame, names: np.ndarray, target: str) -> np.ndarray:
    """(C,) where each label stands among the run's classes, from one row of each; runs write labels their own way."""
    import polars

    from rightfit.data.encode import encode_target
    from rightfit.data.schema import check_frame

    checked, _ = check_frame(rows.with_columns(polars.Series(target, names)), run.schema, need_target=True)
    return encode_target(checked, run.schema, run.task).astype(int)


def _numbers(estimator: Any, X: Any, *, reset: bool) -> np.ndarray:
    return np.asarray(validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"))
