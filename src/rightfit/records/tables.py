"""What came in, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["number", "yes/no", "category", "date", "text", "identifier", "constant", "near-empty"]
Role = Literal[
    "feature", "target", "event", "entry", "stratum", "weight", "offset", "group", "time", "fold", "id", "dropped"
]
Severity = Literal["info", "warning"]


@dataclass(frozen=True)
class Note:
    """One thing that the user should know, in a sentence that names it."""

    severity: Severity
    subject: str
    """The column, row, option or file that it is about; empty for the run as a whole."""
    sentence: str


@dataclass(frozen=True)
class Source:
    """The file that a run was made from."""

    name: str
    """File name without folders."""
    size: int
    """Bytes on disk."""
    sha256: str
    format: str
    """In words, e.g. ``"CSV, comma, UTF-8, gzip"``."""
    rows: int
    columns: int
    notes: tuple[Note, ...] = ()
    """What was detected rather than told: delimiter, decimal comma, encoding, quoting."""
    told: dict[str, str] = field(default_factory=dict)
    """How the file is written, where it was told: ``delimiter``, ``encoding``, ``decimal`` and ``quoting``; new files
    for the same run are read likewise."""


@dataclass(frozen=True)
class Column:
    """What one column of the user's file is, as decided once from the training rows."""

    name: str
    kind: Kind
    role: Role
    reason: str
    """Why this kind and role, in a sentence."""
    dtype: Literal["integer", "float", "boolean", "text", "date"]
    """How the values are written in the file."""
    missing: int = 0
    unique: int = 0
    minimum: float | None = None
    """Training range, for numbers; days since 1970-01-01 for dates."""
    maximum: float | None = None
    mean: float | None = None
    levels: tuple[str, ...] = ()
    """Levels kept, in order; for yes/no the second one is 'yes'."""
    counts: tuple[int, ...] = ()
    """Training rows of each kept level."""
    pooled: tuple[str, ...] = ()
    """Levels too rare (or beyond the cap) to have a column of their own; coded together as ``(other)``."""
    words: tuple[str, ...] = ()
    """Vocabulary of a text column, in column order."""
    parts: tuple[str, ...] = ()
    """Parts made of a date, in column order, e.g. ``("days", "year", "month = 3", "weekday = Monday")``."""
    format: str = ""
    """How text is read as values: ``"thousands"`` for numbers like 1,234; ``"ISO"`` or a strptime format for dates."""
    treatment: str = ""
    """What was done to the column on its way into the model, in a sentence."""


@dataclass(frozen=True)
class Schema:
    """All columns of the file in file order."""

    columns: tuple[Column, ...]
    notes: tuple[Note, ...] = ()

    def column(self, name: str) -> Column:
        """The column of this name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def having(self, role: Role) -> tuple[Column, ...]:
        """All columns of one role, in file order."""
        return tuple(c for c in self.columns if c.role == role)


@dataclass(frozen=True)
class Task:
    """What is asked of the target."""

    kind: Literal["regression", "classes", "counts", "survival"]
    loss: str
    """Name of the loss in `rightfit.losses`."""
    target: str
    reason: str
    """Why this task, in a sentence."""
    classes: tuple[str, ...] = ()
    """Class labels in coding order; for two classes the second one is the event."""
    parameters: dict[str, float] = field(default_factory=dict)
    """Those of the loss, e.g. ``{"power": 1.5}``; told, or found from the target (`Loss.suggest`)."""
    words: dict[str, str] = field(default_factory=dict)
    """Parameters of the loss that are words, e.g. ``{"ties": "breslow"}``."""


@dataclass(frozen=True)
class Feature:
    """One column of the design matrix."""

    name: str
    """Unique and readable: ``age``, ``zip = 94110``, ``age is missing``, ``sold: month``, ``review: great``."""
    source: str
    """Name of the column in the user's file."""
    role: Literal["value", "level", "missing", "part", "word"]
    group: int
    """Features of one source column share a number."""
    detail: str = ""
    """The level, the part or the word; empty for a value."""
