"""Thesauri from tables and from WordNet's files, here small ones in the same format."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from rightfit.augmentation.texts import Synonyms, TextAugmentation
from rightfit.augmentation.thesaurus import read_thesaurus
from rightfit.errors import ColumnError, FileError
from tests.shared import shared_data

LICENCE = "  1 This file holds a licence, in lines that start with blanks  \n  2   \n"
WORDNET = {
    "data.noun": LICENCE
    + "00000100 03 n 03 hound 0 dog 0 domestic_dog 1 001 @ 00000200 n 0000 | an animal | that barks  \n"
    + "00000200 03 n 0b a 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 0 last 0 000 | eleven words: the count is hexadecimal  \n"
    + "00000300 03 n 02 dog 0 Rover 0 000 | a name  \n",
    "index.noun": LICENCE
    + "dog n 2 1 @ 2 1 00000300 00000100  \n"
    + "domestic_dog n 1 0 1 0 00000100  \n"
    + "a n 1 0 1 0 00000200  \n"
    + "good n 1 0 1 0 00000200  \n",
    "data.adj": LICENCE + "00000100 00 s 03 good 0 fine(p) 0 Full_Well 0 000 | not bad  \n",
    "index.adj": LICENCE + "good a 1 2 & ! 1 5 00000100  \nfine a 1 0 1 0 00000100  \n",
}


def wordnet(folder: Path, **changed: str) -> Path:
    for name, text in (WORDNET | {k.replace("_", "."): v for k, v in changed.items()}).items():
        (folder / name).write_text(text)
    return folder


def test_wordnet(tmp_path: Path) -> None:
    found = read_thesaurus(wordnet(tmp_path))
    assert found["dog"] == ("Rover", "hound", "domestic dog")  # the first sense first
    assert found["a"] == ("b", "c", "d", "e", "f", "g", "h", "i", "j", "last")
    assert found["good"][:3] == ("fine", "Full Well", "a")  # the part of speech that was tagged more often first
    assert found["fine"] == ("good", "Full Well")
    assert "domestic_dog" not in found and "domestic dog" not in found
    assert read_thesaurus(tmp_path, most=1)["dog"] == ("Rover",)


def test_tables(tmp_path: Path) -> None:
    table = tmp_path / "words.csv"
    table.write_text(
        'word,pos,synonyms\nbig,a,large great\nBig,r,"very much, large"\nnan,n,granny\nnull,n,\nsole,a,sole\n'
    )
    wanted = {"big": ("large", "great", "very much"), "nan": ("granny",)}
    assert read_thesaurus(table) == wanted
    packed = tmp_path / "words.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert read_thesaurus(packed) == wanted


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"data\.noun"):
        read_thesaurus(tmp_path)
    with pytest.raises(FileError, match="no file"):
        read_thesaurus(tmp_path / "absent.csv")
    (tmp_path / "a.csv").write_text("word,meaning\nbig,large\n")
    with pytest.raises(ColumnError, match="synonyms"):
        read_thesaurus(tmp_path / "a.csv")
    with pytest.raises(FileError, match=r"00000999.*'dog'"):
        read_thesaurus(wordnet(tmp_path, index_noun="dog n 1 0 1 0 00000999\n"))
    with pytest.raises(FileError, match=r"line 2 of data\.noun"):
        read_thesaurus(wordnet(tmp_path, data_noun="00000100 03 n 01 dog 0 000 | x\nbroken line here\n"))


def test_the_table_of_wordnet_beside_this_checkout() -> None:
    found = read_thesaurus(shared_data("wordnet_synonyms"))
    assert len(found) > 48_000 and found["nan"][0] == "grandma"
    made = TextAugmentation(Synonyms(found, 1.0), seed=2)(["A Quick, big dog!"])[0] or ""
    first, *rest = made.split(" ", 1)
    assert first == "A" and rest[0][0].isupper() and rest[0].endswith("!") and "Quick" not in made
