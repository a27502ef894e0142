"""Constant, weakest and chosen model on the same unseen rows: did regularization help, and by how much?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rightfit.contracts import Model, Path, Problem
from rightfit.evidence.crossfit import lose_constant
from rightfit.records import Axis, Comparison, Evidence
from rightfit.rules._averages import Units, draws

NOISE = 2.0
"""Paired standard errors below which a difference is called noise."""


def compare(evidence: Evidence, step: int) -> Comparison:
    """The comparison on the rows that the folds left out. Standard errors as in `rightfit.rules._averages`;
    DataError where no row was scored."""
    units = Units.of(evidence)
    rows = units.rows
    losses = [evidence.null[rows], evidence.loss[rows, -1], evidence.loss[rows, step]]
    weakest = float(evidence.strengths[-1])
    same = step == len(evidence.strengths) - 1
    names = _Names.of(evidence.axis, weakest)
    last = len(evidence.strengths) - 1
    luck = np.array(
        [[0.0, draws(evidence, last), draws(evidence, step)], [draws(evidence, step), draws(evidence, last, step), 0.0]]
    )
    return _compare(losses, units, names, same, evidence.measure, f"{evidence.name}, held-out rows", luck)


def compare_holdout(
    path: Path,
    step: int,
    holdout: Problem,
    *,
    constant: np.ndarray,
    weight: np.ndarray | None = None,
    unit: np.ndarray | None = None,
    where: str = "holdout set aside first",
) -> Comparison:
    """The same comparison on rows that were never used: ``path`` is the full fit, ``holdout`` holds the new rows.

    ``constant`` (C,) is the best constant of the *training* rows (`rightfit.contracts.Problem.constant`);
    ``weight`` and ``unit`` (n,) are those of the holdout's rows. Rows of weight zero do not count. Where a model is the
    mean of several draws, what they differ by on these rows is part of the errors.
    """
    n = len(holdout.y)
    weight = np.ones(n) if weight is None else weight
    rows = np.flatnonzero(weight > 0)
    units = Units.make(rows, weight, np.arange(n) if unit is None or not len(unit) else unit)
    last = len(path.strengths) - 1
    design, loss = holdout.design.take(rows), holdout.loss.bind(weight[rows])

    def lose(model: Model) -> np.ndarray:
        eta = model.predict(design, holdout.offset[rows])
        with np.errstate(over="ignore", invalid="ignore"):
            value = loss.value(holdout.y[rows], eta if holdout.loss.outputs > 1 else eta[:, 0])
        return np.where(np.isnan(value), np.inf, value)

    models = [path.model(k) for k in (last, step)]
    losses = [lose_constant(holdout, constant, rows, weight), *(lose(model) for model in models)]
    drawn = [np.array([units.share @ lose(one) for one in model.draws]) for model in models]
    weakest, chosen = (_spread(own) for own in drawn)
    both = _spread(drawn[0] - drawn[1]) if len(drawn[0]) == len(drawn[1]) else weakest + chosen
    luck = np.array([[0.0, weakest, chosen], [chosen, both, 0.0]])
    names = _Names.of(path.axis, float(path.strengths[last]))
    return _compare(losses, units, names, step == last, holdout.loss.measure, where, luck)


def _spread(own: np.ndarray) -> float:
    """Variance of a mean over draws, of the losses that each has alone; 0 where there are fewer than two."""
    found = float(own.var(ddof=1)) / len(own) if len(own) > 1 else 0.0
    return found if np.isfinite(found) else 0.0


def _compare(
    losses: list[np.ndarray],
    units: Units,
    names: _Names,
    same: bool,
    measure: str,
    where: str,
    luck: np.ndarray | None = None,
) -> Comparison:
    """Three losses (r,) on the same rows, the chosen model's last; ``luck`` (2, 3) are the variances that seeds bring
    into them and into what they lose more than the last."""
    means = [units.mean(loss) for loss in losses]
    chosen = losses[-1].astype(np.float64)
    gains = []
    for loss in losses[:-1]:
        with np.errstate(invalid="ignore"):
            gains.append(units.mean(loss - chosen))
    gains.append((0.0, 0.0))
    if luck is not None:
        means, gains = (
            [(m, float(np.hypot(e, np.sqrt(v)))) for (m, e), v in zip(pairs, more, strict=True)]
            for pairs, more in zip((means, gains), luck, strict=True)
        )
    return Comparison(
        where=where,
        measure=measure,
        rows=len(units.rows),
        labels=("constant model", names.label, "chosen"),
        loss=np.array([m for m, _ in means]),
        error=np.array([e for _, e in means]),
        gain=np.array([g for g, _ in gains]),
        gain_error=np.array([e for _, e in gains]),
        sentence=_answer(means[1][0], means[2][0], *gains[1], names=names, same=same, measure=measure),
    )


@dataclass(frozen=True)
class _Names:
    """What the last step of a path is called."""

    label: str
    """In a table."""
    sentence: str
    """In a sentence."""
    free: bool
    """Nothing is regularized there."""
    stronger: str

    @staticmethod
    def of(axis: Axis, weakest: float) -> _Names:
        free = weakest == 0
        if free:
            label = "unpenalized" if axis.name == "strength" else axis.free.removeprefix("the ")
            return _Names(label, axis.free, free, axis.stronger)
        place = axis.say(-1, weakest) if len(axis.positions) else axis.words.format(f"{weakest:.3g}")
        words = f"{axis.weakest} ({place})"
        return _Names(axis.weakest.removeprefix("the "), words, free, axis.stronger)


def _answer(weak: float, chosen: float, gain: float, error: float, *, names: _Names, same: bool, measure: str) -> str:
    """Did regularization help, and by how much? In one sentence."""
    other = names.sentence
    if same:
        if names.free:
            return f"Regularization did not help: {other} itself was chosen."
        return f"{names.stronger[:1].upper()}{names.stronger[1:]} did not help: {other} itself was chosen."
    figures = f"{chosen:.4g} against {weak:.4g} {measure}"
    if not np.isfinite(weak):
        return f"Yes, regularization was needed: {other} has no finite loss on unseen rows."
    amount = f"{abs(gain) / abs(weak):.2g}" if weak == 0 else show_percent(abs(gain) / abs(weak))
    direction = "less" if gain >= 0 else "more"
    if gain == 0 and error == 0:
        return f"Regularization changed nothing: on every unseen row the chosen model loses as much as {other}."
    if not np.isfinite(error):
        return (
            f"Whether regularization helped cannot be told: the chosen model loses {amount} {direction} than {other} "
            f"({figures}), and fewer than two independent units give no standard error."
        )
    ratio = abs(gain) / error if error > 0 else np.inf
    noise = f"{ratio:.1f} standard errors" if np.isfinite(ratio) else "the same on every row"
    if ratio < NOISE:
        return (
            f"Whether regularization helped cannot be told: on unseen rows the chosen model loses {amount} {direction} "
            f"than {other} ({figures}), which is within noise ({noise})."
        )
    if gain > 0:
        return (
            f"Yes, regularization helped: on unseen rows the chosen model loses {amount} less than {other} "
            f"({figures}; {noise})."
        )
    return (
        f"No, regularization cost accuracy: on unseen rows the chosen model loses {amount} more than {other} "
        f"({figures}; {noise})."
    )


def show_percent(share: float) -> str:
    """``"12 %"``, ``"0.3 %"``, ``"under 0.1 %"``."""
    percent = 100 * share
    if percent < 0.1:
        return "under 0.1 %"
    return f"{percent:.1f} %" if percent < 9.95 else f"{percent:.0f} %"
