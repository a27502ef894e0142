"""Notes of many blocks of rows, summed up: one sentence for each finding about each column, with the counts of all.

`rightfit.data.check` says what it found in a block of rows; the sentences that count something are

    Column 'a' has 3 new levels in 40 rows, first ...
    Column 'a' has 7 missing values, ...
    Column 'a' has 7 values far outside the training range 0 to 9, farthest 12 in row 3.
    Column 'a' has 7 values other than 'yes' and 'no', first ...

Counts of rows and values add up; the first example stays, the farthest value is that of all blocks, and of different
levels only the largest number of one block is known. Any other sentence is said once.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from rightfit.records import Note

_LEVELS = re.compile(r"([\d,]+) new levels? in ([\d,]+) rows?(.*)", re.DOTALL)
_VALUES = re.compile(r"([\d,]+) (missing )?values?( far outside| other than|,)(.*)", re.DOTALL)
_FAR = re.compile(r" the training range (\S+) to (\S+), farthest (\S+) in row ")


@dataclass
class _Finding:
    """What the blocks so far said about one thing."""

    note: Note
    start: str = ""
    levels: int = 0
    blocks: int = 1
    count: int = 0
    middle: str = ""
    tail: str = ""

    def sentence(self) -> str:
        many = "" if self.count == 1 else "s"
        if self.levels:
            least = "at least " if self.blocks > 1 else ""
            levels = f"{least}{self.levels:,} new level{'' if self.levels == 1 else 's'}"
            return f"{self.start}{levels} in {self.count:,} row{many}{self.tail}"
        if self.count:
            return f"{self.start}{self.count:,} {self.middle}value{many}{self.tail}"
        return self.note.sentence


class Tally:
    """Collects the notes of blocks in order."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], _Finding] = {}

    def add(self, notes: tuple[Note, ...]) -> None:
        """The notes of the next block."""
        for note in notes:
            key, new = _read(note)
            old = self._found.get(key)
            if old is None:
                self._found[key] = new
                continue
            old.blocks += 1
            old.count += new.count
            old.levels = max(old.levels, new.levels)
            if _excess(new.tail) > _excess(old.tail):
                old.tail = new.tail

    def notes(self) -> tuple[Note, ...]:
        """One note for each finding, in the order of their first appearance."""
        return tuple(Note(f.note.severity, f.note.subject, f.sentence()) for f in self._found.values())


def _read(note: Note) -> tuple[tuple[str, ...], _Finding]:
    """What the note is about, and its counts."""
    start = f"Column {note.subject!r} has "
    if note.subject and note.sentence.startswith(start):
        rest = note.sentence[len(start) :]
        if match := _LEVELS.fullmatch(rest):
            finding = _Finding(note, start, _number(match[1]), 1, _number(match[2]), "", match[3])
            return (note.subject, "levels"), finding
        if match := _VALUES.fullmatch(rest):
            middle, kind = match[2] or "", match[3]
            return (note.subject, middle, kind), _Finding(note, start, 0, 1, _number(match[1]), middle, kind + match[4])
    return (note.subject, note.sentence), _Finding(note)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _excess(tail: str) -> float:
    """How far the farthest value of this sentence is from the training range; 0 where it speaks of something else."""
    match = _FAR.search(tail)
    if match is None:
        return 0.0
    low, high, value = (_place(text) for text in match.groups())
    return max(low - value, value - high)


def _place(text: str) -> float:
    """A number, or a date as the number of its day."""
    try:
        return float(text)
    except ValueError:
        return float(datetime.date.fromisoformat(text).toordinal())
