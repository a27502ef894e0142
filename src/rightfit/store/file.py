"""A `rightfit.records.Run` as one ``.rightfit`` file, and back.

The file is a zip without compression (so that nothing can unfold to more than its size, and the same run is the
same bytes with every zlib), readable by any unzip:

    manifest.json        format number, writer, sha256 and size of every other member
    run.json             the record, see `rightfit.store.plain`
    arrays/0000.npy ...  its arrays, see `rightfit.store.arrays`

and its comment seals it with the sha256 of everything before. Members are sorted, their time stamps fixed, wall
times are left out: the same seed gives the same bytes.

Reading goes from the outside inwards, and each step trusts only what the one before has checked: seal, list of
members (names, order, sizes, no compression), manifest, sha256 of every member, JSON, annotations, arrays.
Whatever is wrong raises StoreError; nothing is executed, no pickle is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rightfit.errors import FileError, StoreError
from rightfit.records import Run
from rightfit.store import arrays
from rightfit.store.atomic import written
from rightfit.store.plain import from_plain, to_plain

FORMAT = 1
LARGEST = 4 << 30
"""Bytes of the largest file that is read."""
LARGEST_TEXT = 256 << 20
"""Bytes of the largest JSON member."""
MOST_MEMBERS = 2_000

_SEAL = b"rightfit sha256 "
_DIGITS = 64
_MEMBER = re.compile(r"arrays/[0-9]{4}\.npy")
_TIME = (1980, 1, 1, 0, 0, 0)


def save(run: Run, path: str | Path) -> None:
    """Write the run; the file appears whole or not at all. FileError where it cannot be written."""
    content = to_bytes(run)
    with written(path) as stream:
        stream.write(content)


def load(path: str | Path) -> Run:
    """The run in a ``.rightfit`` file; FileError where there is none, StoreError where it is not intact."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise StoreError(f"{file.name} is larger than {LARGEST >> 30} GiB: that is no run")
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise FileError(f"there is no file {str(path)!r}") from error
    except IsADirectoryError as error:
        raise FileError(f"{str(path)!r} is a folder, not a run") from error
    except OSError as error:
        raise FileError(f"{str(path)!r} cannot be read: {(error.strerror or 'unknown error').lower()}") from error
    return from_bytes(content, file.name)


def to_bytes(run: Run) -> bytes:
    """The whole file."""
    members: dict[str, bytes] = {}

    def collect(array: np.ndarray) -> int:
        number = len(members)
        members[f"arrays/{number:04d}.npy"] = arrays.to_bytes(array, f"array {number}")
        return number

    members["run.json"] = _dump(to_plain(run, Run, collect, "run"))
    facts = {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in members.items()}
    manifest = _dump(
        {"format": FORMAT, "members": dict(sorted(facts.items())), "written by": f"rightfit {run.version}"}
    )
    return _zip({"manifest.json": manifest} | dict(sorted(members.items())))


def from_bytes(content: bytes, name: str) -> Run:
    """The run in these bytes; ``name`` is the file's, for messages."""
    if not content.startswith(b"PK\x03\x04"):
        raise StoreError(f"{name} is not a run: give a .rightfit file, as written by `rightfit fit`")
    _check_seal(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(archive, name)
    except (
        zipfile.BadZipFile,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
        OSError,
    ) as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{name} is damaged: it cannot be unpacked. Make it again with `rightfit fit`") from error
    _check_manifest(members, name)
    used: set[int] = set()

    def array(number: int) -> np.ndarray:
        member = f"arrays/{number:04d}.npy"
        if member not in members or number in used:
            raise StoreError(f"{name}: {member} is missing or used twice")
        used.add(number)
        return arrays.from_bytes(members[member], f"{name}: {member}")

    run = from_plain(_parse(members["run.json"], f"{name}: run.json"), Run, array, f"{name}: run")
    if len(used) != len(members) - 2:
        raise StoreError(f"{name} holds arrays that belong to nothing")
    assert isinstance(run, Run)
    return run


def _zip(members: dict[str, bytes]) -> bytes:
    """A sealed zip of these members in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3  # the same on every system
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
        archive.comment = _SEAL + b"0" * _DIGITS
    body = buffer.getvalue()[:-_DIGITS]
    return body + hashlib.sha256(body).hexdigest().encode()


def _check_seal(content: bytes, name: str) -> None:
    """The last 64 characters are the sha256 of all bytes before them."""
    body, digits = content[:-_DIGITS], content[-_DIGITS:]
    if not body.endswith(_SEAL) or hashlib.sha256(body).hexdigest().encode() != digits:
        raise StoreError(
            f"{name} is damaged, cut short or repacked: its seal does not fit. "
            "Copy it again, or make it again with `rightfit fit`"
        )


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    """All members by name, read only after their list has passed."""
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise StoreError(f"{name} holds {len(entries)} members: that is no run")
    names = [e.filename for e in entries]
    if len(set(names)) != len(names) or not {"manifest.json", "run.json"} <= set(names):
        raise StoreError(f"{name} is a zip, but not a run: give a .rightfit file, as written by `rightfit fit`")
    for entry in entries:
        text = entry.filename in ("manifest.json", "run.json")
        if not text and not _MEMBER.fullmatch(entry.filename):
            raise StoreError(f"{name} holds a member that runs do not have: {entry.filename[:80]!r}")
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size or entry.flag_bits & 1:
            raise StoreError(f"{name} is compressed or encrypted inside, which runs never are")
        if entry.file_size > (LARGEST_TEXT if text else LARGEST):
            raise StoreError(f"{name}: {entry.filename} is too large")
    if sum(e.file_size for e in entries) > LARGEST:
        raise StoreError(f"{name} is too large")
    return {e.filename: archive.read(e) for e in entries}


def _check_manifest(members: dict[str, bytes], name: str) -> None:
    """The format is known, and the list with its sha256 is that of the members."""
    manifest = _parse(members["manifest.json"], f"{name}: manifest.json")
    number = manifest.get("format") if isinstance(manifest, dict) else None
    if type(number) is not int:
        raise StoreError(f"{name}: manifest.json names no format")
    if number > FORMAT:
        writer = str(manifest.get("written by", "a newer rightfit"))[:40]
        raise StoreError(
            f"{name} was written by {writer} in format {number}; this version reads up to {FORMAT}: upgrade rightfit"
        )
    facts = {
        member: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for member, data in members.items()
        if member != "manifest.json"
    }
    if number != FORMAT or manifest.get("members") != facts:
        raise StoreError(f"{name} is damaged: its members are not those of its manifest")


def _dump(plain: Any) -> bytes:
    return json.dumps(plain, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _refuse_constant(word: str) -> Any:
    raise ValueError(word)


def _parse(data: bytes, where: str) -> Any:
    """JSON without its usual extensions."""
    try:
        return json.loads(data.decode("ascii"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{where} is not JSON") from error
