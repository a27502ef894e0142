"""Files that appear whole or not at all: written beside their place, then moved there in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rightfit.errors import FileError


@contextmanager
def written(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file to write to, that becomes ``path`` when the block ends without an error and vanishes
    otherwise. FileError where the folder or the file cannot be written."""
    target = Path(path)
    if target.is_symlink():
        target = target.resolve()
    if target.is_dir():
        raise FileError(f"{target} is a folder: give the name of a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise FileError(f"{target} cannot be written: {_reason(error, target.parent)}") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, _mode(target))
        os.replace(name, target)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, name) and not isinstance(error, FileError):
            raise FileError(f"{target} cannot be written: {_reason(error, target.parent)}") from error
        raise


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced, or what a new file would get."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _reason(error: OSError, folder: Path) -> str:
    """What the operating system said, in words."""
    if not folder.exists():
        return f"the folder {folder} does not exist"
    return f"{(error.strerror or 'unknown error').lower()} in the folder {folder}"
