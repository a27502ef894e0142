"""What a user may ask of `rightfit.search.fit.fit_table`, checked at once and said back as a command line."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from rightfit import catalog
from rightfit.data.dialect import Told
from rightfit.data.shapes import read_shape
from rightfit.data.task import TaskKind
from rightfit.errors import OptionError
from rightfit.records import Kind

PENALTIES = {"lasso": (1.0,), "elastic-net": (0.5,), "ridge": (0.0,)}
"""Names for shares of the absolute penalty."""
FAMILIES = ("adaptive", "fused", "group", "mcp", "scad", "slope", "sparse_group")
"""Penalties of `rightfit.penalties` beyond the elastic net that are tried where they are named."""
TASKS = ("regression", "classes", "counts", "survival")
PARAMETERS = ("power", "delta", "level", "width")
PREFERENCES = ("best", "simple", "stack")
TIES = ("efron", "breslow")
INFORMATION = ("aic", "bic", "ebic", "gcv")
WAYS = {"+": 1, "-": -1}
"""How a user writes which way predictions may go with a column."""


@dataclass(frozen=True)
class FitOptions:
    """All options of a fit; OptionError names the first that makes no sense."""

    target: str
    task: TaskKind | None = None
    """``regression``, ``classes``, ``counts`` or ``survival``; inferred from the target where not given."""
    event: str | None = None
    """The target is the time until an event; this column says whether it happened."""
    entry: str | None = None
    """The time from which a row was watched."""
    strata: str | None = None
    """Only rows with the same value are compared with each other."""
    ties: str | None = None
    """How events at the same time share their risk set: ``efron``, or ``breslow``."""
    loss: str | None = None
    """Name of a loss in `rightfit.losses`; follows from the task where not given."""
    power: float | None = None
    """Parameters of a loss that has them (tweedie; huber; quantile); suited to the target where not given."""
    delta: float | None = None
    level: float | None = None
    width: float | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Column -> kind, e.g. ``{"zip": "category"}``."""
    image: str | None = None
    """Size of images, such as ``28x28`` or ``32x32x3``: all columns without another task are their pixels, row by row;
    pictures in a folder are resized to it."""
    drop: tuple[str, ...] = ()
    """Columns that are no features."""
    id: tuple[str, ...] = ()
    """Columns that name a row: no features."""
    weight: str | None = None
    offset: str | None = None
    group: str | None = None
    """Rows of one group are never split between teaching and judging."""
    time: str | None = None
    """Earlier rows teach, later rows judge."""
    dates: bool = True
    """Whether a date that is found in the columns does the same."""
    fold_column: str | None = None
    """The user's own folds."""
    duplicates: str = "apart"
    """``together`` keeps rows with the same features and target in one fold; ``apart`` deals them like any others."""
    folds: int | None = None
    """Where not given 10, or 5 of 10,000 rows or more; fewer where there are fewer rows, groups or moments."""
    repeats: int = 1
    rule: str = "one_se"
    """``best``, ``one_se``, ``within`` (1 % of the best; ``within:5``: 5 %), ``information`` (= ``bic``), ``aic``,
    ``bic``, ``ebic`` or ``gcv``."""
    l1_ratio: tuple[float, ...] | None = None
    """Shares of the absolute penalty that are tried; chosen by the size of the data where not given."""
    families: tuple[str, ...] = ()
    """Penalties beyond the elastic net: ``adaptive``, ``fused``, ``group``, ``mcp``, ``scad``, ``slope`` or
    ``sparse_group``. With them the elastic net is tried only at the shares that are given."""
    strengths: int = 100
    """Steps of each linear path."""
    learners: tuple[str, ...] = ()
    """Families of models that are compared, e.g. ``("linear", "tree")``; empty: all that are installed, or linear
    models alone where a penalty is named."""
    settings: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    """Values to try of a family's setting, e.g. ``{"tree.max_depth": (3.0, 6.0), "network.walks": ("batch",)}``."""
    monotone: Mapping[str, int] = field(default_factory=dict)
    """Column -> 1 where predictions may only rise with it, -1 where they may only fall."""
    prefer: str = "best"
    """``best``; ``simple``: the simplest family within one standard error of the best; ``stack``: a mixture of the
    families where it is better by more than its standard error."""
    time_budget: float | None = None
    """Seconds that the whole fit may take."""
    standardize: bool = True
    holdout: float = 0.0
    """Share of the rows that is set aside first and used once, at the end."""
    attack: float = 0.0
    """Most that each number of a row is moved against the chosen network, in standard deviations of its column; 0:
    nothing is moved."""
    seed: int = 0
    threads: int | None = None
    delimiter: str | None = None
    """How the file is written, see `rightfit.data.dialect.Told`; detected where not given."""
    encoding: str | None = None
    decimal: str | None = None
    quoting: bool | None = None

    def __post_init__(self) -> None:
        _check(bool(self.target), "--target", "name the column to predict")
        _check(self.task is None or self.task in TASKS, "--task", f"choose one of {', '.join(TASKS)}")
        for name, option in ((self.entry, "--entry"), (self.strata, "--strata"), (self.ties, "--ties")):
            _check(name is None or self.event is not None, option, "name the column of the event with --event too")
        _check(self.ties in (None, *TIES), "--ties", f"choose {' or '.join(TIES)}")
        survival = self.task == "survival" or self.loss == "cox"
        _check(not survival or self.event is not None, "--event", "name the column that says whether it happened")
        _check(self.event is None or self.task in (None, "survival"), "--event", f"not with --task {self.task}")
        _check(self.folds is None or 2 <= self.folds <= 100_000, "--folds", "give a number from 2")
        _check(1 <= self.repeats <= 100, "--repeats", "give a number from 1 to 100")
        _check(2 <= self.strengths <= 1000, "--strengths", "give a number from 2 to 1000")
        _check(0 <= self.holdout <= 0.9, "--holdout", "give a share from 0 to 0.9, such as 0.2")
        _check(0 <= self.attack <= 10, "--attack", "give standard deviations from 0 to 10, such as 0.1")
        _check(0 <= self.seed < 2**32, "--seed", "give a number from 0 to 4294967295")
        _check(self.threads is None or 1 <= self.threads <= 4096, "--threads", "give a number from 1")
        rules = ("best", "one_se", "within", "information", *INFORMATION)
        name, colon, percent = self.rule.partition(":")
        _check(name in rules, "--rule", f"choose one of {', '.join(rules)}")
        _check(
            not colon or (name == "within" and _is_number(percent, 0, 1000)),
            "--rule",
            "only within takes a number, the per cent of the best loss: within:5",
        )
        for ratio in self.l1_ratio or ():
            _check(math.isfinite(ratio) and 0 <= ratio <= 1, "--l1-ratio", "give numbers from 0 (ridge) to 1 (lasso)")
        _check(self.l1_ratio is None or len(self.l1_ratio) > 0, "--l1-ratio", "give at least one number from 0 to 1")
        if self.image is not None:
            read_shape(self.image)
        self._check_learners()
        for family in self.families:
            _check(family in FAMILIES, "--penalty", f"choose of {', '.join((*PENALTIES, *FAMILIES))}")
        _check(self.repeats == 1 or self.time is None, "--repeats", "folds in order of time cannot be repeated")
        _check(self.repeats == 1 or self.fold_column is None, "--repeats", "your own folds cannot be repeated")
        _check(self.fold_column is None or self.time is None, "--fold-column", "give either this or --time")
        _check(self.fold_column is None or self.group is None, "--fold-column", "give either this or --group")
        _check(self.duplicates in ("apart", "together"), "--duplicates", "choose apart or together")
        for name, option in ((self.group, "--group"), (self.time, "--time"), (self.fold_column, "--fold-column")):
            alone = self.duplicates == "apart" or name is None
            _check(alone, "--duplicates", f"{option} already decides which rows stay together; give one of them")
        Told(self.delimiter, self.encoding, self.decimal, self.quoting)
        self._check_roles()

    def _check_learners(self) -> None:
        known = catalog.names("learners")
        for name in self.learners:
            _check(name in known, "--learners", f"there is no {name!r}; choose of {', '.join(known)}")
        for name, values in self.settings.items():
            family, dot, setting = name.partition(".")
            good = bool(dot and setting) and family in known and bool(values)
            _check(good, "--setting", f"{name}: write FAMILY.SETTING=VALUES, such as tree.max_depth=3,6")
        for name, sign in self.monotone.items():
            _check(
                sign in (1, -1), "--monotone", f"{name}={sign}: write {name}=+ (predictions rise) or {name}=- (fall)"
            )
        _check(self.prefer in PREFERENCES, "--prefer", f"choose one of {', '.join(PREFERENCES)}")
        budget = self.time_budget
        _check(budget is None or (math.isfinite(budget) and budget >= 1), "--time-budget", "give 1 second or more")

    def _check_roles(self) -> None:
        """No column has two tasks, and every kind is one that there is."""
        for name, kind in self.kinds.items():
            _check(kind in get_args(Kind), "--as", f"{name}={kind}: choose one of {', '.join(get_args(Kind))}")
        seen: dict[str, str] = {}
        for name, option in self.columns():
            if option == "--as":
                continue
            _check(name not in seen, option, f"column {name!r} is already given by {seen.get(name)}")
            seen[name] = option

    def parameters(self) -> dict[str, float]:
        """Parameters of the loss that were told, by name."""
        return {name: float(getattr(self, name)) for name in PARAMETERS if getattr(self, name) is not None}

    def words(self) -> dict[str, str]:
        """Parameters of the loss that are words, by name."""
        return {"ties": self.ties or TIES[0]} if self.event is not None else {}

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Every column that is named, with the option that names it."""
        named = [(self.target, "--target")]
        for option in ("event", "entry", "strata", "weight", "offset", "group", "time", "fold_column"):
            if getattr(self, option) is not None:
                named.append((getattr(self, option), "--" + option.replace("_", "-")))
        named += [(name, "--drop") for name in self.drop] + [(name, "--id") for name in self.id]
        named += [(name, "--monotone") for name in self.monotone]
        return (*named, *((name, "--as") for name in self.kinds))

    def asked(self) -> TaskKind | None:
        """The task that was told, or that an event stands for."""
        return "survival" if self.event is not None else self.task

    def reading(self) -> dict[str, Any]:
        """What `rightfit.data.table.read_table` is to be told."""
        return {name: getattr(self, name) for name in ("delimiter", "encoding", "decimal", "quoting", "image")}

    def roles(self) -> dict[str, str]:
        """Column -> role, as `rightfit.data.schema.infer_schema` takes them."""
        roles = dict.fromkeys(self.drop, "dropped") | dict.fromkeys(self.id, "id")
        for role, name in (("weight", self.weight), ("offset", self.offset), ("group", self.group)):
            if name is not None:
                roles[name] = role
        for role, name in (("event", self.event), ("entry", self.entry), ("stratum", self.strata)):
            if name is not None:
                roles[name] = role
        if self.time is not None:
            roles[self.time] = "time"
        if self.fold_column is not None:
            roles[self.fold_column] = "fold"
        return roles

    def command(self, data: str) -> tuple[str, ...]:
        """The command line that repeats this fit on the file ``data``: what differs from the defaults."""
        words = ["rightfit", "fit", data, "--target", self.target]
        for f in fields(self):
            value: Any = getattr(self, f.name)
            option = "--" + f.name.replace("_", "-")
            if f.name in ("target", "threads") or value is None or (f.name != "seed" and value == f.default):
                continue  # the number of threads changes no result; the seed is always worth saying
            if isinstance(value, bool):
                words.append(option if value else f"--no-{f.name}")
            elif f.name == "delimiter" and value == "\t":
                words += [option, "tab"]
            elif f.name == "kinds":
                words += [w for name, kind in value.items() for w in ("--as", f"{name}={kind}")]
            elif f.name == "monotone":
                words += [w for name, sign in value.items() for w in (option, f"{name}={'+' if sign > 0 else '-'}")]
            elif f.name == "families":
                known = {shares[0]: name for name, shares in PENALTIES.items()}
                words += ["--penalty", ",".join([*(known[r] for r in self.l1_ratio or ()), *value])]
            elif f.name == "settings":
                told = (f"{name}={','.join(map(_short, values))}" for name, values in value.items())
                words += [w for setting in told for w in ("--setting", setting)]
            elif f.name == "learners":
                words += [option, ",".join(value)]
            elif f.name == "l1_ratio" and self.families:
                continue
            elif f.name == "l1_ratio":
                words += [option, ",".join(f"{r:g}" for r in value)]
            elif isinstance(value, tuple):
                words += [w for name in value for w in (option, name)]
            else:
                words += [option, _short(value) if isinstance(value, float) else str(value)]
        return tuple(words)


def _short(value: float | str) -> str:
    """The shortest way to write a number that says all of it; a word as it is."""
    if isinstance(value, str):
        return value
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _check(good: bool, option: str, advice: str) -> None:
    if not good:
        raise OptionError(f"{option}: {advice}")


def make_options(**given: Any) -> FitOptions:
    """Options from keywords as a person writes them in Python: single names and numbers where a tuple is meant, and
    ``penalty="lasso"`` for a share. OptionError for a keyword that there is not."""
    known = {f.name for f in fields(FitOptions)} | {"penalty"}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"the options are {', '.join(sorted(known))}"
            raise OptionError(f"there is no option {name!r}; {advice}")
    penalty = given.pop("penalty", None)
    if penalty is not None:
        _check("l1_ratio" not in given, "penalty", "give either this or l1_ratio")
        given |= read_penalties(penalty.split(",") if isinstance(penalty, str) else penalty)
    if isinstance(given.get("learners"), str):
        given["learners"] = given["learners"].split(",")
    if "learners" in given:
        given["learners"] = tuple(dict.fromkeys(name.strip() for name in given["learners"]))
    for name, values in dict(given.get("settings", {})).items():
        several = (values,) if isinstance(values, int | float | str) else values
        read = tuple(v if isinstance(v, str) else float(v) for v in several)
        given["settings"] = {**given["settings"], name: read}
    if "monotone" in given:
        given["monotone"] = {name: WAYS.get(sign, sign) for name, sign in given["monotone"].items()}
    for name in ("drop", "id"):
        if isinstance(given.get(name), str):
            given[name] = (given[name],)
        elif name in given:
            given[name] = tuple(given[name])
    ratio = given.get("l1_ratio")
    if ratio is not None:
        given["l1_ratio"] = (float(ratio),) if isinstance(ratio, int | float) else tuple(float(r) for r in ratio)
    return FitOptions(**given)


def read_penalties(names: Iterable[str]) -> dict[str, Any]:
    """The options that these penalties by name stand for; OptionError where there is no such name."""
    found = [name.strip() for name in names]
    for name in found:
        known = ", ".join((*PENALTIES, *FAMILIES))
        _check(name in PENALTIES or name in FAMILIES, "penalty", f"there is no {name!r}; choose of {known}")
    shares = tuple(dict.fromkeys(PENALTIES[name][0] for name in found if name in PENALTIES))
    families = tuple(dict.fromkeys(name for name in found if name in FAMILIES))
    return {"l1_ratio": shares or None, "families": families}


def _is_number(word: str, least: float, most: float) -> bool:
    try:
        return least <= float(word) <= most
    except ValueError:
        return False
