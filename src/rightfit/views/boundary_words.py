"""What is seen on a plane, in sentences."""

from __future__ import annotations

import numpy as np

from rightfit.records import Boundary, Plane


def describe(view: Boundary, columns: int) -> tuple[str, ...]:
    """The plane, what the run's model does on it along its path, and what two columns alone can tell."""
    first, second = (side.name for side in view.sides)
    others = columns - 2
    held = ""
    if others:
        what = "The other column is" if others == 1 else f"The {others:,} other columns are"
        held = f" {what} held at the median or the commonest value."
    sentences = [
        f"Every point of the plane is a row with some {first} and {second}; its colour is the {view.says}.{held}"
    ]
    own, *beside = view.planes
    sentences += _walk(own, view)
    sentences += [_compare(own, beside, view)] if beside else []
    sentences += [f"No {family} stands beside it: {reason}" for family, reason in view.missing.items()]
    return tuple(sentences)


def _walk(own: Plane, view: Boundary) -> list[str]:
    """From the strongest step by the chosen to the weakest one."""
    here, last = own.step, len(own.strengths) - 1
    if view.classes:
        parts = [f"{_name(own, 0, 'the strongest step')}, {_parts(own, 0, view)}"]
        parts += [f"{_name(own, here, 'the chosen step')}, {_parts(own, here, view)}"] if here > 0 else []
        parts += [f"{_name(own, last, 'the weakest step')}, {_parts(own, last, view)}"] if last > here else []
        sentences = [f"At {'; at '.join(parts)}."]
    else:
        spans = [_span(own, k) for k in (0, here, last)]
        sentences = [
            f"From its lowest to its highest point the surface spans {spans[0]:.3g} at "
            f"{_name(own, 0, 'the strongest step')}"
            f", {spans[1]:.3g} at {_name(own, here, 'the chosen step')} and {spans[2]:.3g} at "
            f"{_name(own, last, 'the weakest step')}."
        ]
    if np.isfinite(own.joint[here]):
        what = "log-odds" if len(view.classes) == 2 else "prediction"
        if own.joint[here] < 1e-9:
            sentences.append(f"The {what} is a sum of two curves, one of each column: they do not act together.")
        else:
            sentences.append(
                f"At the chosen step {_percent(own.joint[here])} of what varies in the {what} is no sum of two curves, "
                "one of each column: so much the two act together."
            )
    return sentences


def _compare(own: Plane, beside: list[Plane], view: Boundary) -> str:
    told = [f"{p.name} {p.loss[p.step]:.3g} ± {p.error[p.step]:.2g} ({_at(p, p.step)})" for p in beside]
    return (
        f"Taught by these two columns alone, models lose, on unseen rows and at the best step of each: "
        f"{', '.join(told)}; "
        f"the run's model, with all its columns, {own.loss[own.step]:.3g} ± {own.error[own.step]:.2g} ({view.measure})."
    )


def _parts(plane: Plane, k: int, view: Boundary) -> str:
    """What the plane is given to."""
    label = plane.label[k] if len(plane.label) else (plane.height[k] > 127).astype(np.uint8)
    share = np.bincount(label.ravel(), minlength=len(view.classes)) / label.size
    order = np.argsort(-share, kind="stable")
    if share[order[0]] == 1:
        return f"all of it is {view.classes[order[0]]}"
    given = [f"{_percent(share[c])} {view.classes[c]}" for c in order[:3] if share[c] > 0]
    return f"{' and '.join(given)} in {plane.regions[k]:,} parts"


def _span(plane: Plane, k: int) -> float:
    return float(np.ptp(plane.height[k].astype(np.float64))) / 255 * (plane.high - plane.low)


def _name(plane: Plane, k: int, role: str) -> str:
    return f"{role} ({_at(plane, k)})"


def _at(plane: Plane, k: int) -> str:
    return plane.axis.say(k, float(plane.strengths[k]))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"
