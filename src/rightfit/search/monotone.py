"""Which way predictions may go with a column: what a user says of columns, as signs of the design's."""

from __future__ import annotations

from collections.abc import Mapping

from rightfit.errors import OptionError
from rightfit.records import Feature, Note, Schema, Task

_ORDERED = ("number", "yes/no")


def read_signs(asked: Mapping[str, int], schema: Schema, task: Task, features: tuple[Feature, ...]) -> tuple[int, ...]:
    """(p,) signs of the features, () where nothing is asked; OptionError for a column whose values have no order, or
    that is no feature, and for a target that has none. That a value is missing has no sign."""
    if not asked:
        return ()
    if len(task.classes) > 2:
        raise OptionError(
            f"--monotone: the {len(task.classes)} classes of {task.target!r} have no order; it is for numbers, counts, "
            "survival and two classes"
        )
    for name in asked:
        column = schema.column(name)
        if column.role != "feature":
            raise OptionError(f"--monotone: column {name!r} is no feature of the model: {column.reason}")
        if column.kind not in _ORDERED:
            advice = "" if column.kind == "date" else f"; where its values are numbers, give --as {name}=number"
            raise OptionError(
                f"--monotone: column {name!r} is a {column.kind}, which has no order from low to high{advice}"
            )
    return tuple(asked.get(feature.source, 0) if feature.role in ("value", "level") else 0 for feature in features)


def note_signs(asked: Mapping[str, int], task: Task) -> tuple[Note, ...]:
    """A sentence on what was asked."""
    if not asked:
        return ()
    what = f"the chance of {task.target} = {task.classes[1]}" if task.classes else f"the prediction of {task.target}"
    what = "the risk" if task.kind == "survival" else what
    parts = []
    for sign, word in ((1, "only rise"), (-1, "only fall")):
        names = [repr(name) for name, own in asked.items() if own == sign]
        if names:
            parts.append(f"{word} with {' and '.join(names)}")
    return (Note("info", "", f"as --monotone asks, {what} may {' and '.join(parts)}, all other columns being equal"),)
