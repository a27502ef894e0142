"""Who may import whom: the layers, the doors of every foreign module, and what a mere --help may load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.checkout import ROOT, SOURCE, imports, modules

DOORS = {
    "rightfit._kernel": ("solvers/quadratic.py", "solvers/block_quadratic.py", "data/products.py", "elementary.py"),
    "torch": (
        "learners/_network/",
        "torch/",
        "augmentation/images.py",
        "augmentation/resample.py",
        "learn/lessons/networks.py",
        "learn/lessons/_thinned_nets.py",
        "learn/lessons/_weights.py",
    ),
    "transformers": ("augmentation/translators.py",),
    "xgboost": ("learners/_boosting/library.py",),
}
HEAVY = {"numpy", "scipy", "sklearn", "polars", "pandas", "pyarrow", "torch", "xgboost", "jinja2", "matplotlib"}


def test_import_rules_hold() -> None:
    pytest.importorskip("importlinter")
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", DOORS)
def test_foreign_modules_have_few_doors(module: str) -> None:
    doors = DOORS[module]
    for path in modules():
        place = path.relative_to(SOURCE).as_posix()
        named = any(name == module or name.startswith(module + ".") for name in imports(path))
        assert not named or place.startswith(doors), f"{place} imports {module}; only {doors} may"


def test_only_bind_knows_python() -> None:
    for path in sorted((ROOT / "kernel").iterdir()):
        text = path.read_text(encoding="utf-8")
        knows = "nanobind" in text or "Python.h" in text
        assert knows == (path.name == "bind.cpp"), f"kernel/{path.name}"


def test_nothing_is_stored_by_pickle() -> None:
    for path in modules():
        unsafe = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"} & imports(path)
        assert not unsafe, f"{path.relative_to(SOURCE).as_posix()} imports {unsafe}"
        assert "allow_pickle=True" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["fit", "--help"]], ids=" ".join)
def test_help_is_light(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from rightfit.cli import main\n"
        "try:\n"
        f"    code = main({words!r})\n"
        "except SystemExit as stop:\n"
        "    code = stop.code\n"
        "print('code', code or 0, file=sys.stderr)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    code, loaded = done.stderr.splitlines()[-2:]
    assert code == "code 0", done.stderr
    assert not HEAVY & set(loaded.split()), f"rightfit {' '.join(words)} loads {sorted(HEAVY & set(loaded.split()))}"
