"""Linear models: the path walks in penalty strength."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, final

import numpy as np

from rightfit.catalog import find
from rightfit.contracts import Design, Learner, Model, Path, Penalty, Problem, ProxPenalty
from rightfit.errors import DataError, OptionError, SuspiciousDataWarning
from rightfit.learners._stretches import walk_while_paid
from rightfit.records import Fitted, Resamples, Status, Trace
from rightfit.solvers.adapt import adapt, steepest
from rightfit.solvers.choose import solve_paths
from rightfit.solvers.grid import check_strengths, log_grid
from rightfit.solvers.relax import relax_paths
from rightfit.solvers.setting import Setting, prepare


@final
@dataclass(frozen=True)
class Linear(Learner):
    """Penalized linear models for any loss: minimize over (b, b0)

        sum_i w_i loss(y_i, offset_i + b0 + x_i b) / sum_i w_i  +  strength * penalty(s b)

    where s are the columns' standard deviations in the fit's own rows (1 without ``standardize``).

    Parameters
    ----------
    penalty
        What coefficients cost.
    strengths
        (K,) decreasing, 0 allowed at the end; by default ``count`` of them from the smallest one at which all
        penalized coefficients of the full fit are zero, down to ``ratio`` times that. Without any absolute part none
        is: ridge starts where an absolute share of 0.001 would, for a squared error divided by the target's standard
        deviation, so that its strengths are the same whatever the unit (glmnet's convention).
    intercept
        Fit an unpenalized intercept.
    tolerance
        Largest duality gap, relative to the loss of the constant model.
    threads
        Tasks solved at a time; results do not depend on it.
    relax
        0 (the penalized fit) to 1 (the chosen columns fitted again without a penalty); see `rightfit.solvers.relax`.
    """

    penalty: Penalty | ProxPenalty = field(default_factory=lambda: find("penalties", "elastic_net")())
    strengths: np.ndarray | None = None
    count: int = 100
    ratio: float | None = None
    standardize: bool = True
    intercept: bool = True
    tolerance: float = 1e-6
    threads: int = 1
    unpenalized: bool = False
    """Append strength 0 to the default grid, where the full fit has an optimum there."""
    relax: float = 0.0
    name: ClassVar[str] = "linear"
    rank: ClassVar[int] = 0
    coefficients: ClassVar[bool] = True

    @property
    def words(self) -> str:
        return f"linear model, {self.penalty.sentence()}"

    @property
    def settings(self) -> dict[str, float]:
        return {"standardize": float(self.standardize)}

    @classmethod
    def specimens(cls) -> Iterator[Linear]:
        yield cls(count=12)

    @classmethod
    def expect(cls, problem: Problem, resamples: Resamples) -> float:
        outputs, passes = (
            problem.loss.outputs,
            30 if problem.loss.quadratic else 300 if problem.loss.outputs == 1 else 900,
        )
        return 2e-8 * passes * len(resamples) * resamples.taught * problem.design.p * outputs

    def fit_paths(self, problem: Problem, resamples: Resamples) -> Sequence[LinearPath]:
        """One path a resample, all at the strengths of the full fit.

        Raises
        ------
        OptionError
            Options that make no sense, by name.
        DataError, RowError, ColumnError, FitError
            As the data deserve.
        """
        if not 0 < self.tolerance < np.inf:
            raise OptionError(f"tolerance must be above 0 and finite, {self.tolerance} was given")
        if self.relax and any(problem.monotone):
            raise OptionError(
                "relax: a fit without a penalty does not keep coefficients to a sign; leave one of them out"
            )
        if self.relax and not self.penalty.separable:
            raise OptionError(
                f"relax: a fit with penalty {self.penalty.name} cannot be relaxed, its coefficients are tied to each "
                "other; choose lasso, elastic_net, mcp, scad or adaptive"
            )
        if self.threads < 1:
            raise OptionError(f"threads must be 1 or more, {self.threads} was given")
        if not 0 <= self.relax <= 1:
            raise OptionError(f"relax must lie between 0 (penalized) and 1 (refitted), {self.relax} was given")
        strengths = None if self.strengths is None else check_strengths(self.strengths)
        penalty = self.penalty
        if any(problem.monotone):
            penalty = penalty.keep_signs(np.array(problem.monotone))
        setting = prepare(problem, resamples, penalty, standardize=self.standardize, intercept=self.intercept)
        setting = adapt(setting, tolerance=self.tolerance, threads=self.threads)
        if strengths is None:
            strengths = self._grid(setting)
        solve = partial(solve_paths, setting, tolerance=self.tolerance, threads=self.threads)
        steps = walk_while_paid(solve, strengths)
        if (
            self.unpenalized
            and self.strengths is None
            and steps[0].status[-1] == Status.NO_OPTIMUM
            and len(strengths) > 1
        ):
            for path in steps:
                path.drop_last()
            warnings.warn(
                "without a penalty there is no finite optimum (a combination of columns tells the target of some rows "
                "perfectly), so the path ends at its weakest penalty",
                SuspiciousDataWarning,
                stacklevel=2,
            )
        if self.relax:
            steps = relax_paths(setting, steps, self.relax)
        return [
            LinearPath(path.trace(setting.fill[:, t], setting.scale[:, t]), problem.loss.name)
            for t, path in enumerate(steps)
        ]

    def _grid(self, setting: Setting) -> np.ndarray:
        """Strengths from where the full fit's penalized coefficients leave zero."""
        live = int((~setting.excluded[:, 0]).sum())
        start = steepest(setting, self.threads)
        if setting.loss.predicts == "number" and setting.penalty.separable and not np.any(self._prices(setting) > 0):
            # squares alone on the penalty's side: per unit of the target, the strength has one less than the gradient
            start /= _spread(setting)
        grid = log_grid(start, count=self.count, ratio=self.ratio, n=setting.design.n, p=live)
        return np.append(grid, 0.0) if self.unpenalized else grid

    def _prices(self, setting: Setting) -> np.ndarray:
        """(p,) what the absolute size of each coefficient costs the full fit, 0 where a column is excluded."""
        nowhere = np.zeros((setting.design.p, setting.outputs))
        l1 = setting.box(nowhere, 1.0).l1[0]
        return np.where(np.isinf(l1), 0.0, l1 + setting.norms(1.0))


def _spread(setting: Setting) -> float:
    """Deviation of the target from its best constant on all rows."""
    if setting.loss.quadratic:
        return float(np.sqrt(2 * setting.null_loss[0]))
    away = setting.y - setting.offset - setting.null_intercept[0, 0]
    return float(np.sqrt(setting.weight[0] @ away**2)) or 1.0


@final
class LinearPath(Path):
    """A path of coefficients."""

    def __init__(self, trace: Trace, loss: str):
        self._trace, self.loss = trace, loss
        self.strengths, self.complexity, self.status = trace.strengths, trace.complexity, trace.status

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        trace = self._trace
        columns = np.unique(trace.indices // trace.outputs)
        coef = np.stack([trace.coef(k)[columns] for k in range(len(trace))])  # (K, q, C)
        entry = np.argsort((coef != 0).any(axis=2).argmax(axis=0), kind="stable")  # products pass over leading zeros
        columns, coef = columns[entry], coef[:, entry]
        flat = coef.transpose(1, 0, 2).reshape(len(columns), len(trace) * trace.outputs)
        eta = design.dot_columns(columns, flat, trace.fill).reshape(design.n, len(trace), trace.outputs)
        eta = eta.transpose(1, 0, 2)
        eta += trace.intercept[:, None, :]
        if offset is not None:
            eta += offset[None, :, None]
        return eta

    def model(self, step: int) -> LinearModel:
        trace = self._trace
        return LinearModel(trace.coef(step), trace.intercept[step], trace.fill, self.loss)

    def importance(self, step: int) -> np.ndarray:
        """Absolute coefficients of standardized columns, over all outputs."""
        coef = np.abs(self._trace.coef(step))
        size = (coef * self._trace.scale[:, None]).sum(axis=1)
        share = size / (size.sum() or 1.0)
        return np.where(coef.any(axis=1), np.maximum(share, np.finfo(float).tiny), 0.0)  # used is used, however little

    def size(self, step: int) -> str:
        used = int(np.count_nonzero(self._trace.coef(step).any(axis=1)))
        return f"{used:,} of {self._trace.features:,} features"

    @property
    def gap(self) -> np.ndarray:
        return self._trace.gap

    def trace(self) -> Trace:
        return self._trace


@final
class LinearModel(Model):
    """Coefficients (p, C), intercept (C,) and what a missing value becomes (p,)."""

    def __init__(self, coef: np.ndarray, intercept: np.ndarray, fill: np.ndarray, loss: str):
        self.coef, self.intercept, self.fill, self.loss = coef, intercept, fill, loss

    def predict(self, design: Design, offset: np.ndarray | None = None) -> np.ndarray:
        if design.p != len(self.coef):
            raise DataError(f"the model has {len(self.coef)} columns, the table has {design.p}")
        columns = np.flatnonzero(self.coef.any(axis=1))
        eta = design.dot_columns(columns, self.coef[columns], self.fill) + self.intercept
        return eta if offset is None else eta + offset[:, None]

    def fitted(self) -> Fitted:
        return Fitted("linear", self.loss, {"coef": self.coef, "intercept": self.intercept, "fill": self.fill})


def restore(fitted: Fitted) -> LinearModel:
    """The model that `LinearModel.fitted` described."""
    arrays = fitted.arrays
    return LinearModel(arrays["coef"], arrays["intercept"], arrays["fill"], fitted.loss)
