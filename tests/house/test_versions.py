"""One version, and lower bounds that are the ones tested."""

from __future__ import annotations

import re
import tomllib

import rightfit
from tests.house.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _bounds(requirements: list[str]) -> dict[str, str]:
    pairs = (re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?>=([\d.]+)", requirement) for requirement in requirements)
    return {pair[1]: pair[2] for pair in pairs if pair}


def test_one_version() -> None:
    assert PROJECT["project"]["version"] == rightfit.__version__


def test_every_dependency_has_a_lower_bound_that_is_tested() -> None:
    wanted = PROJECT["project"]["dependencies"]
    bounds = _bounds(wanted)
    assert len(bounds) == len(wanted), "each dependency is written name>=version"
    pins = dict(re.findall(r"^([\w.-]+)==([\d.]+)$", (ROOT / ".github" / "oldest.txt").read_text("utf-8"), flags=re.M))
    for name, bound in bounds.items():
        assert pins[name].startswith(bound), f"oldest.txt tests {name} {pins[name]}, pyproject.toml allows {bound}"


def test_every_group_has_lower_bounds() -> None:
    """torch alone is pinned, as other versions of it bring gigabytes for accelerators."""
    for group, wanted in PROJECT["dependency-groups"].items():
        free = [requirement for requirement in wanted if not requirement.startswith("torch==")]
        assert len(_bounds(free)) == len(free), group


def test_supported_pythons_are_the_ones_built() -> None:
    classified = set(re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"])))
    built = {f"3.{name[3:5]}" for name in PROJECT["tool"]["cibuildwheel"]["build"]}
    assert classified == built
    assert PROJECT["project"]["requires-python"] == ">=" + min(classified, key=lambda v: int(v.split(".")[1]))
