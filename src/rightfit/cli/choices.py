"""Options that several commands share, and how their words are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def common(function: Function) -> Function:
    """``--json``, ``--quiet`` and ``--debug``."""
    function = click.option("--debug", is_flag=True, help="Show the traceback of an error.")(function)
    function = click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")(function)
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, to stdout.")(
        function
    )


def columns(function: Function) -> Function:
    """What the columns are, and what is asked of the target."""
    options = (
        click.option("--target", "-t", required=True, metavar="COLUMN", help="Column to predict."),
        click.option("--event", metavar="COLUMN", help="The target is a time; this says whether the event happened."),
        click.option("--entry", metavar="COLUMN", help="With --event: the time from which a row was watched."),
        click.option("--strata", metavar="COLUMN", help="With --event: rows are compared inside one value alone."),
        click.option("--ties", metavar="WORD", help="With --event: efron or breslow, for events at one time; efron."),
        click.option("--task", metavar="TASK", help="regression, classes, counts, survival; inferred from the target."),
        click.option(
            "--loss",
            metavar="LOSS",
            help="squared, huber, quantile, gamma, tweedie, poisson, logistic or multinomial; follows from the task.",
        ),
        click.option("--power", type=float, help="Of tweedie: between 1 (like counts) and 2 (gamma); 1.5 by itself."),
        click.option(
            "--delta",
            type=float,
            help="Of huber: how far off a row may be, in the target's unit, before it pulls no harder.",
        ),
        click.option(
            "--level", type=float, help="Of quantile: share of rows that stay below, such as 0.9; 0.5 by itself."
        ),
        click.option("--width", type=float, help="Of quantile: half-width of the smoothing, in the target's unit."),
        click.option("--drop", multiple=True, metavar="COLUMN", help="Leave this column out (repeatable)."),
        click.option("--id", "id", multiple=True, metavar="COLUMN", help="This column names the row (repeatable)."),
        click.option(
            "--as",
            "kinds",
            multiple=True,
            metavar="COLUMN=KIND",
            help="Treat the column as number, yes/no, category, date, text or identifier (repeatable).",
        ),
        click.option("--weight", metavar="COLUMN", help="Row weights, 0 or more."),
        click.option("--offset", metavar="COLUMN", help="Added to the linear predictor, e.g. log exposure."),
        click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes."),
        click.option("--threads", type=int, help="Number of threads; all cores where not given."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def mixing(function: Function) -> Function:
    """Which penalty: ``--penalty`` or ``--l1-ratio``."""
    function = click.option(
        "--l1-ratio", metavar="SHARES", help="Share of the absolute penalty, 0 to 1; several with commas: 0.1,0.5,1."
    )(function)
    return click.option(
        "--penalty",
        metavar="PENALTY",
        help="lasso, ridge, elastic-net (these three are compared where none is given), adaptive, fused, mcp, scad, "
        "slope, group or sparse_group (all that is made of one column is a group); several with commas are compared.",
    )(function)


def reading(function: Function) -> Function:
    """How the file is written: ``--delimiter``, ``--encoding``, ``--decimal``, ``--quoting``."""
    options = (
        click.option(
            "--delimiter", metavar="SIGN", help="One character, or comma, semicolon, tab, bar, space; detected else."
        ),
        click.option("--encoding", metavar="NAME", help="utf-8, utf-16, cp1252, latin-1 ...; detected else."),
        click.option("--decimal", metavar="SIGN", help="point or comma; detected else."),
        click.option(
            "--quoting/--no-quoting", default=None, help="Whether double quotes enclose cells; detected else."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def read_kinds(words: tuple[str, ...]) -> dict[str, str]:
    """``("zip=category",)`` -> ``{"zip": "category"}``; the last ``=`` counts, so that names may hold one."""
    kinds: dict[str, str] = {}
    for word in words:
        name, equals, kind = word.rpartition("=")
        if not equals or not name or not kind:
            raise click.UsageError(f"--as {word!r}: give COLUMN=KIND, such as --as zip=category")
        if kinds.get(name, kind) != kind:
            raise click.UsageError(f"--as: column {name!r} is given two kinds, {kinds[name]} and {kind}")
        kinds[name] = kind
    return kinds


def read_mixing(penalty: str | None, l1_ratio: str | None) -> dict[str, Any]:
    """The options that ``--penalty`` and ``--l1-ratio`` stand for: shares that are tried (None: the automatic choice)
    and other families."""
    if penalty is not None and l1_ratio is not None:
        raise click.UsageError("--penalty and --l1-ratio: give one of them")
    if penalty is None:
        return {"l1_ratio": _read_ratios(l1_ratio)}
    from rightfit.errors import OptionError
    from rightfit.search.options import read_penalties

    try:
        return read_penalties(penalty.split(","))
    except OptionError as error:
        raise click.UsageError(f"--{error}") from error


def read_numbers(option: str, words: str | None) -> tuple[float, ...]:
    """``"1,2.5"`` -> (1.0, 2.5); nothing where nothing is given."""
    try:
        return tuple(dict.fromkeys(float(word) for word in (words or "").split(",") if word.strip()))
    except ValueError as error:
        raise click.UsageError(f"{option}: {words!r} is no list of numbers, such as 0.5 or 0.1,0.5,1") from error


def _read_ratios(l1_ratio: str | None) -> tuple[float, ...] | None:
    return None if l1_ratio is None or l1_ratio == "auto" else read_numbers("--l1-ratio", l1_ratio)


def read_learners(learners: str | None, settings: tuple[str, ...]) -> dict[str, Any]:
    """The options that ``--learners`` and ``--setting`` stand for; ``tree.max_depth=3,6`` is two values of one."""
    from rightfit.search.asked import read_values

    found: dict[str, tuple[float | str, ...]] = {}
    for word in settings:
        name, equals, values = word.partition("=")
        if not equals or not all(value.strip() for value in values.split(",")):
            raise click.UsageError(f"--setting {word!r}: write NAME=VALUES, such as tree.max_depth=3,6")
        found[name.strip()] = (*found.get(name.strip(), ()), *read_values(values))
    names = tuple(dict.fromkeys(name.strip() for name in (learners or "").split(",") if name.strip()))
    return {"learners": names, "settings": found}


def read_monotone(words: tuple[str, ...]) -> dict[str, int]:
    """``("age=+", "price=-")`` -> ``{"age": 1, "price": -1}``; the last ``=`` counts."""
    signs: dict[str, int] = {}
    for word in words:
        name, equals, way = word.rpartition("=")
        sign = {"+": 1, "-": -1}.get(way)
        if not equals or not name or sign is None:
            raise click.UsageError(f"--monotone {word!r}: write COLUMN=+ (predictions rise with it) or COLUMN=- (fall)")
        if signs.get(name, sign) != sign:
            raise click.UsageError(f"--monotone: column {name!r} is to rise and to fall; give one of them")
        signs[name] = sign
    return signs


def read_seconds(words: str | None) -> float | None:
    """``60``, ``60s``, ``5m`` or ``1h`` in seconds."""
    if words is None:
        return None
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}.get(words[-1:].lower())
    try:
        return float(words if unit is None else words[:-1]) * (unit or 1.0)
    except ValueError as error:
        raise click.UsageError(f"--time-budget: {words!r} is no time; write 60s, 5m or 1h") from error
