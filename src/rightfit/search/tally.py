"""Notes of many blocks of rows, summed up: one sentence for each kind of finding, with the counts of all blocks."""

from __future__ import annotations

import re

from rightfit.records import Note

_COUNT = re.compile(r"(?<![\w.,'-])\d{1,3}(?:,\d{3})+(?![\w.])|(?<![\w.,'-])\d+(?![\w.,']*\d)")


class Tally:
    """Collects notes; those that differ in their first number alone are one finding, whose numbers add up."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], tuple[Note, int]] = {}

    def add(self, notes: tuple[Note, ...]) -> None:
        for note in notes:
            match = _COUNT.search(note.sentence)
            before = note.sentence[: match.start()] if match else note.sentence
            after = note.sentence[match.end() :] if match else ""
            count = int(match.group().replace(",", "")) if match else 0
            key = (note.severity, note.subject, before, after)
            self._found[key] = (note, self._found[key][1] + count if key in self._found else count)

    def notes(self) -> tuple[Note, ...]:
        """All findings in the order of their first appearance."""
        result = []
        for (severity, subject, before, after), (note, count) in self._found.items():
            whole = _COUNT.search(note.sentence) is not None
            sentence = f"{before}{count:,}{after}" if whole else note.sentence
            result.append(Note(note.severity, subject, sentence) if severity else note)
        return tuple(result)
