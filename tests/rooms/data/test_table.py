"""The same cells from every way of writing a table, what was detected is stated, and what is no table is refused."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import polars as pl
import pytest

from rightfit.data.dialect import Told
from rightfit.data.opening import BLOCK
from rightfit.data.table import from_frame, read_chunks, read_table
from rightfit.errors import ColumnError, DataError, FileError, OptionError

NAMES = ["name", "size", "note"]
ROWS: list[list[str | None]] = [
    ["Zoë", "1.5", "plain"],
    ["Ann", "-20.25", 'says "hi", twice'],
    ["Bo", None, "two\nlines; here|there"],
]


def write(folder: Path, content: bytes | str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def text(delimiter: str, decimal: str = ".", end: str = "\n") -> str:
    def cell(value: str | None, number: bool) -> str:
        if value is None:
            return ""
        if number:
            value = value.replace(".", decimal)
        return '"' + value.replace('"', '""') + '"' if any(c in value for c in f'{delimiter}"\n') else value

    rows = [[cell(v, j == 1) for j, v in enumerate(row)] for row in ROWS]
    return end.join(delimiter.join(row) for row in [NAMES, *rows]) + end


@pytest.mark.parametrize(
    ("delimiter", "words"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")], ids=["c", "s", "t", "b"]
)
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("packed", [False, True])
def test_delimiter_and_decimal_sign_are_found_and_stated(
    tmp_path: Path, delimiter: str, words: str, decimal: str, packed: bool
) -> None:
    content = text(delimiter, decimal).encode()
    # The name says nothing: gzip is told by content.
    table = read_table(write(tmp_path, gzip.compress(content, mtime=0) if packed else content))
    assert table.frame.rows() == [tuple(row) for row in ROWS]
    assert table.frame.columns == NAMES
    for part in (words, "decimal comma" if decimal == "," else "decimal point", "UTF-8", *["gzip"] * packed):
        assert part in table.source.format
    assert table.source.notes[0].sentence.startswith(f"Detected: delimiter {words}")
    assert any("1 empty" in note.sentence for note in table.source.notes)


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("utf-8-sig", "byte order mark"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 little endian"),
        ("utf-16-be", "UTF-16 big endian"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_encodings(tmp_path: Path, codec: str, words: str) -> None:
    table = read_table(write(tmp_path, text(",").encode(codec)))
    assert table.frame.rows() == [tuple(row) for row in ROWS]
    assert table.frame.columns == NAMES
    assert words in table.source.format


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["windows", "old mac"])
def test_ends_of_lines(tmp_path: Path, end: str) -> None:
    frame = read_table(write(tmp_path, end.join(["a,b", "1,x", "2,y", ""]))).frame
    assert frame.rows() == [("1", "x"), ("2", "y")]


def test_no_end_at_the_last_line_and_blank_lines(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1,x\n\n2,y"))
    assert table.frame.rows() == [("1", "x"), ("2", "y")]
    assert any("1 blank line skipped" in note.sentence for note in table.source.notes)


def test_a_quote_sign_inside_a_cell_is_text(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a,b\n1,5" pipe\n2,"x, ""y"""\n'))
    assert table.frame["b"].to_list() == ['5" pipe', 'x, "y"']
    assert any("quote" in note.sentence for note in table.source.notes[1:])


def test_what_is_told_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "a~b\n1,5~Ã\n".encode("latin-1"))
    table = read_table(path, delimiter="~", decimal=",", encoding="latin-1", quoting=False)
    assert table.frame.rows() == [("1.5", "Ã")]
    assert table.source.notes[0].sentence == "How the file is written was told, not detected."


def test_one_column_and_thousands(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "y\n1\n2\n")).frame["y"].to_list() == ["1", "2"]
    assert read_table(write(tmp_path, "a;b\n1.234,5;x\n-2,25;y\n")).frame["a"].to_list() == ["1234.5", "-2.25"]


@pytest.mark.parametrize("packed", [False, True])
def test_parquet_keeps_its_types(tmp_path: Path, packed: bool) -> None:
    frame = pl.DataFrame({"a": [1, None, 3], "b": [1.5, float("nan"), None], "c": ["x", "", "z"]})
    path = tmp_path / "anything.csv"
    frame.write_parquet(path)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    table = read_table(path)
    assert table.frame.rows() == [(1, 1.5, "x"), (None, None, None), (3, None, "z")]
    assert table.source.format == ("Parquet, gzip" if packed else "Parquet")
    assert pl.concat(read_chunks(path, 2)).equals(table.frame)


def test_the_source_is_the_file_as_found(tmp_path: Path) -> None:
    content = gzip.compress(b"a,b\n1,2\n", mtime=0)
    source = read_table(write(tmp_path, content)).source
    assert (source.name, source.size, source.rows, source.columns) == ("table.csv", len(content), 1, 2)
    assert source.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n \n", "blanks"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n3\n", "line 3: 1 field,"),
        (b'a,b\n"x\ny",2\n\n1,2,3\n', "line 5: 3 fields"),
        (b'a,b\n1,"never closed\n2,3\n', "line 2"),
        (b"PK\x03\x04....", "Excel"),
        (bytes(range(256)) * 4, "zero bytes"),
        (gzip.compress(b"a,b\n1,2\n" * 999, mtime=0)[:-20], "cut off"),
        (gzip.compress(gzip.compress(b"a\n1\n", mtime=0), mtime=0), "twice"),
        (b"PAR1 and no more", "damaged Parquet"),
    ],
)
def test_refusals_name_the_file_and_the_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = write(tmp_path, content)
    for read in (read_table, lambda path: list(read_chunks(path))):
        with pytest.raises(FileError) as error:
            read(path)
        assert "table.csv" in str(error.value)
        assert words in str(error.value)


def test_refusals_of_names_options_and_places(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"columns 1 and 3 are both called 'a'"):
        read_table(write(tmp_path, "a,b,a\n1,2,3\n"))
    path = write(tmp_path, "a,b\n1,é\n".encode("latin-1"))
    for options in ({"delimiter": "ab"}, {"decimal": ";"}, {"encoding": "klingon"}):
        with pytest.raises(OptionError, match=next(iter(options))):
            read_table(path, **options)  # type: ignore[arg-type]
    with pytest.raises(FileError, match="not UTF-8"):
        read_table(path, encoding="utf-8")
    with pytest.raises(FileError, match="no file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(FileError, match="folder"):
        read_table(tmp_path)


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_chunks_hold_the_same_cells(tmp_path: Path, rows: int) -> None:
    path = write(tmp_path, text(";", ",") * 1 + "".join(f"n{i};{i},5;NA\n" for i in range(50)))
    chunks = list(read_chunks(path, rows))
    assert [chunk.height for chunk in chunks[:-1]] == [rows] * (len(chunks) - 1)
    assert pl.concat(chunks).equals(read_table(path).frame)


def test_chunks_across_blocks(tmp_path: Path) -> None:
    """Records with line ends in quotes lie across the blocks in which a file is read."""
    record = '"' + "x" * 300 + '\r\ny",%d,"é, ""q"""\r\n'
    count = BLOCK // 300 + 5000
    path = write(tmp_path, "a,b,c\r\n" + "".join(record % i for i in range(count)))
    whole = read_table(path).frame
    assert whole["b"].cast(pl.Int64).to_list() == list(range(count))
    assert set(whole["c"].unique()) == {'é, "q"'}
    assert pl.concat(read_chunks(path, 9999)).equals(whole)


def test_a_short_new_file_takes_the_decimal_comma_of_the_old_one(tmp_path: Path) -> None:
    old = read_table(write(tmp_path, "a;b\n1,5;2\n", "old.csv")).source
    new = write(tmp_path, "a;b\n3;4\n", "new.csv")
    assert pl.concat(read_chunks(new, like=old)).rows() == [("3", "4")]


@pytest.mark.parametrize("data", [[1, 2], {"a": [1], "b": [1, 2]}, {"a": []}, {"a": [[1], [2]]}])
def test_frames_that_are_no_tables(data: object) -> None:
    with pytest.raises(DataError):
        from_frame(data)


def test_what_is_told_may_be_said_in_words(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a b\n1,5 x\n2,5 y\n"), delimiter="space", decimal="comma")
    assert table.frame.rows() == [("1.5", "x"), ("2.5", "y")]
    assert table.source.told == {"delimiter": " ", "decimal": ","}
    assert Told.of(table.source.told) == Told(delimiter=" ", decimal=",")
    assert Told(encoding="ISO-8859-1", quoting=False).words() == {"encoding": "latin-1", "quoting": "no"}


def test_what_was_told_of_the_old_file_holds_for_the_new_one(tmp_path: Path) -> None:
    old = read_table(write(tmp_path, "a~b\n1.000~2\n", "old.csv"), delimiter="~", decimal=",").source
    new = write(tmp_path, "b~a\n2~3.000\n", "new.csv")
    assert pl.concat(read_chunks(new, like=old)).rows() == [("2", "3000")]
    assert pl.concat(read_chunks(new, like=old, told=Told(decimal="point"))).rows() == [("2", "3.000")]
    other = write(tmp_path, "a;b\n1,5;2\n", "other.csv")
    assert pl.concat(read_chunks(other, like=old)).rows() == [("1.5", "2")]


def test_parquet_needs_nothing_told_and_says_so(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "b": [2]}).write_parquet(tmp_path / "t.parquet")
    source = read_table(tmp_path / "t.parquet", delimiter=";").source
    assert source.told == {} and "--delimiter is not needed" in source.notes[0].sentence
