"""The peers live in an environment of their own, benchmarks/.venv: ``python -m benchmarks.environment`` makes it.

A peer that cannot be installed here is named and left out; rightfit itself is never installed there.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".venv"
REQUIREMENTS = HERE / "requirements-peers.txt"
PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def requirements() -> list[str]:
    """The pinned lines."""
    lines = [line.partition("#")[0].strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


def main() -> int:
    """Make the environment where there is none, and install what can be installed."""
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    together = [*pip, *requirements()]
    if subprocess.run(together, capture_output=True, check=False).returncode == 0:
        return 0
    for line in requirements():  # one of them does not go: find out which
        if subprocess.run([*pip, line], capture_output=True, check=False).returncode:
            print(f"{line} cannot be installed here and is left out of the benchmark", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
