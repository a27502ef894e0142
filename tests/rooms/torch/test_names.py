"""The room's public face: lazy, sorted, documented, and one sentence where torch is missing."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

pytest.importorskip("torch")
import rightfit.torch as rt


def test_names_are_sorted_there_and_documented() -> None:
    assert rt.__all__ == sorted(rt.__all__)
    for name in rt.__all__:
        assert (getattr(rt, name).__doc__ or "").strip(), name
    assert set(rt.__all__) <= set(dir(rt))
    assert not hasattr(rt, "no_such_block")


def test_no_module_hides_a_name() -> None:
    """Importing ``rightfit.torch.x`` sets the attribute x of the room; were x a function's name, it would be gone."""
    modules = {m.name for m in pkgutil.iter_modules(rt.__path__)}
    assert modules & set(rt.__all__) == set()


def test_without_torch_one_sentence_says_what_to_do() -> None:
    program = "import sys; sys.modules['torch'] = None\nimport rightfit.torch"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last == (
        "rightfit.errors.MissingExtraError: torch is not installed, which rightfit.torch needs: "
        'pip install "rightfit[networks]"'
    )


def test_the_room_itself_does_not_load_torch() -> None:
    program = "import sys, rightfit.torch; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
