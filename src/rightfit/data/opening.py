"""Open a file by what it contains, not by its name: plain or gzip, text or Parquet; its hash as found."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from rightfit.data.dialect import codec_name, encoding_words
from rightfit.errors import FileError

BLOCK = 8 << 20
"""Bytes read at a time: what bounds the memory of `rightfit.data.blocks`."""

_STRANGERS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive: save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    b"%PDF": "a PDF document: export the table as CSV",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: decompress it, or compress it by gzip",
    b"BZh": "compressed by bzip2: decompress it, or compress it by gzip",
    b"\xfd7zXZ": "compressed by xz: decompress it, or compress it by gzip",
    b"ARROW1": "an Arrow file: save the table as Parquet or CSV",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
    b"\x89HDF": "an HDF5 file: export the table as Parquet or CSV",
    b"\x89PNG": "a picture",
}


@dataclass(frozen=True)
class Opened:
    """What is known of a file before it is parsed."""

    path: Path
    size: int
    sha256: str
    gzip: bool
    parquet: bool

    @property
    def name(self) -> str:
        return self.path.name

    def stream(self) -> BinaryIO:
        """The content, decompressed."""
        return cast(BinaryIO, gzip.open(self.path, "rb")) if self.gzip else self.path.open("rb")

    def blocks(self) -> Iterator[bytes]:
        """The content, decompressed, in blocks; FileError where the compression is damaged."""
        try:
            with self.stream() as stream:
                while block := stream.read(BLOCK):
                    yield block
        except EOFError as error:
            raise FileError(f"{self.name} is cut off: its gzip stream ends too early. Fetch the file again.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FileError(f"{self.name} is damaged: its gzip stream cannot be read. Fetch the file again.") from error


def open_file(path: str | Path) -> Opened:
    """Look at a file: hash, compression, Parquet or text. FileError names the file and says what is wrong."""
    path = Path(path)
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder, not a file. Name one table in it.")
        with path.open("rb") as stream:
            head = stream.read(32)
            digest = hashlib.file_digest(io.BytesIO(head), "sha256") if not head else _digest(stream)
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise FileError(f"there is no file {path}. Check the name and the folder.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not head:
        raise FileError(f"{path.name} is empty (0 bytes).")
    opened = Opened(path, size, digest.hexdigest(), head[:2] == b"\x1f\x8b", False)
    if opened.gzip:
        head = next(opened.blocks(), b"")[:32]
        if not head:
            raise FileError(f"{path.name} is empty: its gzip stream holds 0 bytes.")
    if head[:2] == b"\x1f\x8b":
        raise FileError(f"{path.name} is compressed by gzip twice. Decompress it once.")
    for magic, words in _STRANGERS.items():
        if head.startswith(magic):
            raise FileError(f"{path.name} is not a text table but {words}.")
    return Opened(path, size, opened.sha256, opened.gzip, head[:4] == b"PAR1")


def _digest(stream: BinaryIO) -> hashlib._Hash:
    stream.seek(0)
    return hashlib.file_digest(cast(io.BufferedIOBase, stream), "sha256")


def find_encoding(opened: Opened, told: str | None) -> str:
    """The codec of a text file. A byte order mark decides; else UTF-8 where every byte of the file agrees with it,
    else Windows-1252 where every byte is defined there, else Latin-1. FileError for what is no text."""
    if told is not None:
        return codec_name(told)
    blocks = opened.blocks()
    head = next(blocks, b"")
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
    ):
        if head.startswith(mark):
            return name
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if b"\0" in sample:
        # Latin letters in UTF-16 have a zero in every second byte: odd places if little endian, even ones if big.
        odd, even = sample[1::2].count(0), sample[0::2].count(0)
        if max(odd, even) > 0.4 * (len(sample) // 2) and min(odd, even) < 0.05 * len(sample):
            return "utf-16-le" if odd > even else "utf-16-be"
        raise FileError(f"{opened.name} is not a text table: it holds zero bytes. Save the table as CSV or Parquet.")
    control = sum(sample.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13, 26))
    if control > 0.02 * len(sample):
        raise FileError(
            f"{opened.name} is not a text table: it holds control characters. Save the table as CSV or Parquet."
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
        return "utf-8"
    except UnicodeDecodeError:
        undefined = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
        return "latin-1" if any(byte in block for block in opened.blocks() for byte in undefined) else "cp1252"


def decode_blocks(opened: Opened, encoding: str) -> Iterator[bytes]:
    """The content as UTF-8 without byte order mark, in blocks; FileError where the encoding does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        for block in opened.blocks():
            # UTF-8 too goes through the decoder: a told encoding may be wrong, and the parser would not name the file.
            text = decoder.decode(block).encode("utf-8", "surrogatepass")
            done += len(block)
            if b"\0" in text:
                raise FileError(f"{opened.name} is not a text table: it holds zero bytes near byte {done:,}.")
            yield text
        yield decoder.decode(b"", final=True).encode("utf-8")
    except UnicodeDecodeError as error:
        words = encoding_words(encoding)
        raise FileError(
            f"{opened.name} is not {words}: byte {done + error.start:,} does not fit. Give --encoding NAME, "
            "or leave it out to detect it."
        ) from error
