"""A run's command is read back as the options that wrote it."""

from __future__ import annotations

import pytest

from rightfit.errors import StoreError
from rightfit.search.asked import read_command
from rightfit.search.options import FitOptions

OPTIONS = (
    FitOptions("y"),
    FitOptions("--target", task="counts", kinds={"a=b": "category", "--c": "text"}, drop=("x", "z"), id=("k",), seed=7),
    FitOptions("t", event="died", entry="from", strata="site", ties="breslow", weight="w", holdout=0.1 + 0.2),
    FitOptions("y", l1_ratio=(0.25, 1.0), standardize=False, dates=False, quoting=False, rule="within:5", folds=4),
    FitOptions("y", families=("mcp", "scad"), l1_ratio=(1.0, 0.0), quoting=True, delimiter="\t", decimal="comma"),
    FitOptions("y", learners=("linear", "tree"), settings={"tree.max_depth": (3.0, 6.5)}, prefer="simple", repeats=2),
    FitOptions("y", learners=("network",), settings={"network.walks": ("batch",), "network.batch": (16.0, 64.0)}),
    FitOptions("y", monotone={"age": 1, "a=b": -1}, learners=("tree", "boosting")),
    FitOptions("y", loss="tweedie", power=1.4, group="person", duplicates="apart", time_budget=60.0, strengths=30),
)


@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
def test_commands_are_read_back(options: FitOptions) -> None:
    read = read_command(options.command("rows.csv"))
    assert read.command("rows.csv") == options.command("rows.csv")
    assert read == options or options.delimiter == "\t"


@pytest.mark.parametrize("words", [(), ("rightfit", "fit", "a.csv", "--target"), ("rightfit", "fit", "a", "--no", "y")])
def test_other_words_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(StoreError):
        read_command(words)
