"""What every column of a table is, decided once from the training rows, with a reason for each decision.

`infer_schema` decides, `rightfit.data.check.check_frame` holds new files against it, `rightfit.data.suspicious` warns.
Both are offered here as well, so that one module is the door to all that concerns schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import get_args

import numpy as np
import polars as pl

from rightfit.data import dates
from rightfit.data.check import check_frame as check_frame
from rightfit.data.kinds import decide_kind, learn_levels, rare_limit, two_levels
from rightfit.data.looks import Look, look_at
from rightfit.data.missing import WEAK
from rightfit.data.suspicious import suspicious as suspicious
from rightfit.data.task import TaskKind, infer_task
from rightfit.data.text import learn_words
from rightfit.data.times import event_levels
from rightfit.errors import ColumnError, OptionError
from rightfit.records import Column, Kind, Note, Role, Schema, Task

_TOLD_KINDS = ("number", "yes/no", "category", "date", "text", "identifier")


def infer_schema(
    frame: pl.DataFrame,
    *,
    target: str,
    kinds: Mapping[str, str] = {},
    roles: Mapping[str, str] = {},
    task: TaskKind | None = None,
    loss: str | None = None,
    levels: int = 200,
    words: int = 5000,
) -> tuple[Schema, Task]:
    """Kinds, roles, levels, vocabularies and the task, from the training rows alone.

    Args:
        frame: the training rows (see `rows_with_target`), as `read_table` or `from_frame` gives them.
        target: name of the column to predict.
        kinds: told kinds by column name: number, yes/no, category, date, text or identifier.
        roles: told roles by column name: feature, weight, offset, group, time, fold, id or dropped.
        task: regression, classes or counts; inferred where None.
        loss: name of the loss; the usual one of the task where None.
        levels: most levels of a category that get a column of their own.
        words: most words of a text.

    Raises:
        ColumnError: the target is not there or cannot be predicted; a column does not fit the kind it was told to be.
        OptionError: a column, kind, role or task that does not exist.
    """
    _check_names(frame, target, kinds, roles)
    unseen = frozenset(name for name, role in roles.items() if role == "dropped" and name in frame.columns)
    looks = look_at(frame, skip=unseen)
    decided = infer_task(looks[target], task, loss)
    columns: list[Column] = []
    notes: list[Note] = []
    for name in frame.columns:
        if name in unseen:
            columns.append(
                Column(name, "near-empty", "dropped", "Left out, as told.", "text", treatment="Left out, as told.")
            )
            continue
        look = looks[name]
        if name == target:
            columns.append(_target_column(look, decided))
            continue
        column = _column(look, frame.height, kinds.get(name), roles.get(name))
        if column.role == "feature":
            column = _learn(column, look, levels, words)
        columns.append(replace(column, treatment=column.treatment or _treatment(column, frame.height, levels)))
        if look.hint and column.role != "dropped":
            notes.append(Note("warning", name, f"Column {name!r}: {look.hint}."))
    return Schema(tuple(columns), tuple(notes)), decided


def rows_with_target(frame: pl.DataFrame, target: str) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """The rows that have a target, and a note that counts the others. ColumnError where no row has one."""
    if target not in frame.columns:
        raise ColumnError(_no_column(target, frame.columns, "target"))
    look = look_at(frame.select(target))[target]
    gone = look.texts.is_null() if look.texts is not None else pl.Series(np.isnan(look.numbers))  # type: ignore[arg-type]
    count = int(gone.sum())
    if not count:
        return frame, ()
    if count == frame.height:
        raise ColumnError(f"target {target!r} has no values.")
    verb = "row has" if count == 1 else "rows have"
    return frame.filter(~gone), (
        Note("info", target, f"{count:,} of {frame.height:,} {verb} no {target!r} and cannot teach; left out."),
    )


def _check_names(frame: pl.DataFrame, target: str, kinds: Mapping[str, str], roles: Mapping[str, str]) -> None:
    if target not in frame.columns:
        raise ColumnError(_no_column(target, frame.columns, "target"))
    for name in (*kinds, *roles):
        if name not in frame.columns:
            raise OptionError(_no_column(name, frame.columns, "column"))
    for name, kind in kinds.items():
        if kind not in _TOLD_KINDS:
            raise OptionError(
                f"column {name!r} cannot be told to be {kind!r}; choose one of: {', '.join(_TOLD_KINDS)}."
            )
    for name, role in roles.items():
        if role not in get_args(Role):
            raise OptionError(
                f"there is no role {role!r} (column {name!r}); choose one of: {', '.join(get_args(Role))}."
            )
        if (name == target) != (role == "target"):
            raise OptionError(f"column {name!r} cannot have the role {role}: the target is {target!r}.")
    for role in ("event", "entry", "stratum", "weight", "offset", "group", "time", "fold"):
        several = [name for name, other in roles.items() if other == role]
        if len(several) > 1:
            raise OptionError(f"columns {several[0]!r} and {several[1]!r} both have the role {role}; one can.")


def _no_column(name: str, names: list[str], what: str) -> str:
    near = get_close_matches(name, names, 1, 0.6) or [n for n in names if n.lower() == name.lower()]
    shown = (
        f"did you mean {near[0]!r}?"
        if near
        else f"columns are: {', '.join(map(repr, names[:10]))}{' ...' * (len(names) > 10)}"
    )
    return f"there is no {what} {name!r}; {shown}"


def _target_column(look: Look, task: Task) -> Column:
    if task.kind == "classes":
        sizes = look.as_text().value_counts(name="count")
        count = dict(zip(sizes.get_column(look.name).to_list(), sizes.get_column("count").to_list(), strict=True))
        counts = tuple(count[c] for c in task.classes)
        kind: Kind = "yes/no" if len(task.classes) == 2 else "category"
        column = _plain(look, kind, "target", task.reason, "The target.")
        return replace(column, levels=task.classes, counts=counts)
    return _plain(look, "number", "target", task.reason, "The target.")


def _plain(look: Look, kind: Kind, role: Role, reason: str, treatment: str = "") -> Column:
    """The column with the facts that need no learning."""
    column = Column(
        look.name, kind, role, reason, look.dtype, look.missing, look.unique, format=look.format, treatment=treatment
    )
    if look.numbers is None or not look.unique:
        return column
    low, high, mean = float(np.nanmin(look.numbers)), float(np.nanmax(look.numbers)), float(np.nanmean(look.numbers))
    return replace(column, minimum=low, maximum=high, mean=mean)


def _column(look: Look, rows: int, told_kind: str | None, told_role: str | None) -> Column:
    kind, reason = decide_kind(look, rows)
    if told_kind is not None:
        kind, reason = _told(look, told_kind), "The kind was told."
    elif told_role == "feature" and kind in ("identifier", "constant", "near-empty"):
        kind, reason = ("category" if look.numbers is None else "number"), f"A feature, as told. {reason}"
    elif told_role in ("weight", "offset", "entry"):
        kind = "number"
    elif told_role == "stratum" and kind != "number":
        kind = "category"
    role: Role = "dropped" if kind in ("identifier", "constant", "near-empty") else "feature"
    if told_role is not None:
        role = told_role  # type: ignore[assignment]  # checked in _check_names
    if role in ("weight", "offset", "entry"):
        _check_number(look, role)
    if role == "event":
        levels, why = event_levels(look)
        return replace(_plain(look, "yes/no", role, why, _set_apart(kind, role)), levels=levels)
    if role == "time" and look.numbers is None:
        raise ColumnError(
            f"column {look.name!r} holds neither dates nor numbers ({_first(look)}), so it cannot order the rows by "
            "time."
        )
    return _plain(look, kind, role, reason, _set_apart(kind, role))


def _set_apart(kind: Kind, role: Role) -> str:
    if role == "dropped":
        words = {
            "identifier": "An identifier carries nothing over to new rows",
            "constant": "A constant tells rows apart nowhere",
        }
        return (
            f"Left out: {words.get(kind, 'too few values to learn from').lower()}."
            if kind in ("identifier", "constant", "near-empty")
            else "Left out, as told."
        )
    return {
        "event": "Says whether the event happened, no feature.",
        "entry": "The time from which the row was watched, no feature.",
        "stratum": "Rows are compared inside one of its values alone, no feature.",
        "weight": "Row weights, no feature.",
        "offset": "Added to every linear predictor, no feature.",
        "group": "Keeps rows of one group in one fold, no feature.",
        "time": "Orders the rows, no feature.",
        "fold": "Names the fold of each row, no feature.",
        "id": "Carried along to predictions, no feature.",
    }.get(role, "")


def _check_number(look: Look, role: str) -> None:
    if look.numbers is None or look.dtype == "date":
        raise ColumnError(f"column {look.name!r} cannot be the {role}: it is not a number ({_first(look)}).")
    if look.missing:
        row = int(np.flatnonzero(np.isnan(look.numbers))[0])
        raise ColumnError(f"column {look.name!r} cannot be the {role}: it has no value in row {row}.")
    if role == "weight" and look.numbers.min() < 0:
        raise ColumnError(
            f"column {look.name!r} cannot be the weight: row {int(look.numbers.argmin())} has "
            f"{look.numbers.min():g}, below 0."
        )


def _first(look: Look) -> str:
    texts = look.as_text()
    row = int(texts.is_not_null().arg_max() or 0)
    return f"{texts[row]!r} in row {row}"


def _told(look: Look, kind: str) -> Kind:
    """The told kind if the values allow it; ColumnError with the first value that does not."""
    name = look.name
    if kind == "number" and (look.numbers is None or look.dtype == "date"):
        texts = look.as_text()
        odd = texts.is_not_null() & ~texts.is_in(list(WEAK)) & texts.cast(pl.Float64, strict=False).is_null()
        row = int(odd.arg_max() or 0) if odd.any() else int(texts.is_not_null().arg_max() or 0)
        raise ColumnError(
            f"column {name!r} is not a number: {texts[row]!r} in row {row}. Mend the value, or leave the kind out."
        )
    if kind == "date" and look.dtype != "date":
        raise ColumnError(f"column {name!r} is not a date: {_first(look)}. Write dates as 2024-01-31, all in one way.")
    if kind == "yes/no" and two_levels(look) is None:
        raise ColumnError(f"column {name!r} cannot be yes/no: it has {look.unique} different values, not 2.")
    return kind  # type: ignore[return-value]  # checked in _check_names


def _learn(column: Column, look: Look, most_levels: int, most_words: int) -> Column:
    """Levels, parts or words of a feature."""
    if column.kind == "yes/no":
        pair = two_levels(look)
        assert pair is not None
        texts = look.as_text()
        counts = tuple(int((texts == level).sum()) for level in pair)
        return replace(column, levels=pair, counts=counts, mean=counts[1] / sum(counts), minimum=None, maximum=None)
    if column.kind == "category":
        kept, counts, pooled = learn_levels(look.as_text(), most_levels)
        return replace(column, levels=kept, counts=counts, pooled=pooled, minimum=None, maximum=None, mean=None)
    if column.kind == "date":
        assert look.numbers is not None
        return replace(column, parts=dates.learn_parts(look.numbers))
    if column.kind == "text":
        words = learn_words(look.as_text(), most_words)
        if not words and not column.missing:
            return replace(column, role="dropped", treatment="Left out: no word occurs in two rows.")
        return replace(column, words=words, minimum=None, maximum=None, mean=None)
    return column


def _treatment(column: Column, rows: int, most: int) -> str:
    gone = (
        f" An indicator column marks the {column.missing:,} missing value{'s' * (column.missing > 1)}"
        if column.missing
        else ""
    )
    if column.kind == "number":
        read = "Read without its thousands separators. " if column.format == "thousands" else ""
        return f"{read}Used as it is.{gone}{', filled with the mean of the rows of each fit.' if gone else ''}"
    if column.kind == "yes/no":
        return f"One column: 1 for {column.levels[1]!r}, 0 for {column.levels[0]!r}.{gone}{'.' if gone else ''}"
    if column.kind == "category":
        count = len(column.levels)
        sentence = (
            f"A 0/1 column for {'its one level' if count == 1 else f'each of {count} levels'}, none left out as "
            "reference."
        )
        if column.pooled:
            capped = count >= most
            why = f"beyond the {most} most frequent" if capped else f"in fewer than {rare_limit(rows)} rows"
            sentence += f" {len(column.pooled):,} levels {why} are pooled as (other)."
        return sentence + (f" Missing ({column.missing:,}) is a level of its own." if column.missing else "")
    if column.kind == "date":
        first = dates.as_datetime(np.array([column.minimum or 0.0])).dt.date()[0]
        numbers = [p for p in column.parts if " = " not in p and p != "days"]
        cyclic = list(dict.fromkeys(p.split(" = ")[0] for p in column.parts if " = " in p))
        sentence = (
            f"Days since {first}"
            + "".join(f", {part if part != 'day' else 'day of the month'}" for part in numbers)
            + "."
        )
        sentence += f" A 0/1 column for each {', '.join(cyclic)}." if cyclic else ""
        return f"{sentence}{gone}{'.' if gone else ''}"
    if column.kind == "text":
        sentence = (
            f"{len(column.words):,} words and pairs of words, each row weighted 1 + log(count) and scaled to length "
            "one."
        )
        return f"{sentence}{gone}{'.' if gone else ''}"
    return ""
