"""Thesauri: a word in small letters -> its synonyms. None comes with rightfit; any mapping will do.

Two sources are read: a table with the columns ``word`` and ``synonyms``, and the database files of WordNet (Miller
1995; their format is the manual page wndb(5WN)), which are free to use and come with many systems.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from rightfit.errors import ColumnError, FileError

Thesaurus = dict[str, tuple[str, ...]]

_PARTS = ("noun", "verb", "adj", "adv")
_MARKER = re.compile(r"\((?:a|p|ip)\)$")


def read_thesaurus(path: str | Path, most: int = 12) -> Thesaurus:
    """Read a table of synonyms, or the folder of WordNet's files (``data.noun``, ``index.noun`` ...).

    A table (CSV or TSV, plain or gzip) has the columns ``word`` and ``synonyms``. Synonyms are parted by blanks, or,
    where one of these signs is in the cell, by commas, semicolons or bars; a word may have several rows. Their order is
    kept, and the first ``most`` synonyms of a word count. FileError and ColumnError say what is missing.
    """
    path = Path(path)
    return _read_wordnet(path, most) if path.is_dir() else _read_table(path, most)


def _read_table(path: Path, most: int) -> Thesaurus:
    """Every cell as it is written: in a thesaurus ``nan`` and ``null`` are words, not gaps."""
    from rightfit.data.dialect import Told
    from rightfit.data.opening import decode_blocks, open_file
    from rightfit.data.table import find_dialect

    opened = open_file(path)
    dialect, _ = find_dialect(opened, Told())
    text = b"".join(decode_blocks(opened, dialect.encoding)).decode()
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
    for name in ("word", "synonyms"):
        if name not in (rows.fieldnames or ()):
            raise ColumnError(
                f"{path.name} is no thesaurus: it has no column {name!r}. Give a table with the columns 'word' and "
                "'synonyms', or the folder of WordNet's files"
            )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault((row["word"] or "").lower(), []).extend(_split(row["synonyms"] or ""))
    return _tidy(found, most)


def _split(cell: str) -> list[str]:
    parts = re.split(r"[,;|]", cell) if re.search(r"[,;|]", cell) else cell.split()
    return [part.strip().replace("_", " ") for part in parts if part.strip()]


def _read_wordnet(folder: Path, most: int) -> Thesaurus:
    """Synonyms are the other words of the synsets of a word, the most frequent sense first, nouns before verbs before
    adjectives before adverbs, but parts of speech in which the word was tagged more often go first."""
    parts = [part for part in _PARTS if (folder / f"index.{part}").exists() and (folder / f"data.{part}").exists()]
    if not parts:
        raise FileError(
            f"the folder {folder} holds no WordNet: its files are called data.noun and index.noun, data.verb ..."
        )
    senses: dict[str, list[tuple[int, list[str]]]] = {}
    for part in parts:
        synsets = dict(_synsets(folder / f"data.{part}"))
        for word, tagged, offsets in _entries(folder / f"index.{part}"):
            try:
                others = [other for offset in offsets for other in synsets[offset]]
            except KeyError as error:
                raise FileError(
                    f"index.{part} names the synset {error.args[0]} of {word!r}, which data.{part} does not hold: take "
                    "both files from one version of WordNet"
                ) from error
            senses.setdefault(word, []).append((-tagged, others))
    found: dict[str, list[str]] = {}
    for word, lists in senses.items():
        found[word] = [other for _, others in sorted(lists, key=lambda pair: pair[0]) for other in others]
    return _tidy(found, most)


def _lines(path: Path) -> Iterable[tuple[int, list[str]]]:
    """Lines as fields, with their numbers; those of the licence start with blanks."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip() and not line.startswith(" "):
                yield number, line.partition("|")[0].split()


def _synsets(path: Path) -> Iterable[tuple[str, list[str]]]:
    """``offset lex_filenum ss_type w_cnt word lex_id [word lex_id ...] ...``; the count is hexadecimal."""
    for number, fields in _lines(path):
        try:
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            yield fields[0], [_MARKER.sub("", word).replace("_", " ") for word in words]
        except (IndexError, ValueError) as error:
            raise FileError(f"line {number} of {path.name} is no line of WordNet's database") from error


def _entries(path: Path) -> Iterable[tuple[str, int, list[str]]]:
    """``lemma pos synset_cnt p_cnt [symbol ...] sense_cnt tagsense_cnt offset [offset ...]``; phrases are left out."""
    for number, fields in _lines(path):
        try:
            rest = fields[4 + int(fields[3]) :]
            if "_" not in fields[0]:
                yield fields[0].lower(), int(rest[1]), rest[2 : 2 + int(fields[2])]
        except (IndexError, ValueError) as error:
            raise FileError(f"line {number} of {path.name} is no line of WordNet's index") from error


def _tidy(found: dict[str, list[str]], most: int) -> Thesaurus:
    """Each synonym once, none of them the word itself, no word without synonyms."""
    out: Thesaurus = {}
    for word, others in found.items():
        distinct: dict[str, str] = {}
        for other in others:
            distinct.setdefault(other.lower(), other)
        distinct.pop(word, None)
        if distinct:
            out[word] = tuple(distinct.values())[:most]
    return out
