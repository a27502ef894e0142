"""The verdict: what a run found out, in sentences, the most important first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rightfit.evidence.compare import NOISE, show_percent
from rightfit.evidence.optimism import Optimism
from rightfit.records import Axis, Choice, Comparison, Curve, Drift, Evidence, Feature, Status, Trace
from rightfit.rules._words import still

_HEADLINES = ("R2", "AUC", "balanced accuracy", "deviance explained", "loss explained")


def verdict(
    *,
    evidence: Evidence,
    curve: Curve,
    choice: Choice,
    comparison: Comparison,
    trace: Trace | None = None,
    features: Sequence[Feature] = (),
    size: str = "",
    optimism: Optimism | None = None,
    holdout: Comparison | None = None,
    drift: Drift | None = None,
) -> tuple[str, ...]:
    """Sentences in this order: what the chosen model achieves over the constant one; whether regularization helped;
    the same on the holdout; over- or underfitting along the path; size of the model; fits that did not converge;
    a choice at the end of the path; the optimism of the choice; time or groups."""
    sentences = [judge_gain(comparison, evidence, choice), comparison.sentence]
    if holdout is not None:
        sentences.append(_judge_holdout(holdout))
    sentences += judge_path(curve, evidence.axis)
    if trace is not None:
        sentences += [describe_size(trace, choice.step, features, size), *describe_status(trace, choice.step)]
    sentences += [
        _describe_end(choice, curve, evidence.axis),
        optimism.sentence if optimism else "",
        drift.sentence if drift else "",
    ]
    return tuple(s for s in sentences if s)


def judge_gain(comparison: Comparison, evidence: Evidence, choice: Choice) -> str:
    """What the chosen model achieves over the constant model, in one sentence."""
    constant, chosen = comparison.loss[0], comparison.loss[-1]
    gain, error = comparison.gain[0], comparison.gain_error[0]
    values = {name: evidence.metrics[name][choice.step] for name in _HEADLINES if name in evidence.metrics}
    headline = next((f", {name} {value:.3g}" for name, value in values.items() if np.isfinite(value)), "")
    figures = f"{chosen:.4g} against {constant:.4g} {comparison.measure}"
    if gain == 0 and error == 0:
        return f"The chosen model is the constant model: no column helps on unseen rows ({figures})."
    share = show_percent(abs(gain) / constant) if constant > 0 else f"{abs(gain):.3g}"
    if not np.isfinite(error):
        direction = "less" if gain >= 0 else "more"
        return (
            f"On unseen rows the chosen model loses {share} {direction} than the constant model ({figures}{headline})."
        )
    ratio = abs(gain) / error if error > 0 else np.inf
    noise = f"{ratio:.1f} standard errors" if np.isfinite(ratio) else "the same on every row"
    if ratio < NOISE:
        return f"On unseen rows the chosen model cannot be told from the constant model ({figures}; {noise}{headline})."
    if gain > 0:
        return (
            f"On unseen rows the chosen model loses {share} less than the constant model "
            f"({figures}; {noise}{headline})."
        )
    return f"On unseen rows the chosen model loses {share} more than the constant model ({figures}; {noise}{headline})."


def judge_path(curve: Curve, axis: Axis | None = None) -> list[str]:
    """Over- or underfitting at the weakest end and underfitting at the strongest, by paired standard errors."""
    last = len(curve.mean) - 1
    best = int(np.flatnonzero(curve.difference == curve.difference.min())[0])
    if last < 1:
        return []
    sentences = []
    axis = axis or Axis()
    free = curve.strengths[last] == 0
    weakest = "No penalty" if free and axis.name == "strength" else _capital(axis.free if free else axis.weakest)
    if best == last:
        ratio = _ratio(curve, last - 1)
        falling = f"the step before it loses more by {ratio:.1f} standard errors" if np.isfinite(ratio) else ""
        if free:
            sentences.append(f"No overfitting is seen: {axis.free} has the smallest loss on unseen rows.")
        elif ratio >= 1:
            sentences.append(f"{weakest} still underfits: the curve falls up to the weakest end ({falling}).")
        else:
            sentences.append(
                f"The curve is flat at its weakest end: {_lower(weakest)} is best, but within noise of its neighbour."
            )
    elif not np.isfinite(curve.mean[last]):
        sentences.append(f"{weakest} overfits: it has no finite loss on unseen rows.")
    else:
        ratio, rise = _ratio(curve, last), show_percent(_relative(curve, last))
        if ratio >= NOISE:
            text = f"{weakest} overfits: a stronger step is better by {ratio:.1f} standard errors ({rise} of the loss"
            sentences.append(f"{text}{_show_training_gap(curve, last)}).")
        elif np.isfinite(ratio):
            sentences.append(
                f"No overfitting can be shown: {_lower(weakest)} is within noise of the best step "
                f"({ratio:.1f} standard errors)."
            )
    if best > 0 and np.isfinite(curve.mean[0]):
        ratio = _ratio(curve, 0)
        if ratio >= NOISE:
            sentences.append(
                f"{_capital(axis.strongest)} underfits: the best step is better by {ratio:.1f} standard errors."
            )
        elif np.isfinite(ratio):
            sentences.append(f"Even {axis.strongest} is within noise of the best step ({ratio:.1f} standard errors).")
    return sentences


def describe_size(trace: Trace, step: int, features: Sequence[Feature] = (), words: str = "") -> str:
    """How many columns the model uses, in columns of the file where the features are known; ``words`` are how large a
    model without coefficients is."""
    part = slice(trace.indptr[step], trace.indptr[step + 1])
    used = np.unique(trace.indices[part][trace.values[part] != 0] // trace.outputs)
    count, df = len(used), trace.complexity[step]
    if count == 0:
        return "The chosen model uses no column: it is the constant model."
    if trace.measures == "importance":
        used_columns = len({features[j].source for j in used} if features else used)
        count_all = len({f.source for f in features}) if features else trace.features
        return f"The chosen model has {words or 'one step'} and uses {used_columns} of {count_all} columns."
    if features:
        sources, all_sources = {features[j].source for j in used}, {f.source for f in features}
        size = f"{len(sources)} of {len(all_sources)} columns"
        if trace.features != len(all_sources):
            size += (
                f" ({count} of {trace.features} coefficients)"
                if trace.outputs == 1
                else f" ({count} of {trace.features} features)"
            )
    else:
        size = f"{count} of {trace.features} columns"
    freedom = f", with {df:.3g} effective degrees of freedom" if np.isfinite(df) and abs(df - count) > 0.5 else ""
    return f"The chosen model uses {size}{freedom}."


def describe_status(trace: Trace, step: int) -> list[str]:
    """Statuses that are not good: the chosen step's in full, the others' counted."""
    sentences = []
    own = Status(int(trace.status[step]))
    if own not in (Status.CONVERGED, Status.GROWN):
        gap = trace.gap[step]
        left = f" (gap {gap:.1e} of the null deviance)" if own is Status.STOPPED and np.isfinite(gap) else ""
        sentences.append(
            f"The chosen step {own.sentence}{left}." if own is Status.STOPPED else f"At the chosen step {own.sentence}."
        )
    for status in (Status.STOPPED, Status.NO_OPTIMUM, Status.NOT_UNIQUE):
        count = int(np.sum(np.delete(trace.status, step) == status))
        if count:
            sentences.append(f"{count} other step{'s' if count > 1 else ''} of the path: {status.sentence}.")
    return sentences


def _judge_holdout(holdout: Comparison) -> str:
    gain, error = holdout.gain[0], holdout.gain_error[0]
    ratio = f", {abs(gain) / error:.1f} standard errors" if error > 0 else ""
    better = "less" if gain >= 0 else "more"
    share = show_percent(abs(gain) / holdout.loss[0]) if holdout.loss[0] > 0 else f"{abs(gain):.3g}"
    return (
        f"On the {holdout.where} ({holdout.rows:,} rows, used once) the chosen model loses {share} {better} "
        f"than the constant model ({holdout.loss[-1]:.4g} against {holdout.loss[0]:.4g} {holdout.measure}{ratio}). "
        f"{holdout.sentence}"
    )


def _describe_end(choice: Choice, curve: Curve, axis: Axis) -> str:
    if choice.at_end == "weakest" and curve.strengths[-1] > 0:
        return f"The choice lies at the weakest end of the path: extend the path, {axis.weaker} may do better."
    if choice.at_end == "strongest" and curve.complexity[0] > 1e-9:
        return f"The choice lies at the strongest end of the path: {still(axis.stronger)} may do as well or better."
    return ""


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _ratio(curve: Curve, step: int) -> float:
    """Paired standard errors by which a step is worse than the best; NaN where there is no error."""
    difference, error = curve.difference[step], curve.difference_error[step]
    if error > 0:
        return float(difference / error)
    return 0.0 if difference == 0 and error == 0 else float("nan")


def _relative(curve: Curve, step: int) -> float:
    return float(curve.difference[step] / curve.mean[step]) if curve.mean[step] > 0 else 0.0


def _show_training_gap(curve: Curve, step: int) -> str:
    """The sign of overfitting that everybody knows: low loss on the own rows, high on others."""
    if curve.training[step] < curve.mean[step]:
        return f"; {curve.training[step]:.4g} on its own rows, {curve.mean[step]:.4g} on unseen ones"
    return ""
