"""How a text table is written: delimiter, decimal sign, encoding, quoting. Detected or told, always stated."""

from __future__ import annotations

from dataclasses import dataclass

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""The delimiters that are looked for, with their names. Any other single character can be told."""


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
