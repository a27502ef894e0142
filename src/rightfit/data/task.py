"""What is asked of the target: a number, a class or a count; stated with the reason, and overridable."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Literal, cast

import numpy as np

from rightfit.data.kinds import is_yes, order_levels
from rightfit.data.looks import Look
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Task

TaskKind = Literal["regression", "classes", "counts", "survival"]
LOSSES: dict[str, tuple[str, ...]] = {
    "regression": ("squared", "huber", "quantile", "gamma", "tweedie", "poisson"),
    "classes": ("logistic", "multinomial"),
    "counts": ("poisson", "squared", "huber", "quantile", "tweedie"),
    "survival": ("cox",),
}
_MOST_CLASSES = 200
_COUNT_NAME = re.compile(
    r"(^|[\s_.\-]|[a-z](?=[CN]))(count|counts|cnt|n|num|number|nb|freq|frequency|claims|visits|events|trips)$", re.I
)
_COUNT_START = re.compile(r"^(n|num|number|count|nb)[_ .](of[_ .])?\w", re.I)
_CLASS_NAME = re.compile(r"(^|[\s_.\-])(class|label|category|species|type|cluster|digit|group|grade|segment)s?$", re.I)


def infer_task(look: Look, kind: TaskKind | None = None, loss: str | None = None) -> Task:
    """The task of a target.

    Args:
        look: the target; missing rows do not count.
        kind: told rather than inferred.
        loss: name of the loss; the usual one of the task where None.

    Raises:
        ColumnError: the target has no values, one value, too many classes, or does not fit the task that was told.
        OptionError: there is no such task, or the loss does not go with it.
    """
    if kind is not None and kind not in LOSSES:
        raise OptionError(f"there is no task {kind!r}; choose one of: {', '.join(LOSSES)}.")
    if not look.unique:
        raise ColumnError(f"target {look.name!r} has no values.")
    if kind is None and loss is not None:
        # The loss says more than the values: a squared loss on 0/1 is a regression, a Poisson loss means counts.
        kind = cast(
            "TaskKind | None",
            {
                "squared": "regression",
                "poisson": "counts",
                "logistic": "classes",
                "multinomial": "classes",
                "cox": "survival",
            }.get(loss),
        )
        reason = f"The loss {loss} was asked for."
    elif kind is not None:
        reason = "The time until an event." if kind == "survival" else "The task was told."
    else:
        kind, reason = _infer(look)
    assert kind is not None or loss is not None
    kind = kind or "regression"
    if kind == "classes":
        classes, words = order_classes(look)
        usual = "logistic" if len(classes) == 2 else "multinomial"
        if loss == "logistic" and len(classes) > 2:
            raise OptionError(
                f"loss logistic needs two classes, target {look.name!r} has {len(classes)}; choose multinomial."
            )
        _check_loss(kind, loss)
        return Task("classes", loss or usual, look.name, f"{reason} {words}".strip(), classes)
    _check_numbers(look, kind)
    _check_loss(kind, loss)
    return Task(kind, loss or LOSSES[kind][0], look.name, reason)


def _check_loss(kind: TaskKind, loss: str | None) -> None:
    others = {name for task, losses in LOSSES.items() if task != kind for name in losses} - set(LOSSES[kind])
    if loss in others:
        near = get_close_matches(loss, LOSSES[kind], 1) or [LOSSES[kind][0]]
        raise OptionError(f"loss {loss} does not go with the task {kind}; choose {near[0]}, or another task.")


def _infer(look: Look) -> tuple[TaskKind, str]:
    name = look.name
    if look.dtype in ("text", "boolean"):
        return "classes", f"The target {name!r} has {look.unique} different values that are not numbers."
    if look.dtype == "date":
        raise ColumnError(
            f"target {name!r} holds dates, which cannot be predicted. Make a number of it, such as days since a start."
        )
    assert look.numbers is not None
    values = look.numbers[~np.isnan(look.numbers)]
    if look.unique == 1:
        raise ColumnError(f"target {name!r} has the value {values[0]:g} in every row: there is nothing to predict.")
    if look.unique == 2:
        return "classes", f"The target {name!r} has two values, {values.min():g} and {values.max():g}."
    if look.dtype == "float":
        return "regression", f"The target {name!r} is a number with {look.unique:,} different values."
    low, high = values.min(), values.max()
    if look.unique <= 30 and low >= 0 and high <= 30:
        sizes = np.bincount(values.astype(np.int64))
        sizes = sizes[sizes > 0]
        even = sizes.min() * 3 > sizes.max() and len(values) >= 10 * look.unique
        if _CLASS_NAME.search(name) or (even and low <= 1):
            why = "named like a class" if _CLASS_NAME.search(name) else "about equally frequent"
            return "classes", f"The target {name!r} has {look.unique} whole numbers, {why}."
    named = bool(_COUNT_NAME.search(name) or _COUNT_START.search(name))
    skewed = values.mean() > 1.1 * np.median(values)
    if low >= 0 and (named or low == 0) and low <= 1 and skewed:
        also = " named like a count" if named else " from 0 upward, most of them small"
        return "counts", f"The target {name!r} holds whole numbers{also}."
    return "regression", f"The target {name!r} is a number with {look.unique:,} different values."


def order_classes(look: Look) -> tuple[tuple[str, ...], str]:
    """Classes in coding order, and which of two is the event, in a sentence: the one that means yes by itself (yes,
    true, 1, positive ...), else the rarer one, else the second in sorted order."""
    texts = look.as_text().drop_nulls()
    table = texts.value_counts(name="count")
    sizes = dict(zip(table.get_column(look.name).to_list(), table.get_column("count").to_list(), strict=True))
    if len(sizes) == 1:
        raise ColumnError(
            f"target {look.name!r} has the value {next(iter(sizes))!r} in every row: there is nothing to predict."
        )
    if len(sizes) > _MOST_CLASSES:
        raise ColumnError(
            f"target {look.name!r} has {len(sizes):,} different values, too many for classes (at most "
            f"{_MOST_CLASSES}). Choose "
            "another target, or the task regression if they are numbers."
        )
    classes = order_levels(list(sizes))
    if len(classes) > 2:
        return tuple(classes), ""
    first, second = classes
    if is_yes(first) != is_yes(second):
        event = first if is_yes(first) else second
        why = "it means yes"
    elif sizes[first] != sizes[second]:
        event = first if sizes[first] < sizes[second] else second
        why = f"it is the rarer one ({min(sizes.values()):,} of {sum(sizes.values()):,} rows)"
    else:
        event, why = second, "it is the second in sorted order"
    other = first if event == second else second
    return (other, event), f"The event is {event!r}: {why}."


def _check_numbers(look: Look, kind: TaskKind) -> None:
    if look.numbers is None or look.dtype == "date":
        bad = shown_value(look)
        raise ColumnError(
            f"target {look.name!r} is not a number ({bad}), as the task {kind} needs. Choose the task classes."
        )
    values = look.numbers[~np.isnan(look.numbers)]
    if look.unique == 1:
        raise ColumnError(
            f"target {look.name!r} has the value {values[0]:g} in every row: there is nothing to predict."
        )
    if kind == "counts" and values.min() < 0:
        row = int(np.flatnonzero(look.numbers == values.min())[0])
        raise ColumnError(
            f"target {look.name!r} has the negative value {values.min():g} in row {row}; counts are 0 or more."
        )


def shown_value(look: Look) -> str:
    """The first value that is not missing, with its row."""
    texts = look.as_text()
    row = int(texts.is_not_null().arg_max() or 0)
    return f"{texts[row]!r} in row {row}"
