"""Penalties beyond the elastic net as candidates of a fit."""

from __future__ import annotations

import pytest

from rightfit import RightFitRegressor
from rightfit.data.table import from_frame
from rightfit.errors import OptionError
from rightfit.search.fit import fit_table
from rightfit.search.options import FAMILIES, make_options
from rightfit.search.path import walk_table
from tests.journeys.files import houses


def test_families_are_compared_on_the_same_folds() -> None:
    names = ("lasso", *(name for name in FAMILIES if "group" not in name))  # groups: test_groups_of_columns.py
    options = make_options(target="price", penalty=",".join(names), strengths=10, folds=3)
    assert options.l1_ratio == (1.0,)
    run = fit_table(from_frame(houses(90)), options)
    assert [c.name for c in run.candidates] == ["lasso", "adaptive lasso", "fused lasso", "MCP", "SCAD", "SLOPE"]
    assert sum(c.chosen for c in run.candidates) == 1
    words = run.command[run.command.index("--penalty") + 1]
    assert words == ",".join(names)
    assert "--l1-ratio" not in run.command


def test_one_family_alone() -> None:
    run = fit_table(from_frame(houses(90)), make_options(target="price", penalty="mcp", strengths=10, folds=3))
    assert run.penalty == "minimax concave penalty (MCP, gamma 3)"
    assert [c.name for c in run.candidates] == ["MCP"]
    assert any("stationary" in sentence for sentence in run.verdict)
    walked = walk_table(from_frame(houses(90)), make_options(target="price", strengths=10), "slope")
    assert "SLOPE" in walked.penalty
    assert walked.order


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match="there is no 'mpc'; choose of lasso, elastic-net, ridge, adaptive"):
        make_options(target="price", penalty="mpc")


def test_behind_scikit_learns_door() -> None:
    frame = houses(90)
    model = RightFitRegressor(penalty="lasso,scad", strengths=8, folds=3).fit(frame.drop("price"), frame["price"])
    assert [c.name for c in model.run_.candidates] == ["lasso", "SCAD"]
