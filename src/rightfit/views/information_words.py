"""Bits along training, in sentences."""

from __future__ import annotations

import numpy as np

from rightfit.records import Information, Informed


def describe(view: Information, penalty: str) -> tuple[str, ...]:
    """Which layer, what it must have to be measured, how bits change along training and along strengths."""
    one = view.strengths[view.shown]
    return (_which(view, penalty), _caveat(view), _training(view, one), *_overfit(view, one), *_strengths(view))


def _which(view: Information, penalty: str) -> str:
    shape = " x ".join(map(str, view.hidden))
    net = f"nets of the run's settings ({shape} units)" if view.own else f"nets of one hidden layer of {shape} units"
    because = "" if view.own else f" (the run's model is {penalty})"
    layer = "their first hidden layer" if len(view.hidden) > 1 else "that layer"
    parts = f", {view.cut} intervals of the target that are equally likely," if view.cut else ""
    return (
        f"For this view {net} were trained on half of the rows{because}, to {view.epochs[-1]:,} epochs without a stop. "
        "Read "
        f"through its dropout and a Gaussian noise of {view.noise:g} of its own size, {layer} tells so many bits of "
        "which "
        f"row it sees, I(X; T), and of the target{parts} I(T; Y)."
    )


def _caveat(view: Information) -> str:
    return (
        "Without noise a layer is a function of its inputs: on continuous inputs I(X; T) is then infinite, or as good "
        "as "
        f"constant, whatever is learned. All bits here belong to the noise that was stated. {view.rows:,} unseen rows "
        f"are told apart by {view.most_inputs:.2f} bits, so that no more can be seen; the target has "
        f"{view.most_target:.2f}. I(T; Y) is a lower bound: what a decoder gets out of the layer."
    )


def _training(view: Information, one: Informed) -> str:
    best = int(np.argmax(one.target))

    def row(k: int) -> str:
        return _say(one.inputs, one.inputs_error, k)

    def target(k: int) -> str:
        return _say(one.target, one.target_error, k)

    words = f"At {view.name} {one.strength:.3g} the layer begins with {row(0)} bits of the row"
    if one.target[best] < 2 * one.target_error[best]:
        return f"{words} and ends with {row(-1)}; at no epoch is more of the target told than noise would tell."
    middle = (
        f"after {_count(view.epochs[best])} it tells most of the target, {target(best)}, from {row(best)} of the row"
    )
    end = f"at the end it is {target(-1)} from {row(-1)}."
    if best == len(view.epochs) - 1:
        end = "the last epoch that was seen."
    return f"{words} and {target(0)} of the target; {middle}; {end}"


def _overfit(view: Information, one: Informed) -> list[str]:
    """Whether rows that taught are told better than others."""
    gap = one.taught[-1] - one.target[-1]
    error = float(np.hypot(one.taught_error[-1], one.target_error[-1]))
    ratio = gap / error if error > 0 else 0.0
    best = int(np.argmin(one.loss))
    words = (
        f"At the end the layer tells {_say(one.taught, one.taught_error, -1)} bits of the target of rows that taught "
        "it, "
        f"{abs(gap):.2g} {'more' if gap > 0 else 'less'} than of unseen ones ({abs(ratio):.1f} standard errors)"
    )
    if ratio > 2:
        words += ": it has learned these rows"
    return [f"{words}. The net's {view.measure} on unseen rows was least after {_count(view.epochs[best])}."]


def _strengths(view: Information) -> list[str]:
    """From the strongest to the weakest at the end."""
    if len(view.strengths) < 2:
        return []
    strong, weak = view.strengths[0], view.strengths[-1]
    most = max(view.strengths, key=lambda one: float(one.target[-1]))
    rows = f"{_say(strong.inputs, strong.inputs_error, -1)} to {_say(weak.inputs, weak.inputs_error, -1)}"
    words = f"From {view.name} {strong.strength:.3g} to {weak.strength:.3g} the bits of the row go from {rows}"
    if most.target[-1] < 2 * most.target_error[-1]:
        return [f"{words} at the end; none tells more of the target then than noise would tell."]
    target = f"{_say(strong.target, strong.target_error, -1)} to {_say(weak.target, weak.target_error, -1)}"
    return [f"{words} at the end, those of the target from {target}; most of it is told at {most.strength:.3g}."]


def _say(values: np.ndarray, errors: np.ndarray, k: int) -> str:
    return f"{round(float(values[k]), 2) + 0.0:.2f} ± {errors[k]:.2f}"


def _count(epochs: int) -> str:
    return "1 epoch" if epochs == 1 else f"{epochs:,} epochs"
