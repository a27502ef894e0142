"""The command line: one command a file, each thin: read the options, call, print.

`main` is the entry point. It imports click when called, and a command's file only when the command is asked for;
the heavy rooms are imported by a command only once its options have been read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code, see ``rightfit --help``. Never raises for a user's mistake."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        from rightfit import __version__

        print(f"rightfit {__version__}")
        return 0
    from rightfit.cli.commands import run

    return run(words)
