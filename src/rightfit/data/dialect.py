"""How a text table is written: delimiter, decimal sign, encoding, quoting. Detected or told, always stated."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass

from rightfit.errors import OptionError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""The delimiters that are looked for, with their names. Any other single character can be told."""


_DECIMALS = {"point": ".", "comma": ",", ".": ".", ",": ","}


@dataclass(frozen=True)
class Told:
    """What a user says about how a file is written; None is to be detected. OptionError for what makes no sense."""

    delimiter: str | None = None
    """One character, or comma, semicolon, tab, bar or space by name."""
    encoding: str | None = None
    """A codec of Python, such as utf-8, latin-1 or cp1252."""
    decimal: str | None = None
    """point or comma, or the sign itself."""
    quoting: bool | None = None
    """Whether double quotes enclose cells."""

    def __post_init__(self) -> None:
        names = {name: sign for sign, name in DELIMITERS.items()} | {"space": " ", "\\t": "\t"}
        if self.delimiter is not None:
            sign = names.get(self.delimiter, self.delimiter)
            object.__setattr__(self, "delimiter", sign)
            if len(sign) != 1 or not sign.isascii() or sign in '"\r\n':
                raise OptionError(
                    f"--delimiter: give one character such as , ; | or one of {', '.join(names)[:-4]}, not {sign!r}"
                )
        if self.decimal is not None:
            if self.decimal not in _DECIMALS:
                raise OptionError(f"--decimal: give point or comma, not {self.decimal!r}")
            object.__setattr__(self, "decimal", _DECIMALS[self.decimal])
        if self.encoding is not None:
            object.__setattr__(self, "encoding", codec_name(self.encoding))

    def words(self) -> dict[str, str]:
        """What was told, as `rightfit.records.Source.told` keeps it."""
        told = {"delimiter": self.delimiter, "encoding": self.encoding, "decimal": self.decimal}
        words = {name: value for name, value in told.items() if value is not None}
        return words if self.quoting is None else {**words, "quoting": "yes" if self.quoting else "no"}

    @staticmethod
    def of(words: Mapping[str, str]) -> Told:
        """The inverse of `words`."""
        quoting = None if "quoting" not in words else words["quoting"] == "yes"
        return Told(words.get("delimiter"), words.get("encoding"), words.get("decimal"), quoting)

    def over(self, other: Told) -> Told:
        """What is told here, else what is told there."""
        return Told.of({**other.words(), **self.words()})


@dataclass(frozen=True)
class Dialect:
    """How the cells of a text table are written."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    """Python's name of the codec; ``utf-8-sig`` where a byte order mark stands at the start."""
    quoting: bool = True
    """False where the quote sign is a character like any other."""
    gzip: bool = False

    @property
    def words(self) -> str:
        """In words, as `records.Source.format` states it, e.g. ``"CSV, comma, decimal point, UTF-8, gzip"``."""
        parts = [
            "TSV" if self.delimiter == "\t" else "CSV",
            DELIMITERS.get(self.delimiter, f"delimiter {self.delimiter!r}"),
            "decimal comma" if self.decimal == "," else "decimal point",
            encoding_words(self.encoding),
        ]
        if not self.quoting:
            parts.append("no quoting")
        if self.gzip:
            parts.append("gzip")
        return ", ".join(parts)


def codec_name(told: str) -> str:
    """Python's name of a codec; OptionError where there is none."""
    try:
        name = codecs.lookup(told).name
    except LookupError as error:
        raise OptionError(f"--encoding: there is no encoding {told!r}; try utf-8, utf-16, latin-1 or cp1252") from error
    return {"iso8859-1": "latin-1"}.get(name, name)


def encoding_words(encoding: str) -> str:
    """The name that people use for a codec."""
    known = {
        "utf-8": "UTF-8",
        "utf-8-sig": "UTF-8 with byte order mark",
        "utf-16": "UTF-16",
        "utf-16-le": "UTF-16 little endian",
        "utf-16-be": "UTF-16 big endian",
        "utf-32": "UTF-32",
        "cp1252": "Windows-1252",
        "latin-1": "Latin-1",
    }
    return known.get(encoding, encoding)
