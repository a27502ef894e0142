"""What cannot be fitted is refused by one typed error that names the row, the column or the option."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from rightfit.errors import ColumnError, DataError, OptionError, RightfitError, RowError
from tests.golden.deadline import deadline  # noqa: F401
from tests.golden.walk import walk

pytestmark = pytest.mark.usefixtures("deadline")
FAMILIES = ("gaussian", "binomial", "poisson", "multinomial")


def data(n: int = 12) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, 3)), np.arange(n) % 2 * 1.0


def refused(error: type[RightfitError], words: str, family: Any = "gaussian", **change: Any) -> None:
    """Raises ``error`` with all the words (~ is a blank) in its message; the change goes to `walk`."""
    x, y = data()
    options: dict[str, Any] = {"x": x, "y": y, "strengths": np.array([0.1, 0.01])} | change
    with pytest.raises(error) as caught:
        walk(family, options.pop("x"), options.pop("y"), classes=2, **options)
    message = str(caught.value)
    for word in words.split():
        assert word.replace("~", " ") in message, message


def at(place: Any, value: Any, array: Any) -> Any:
    array = np.array(array, dtype=float)
    array[place] = value
    return array


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_target_that_is_no_number(family: str, value: float) -> None:
    refused(RowError, "target row~5", family, y=at(5, value, data()[1]))


@pytest.mark.parametrize(
    ("family", "value"),
    [("binomial", 2.0), ("binomial", -1.0), ("poisson", -1.0), ("multinomial", 0.5), ("multinomial", 2.0)],
)
def test_a_target_outside_its_range(family: str, value: float) -> None:
    refused(RowError, "target row~5", family, y=at(5, value, data()[1]))


@pytest.mark.parametrize("value", [1e200, -1e200, 1e308])
def test_a_target_too_large_to_square(value: float) -> None:
    refused(RowError, "target row~5", y=at(5, value, data()[1]))


def test_a_target_of_another_length() -> None:
    refused(DataError, "target 11 12", y=data()[1][:11])


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e200])
def test_an_infinite_cell(value: float) -> None:
    x = at((4, 1), value, data()[0])
    refused(ColumnError, "x1 row~4", x=x)
    refused(ColumnError, "age row~4", x=x, names=["zip", "age", "pay"])
    refused(ColumnError, "x1 row~4", x=sparse.csr_array(x))
    refused(ColumnError, "x1 row~4", x=np.asfortranarray(x))
    if np.isinf(value):
        refused(ColumnError, "x1 row~4", x=x.astype(np.float32))


def test_a_missing_cell_in_a_sparse_matrix() -> None:
    refused(ColumnError, "x1 row~4", x=sparse.csc_array(at((4, 1), np.nan, data()[0])))


def test_matrices_that_are_none() -> None:
    x, y = data()
    refused(DataError, "dimensions", x=y)
    refused(DataError, "dimensions", x=x[None])
    refused(DataError, "rows", x=x[:0], y=y[:0])
    refused(DataError, "type", x=x.astype(complex))
    refused(DataError, "type", x=x.astype(str))
    refused(DataError, "names 2 3", x=x, names=["a", "b"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_a_weight_that_is_none(family: str, value: float) -> None:
    refused(RowError, "weight row~5", family, weight=at(5, value, np.ones(12)))


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_that_leave_no_row(family: str) -> None:
    refused(DataError, "weight", family, weight=np.zeros(12))


def test_weights_of_another_length() -> None:
    refused(DataError, "weight 11 12", weight=np.ones(11))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_offset_that_is_no_number(family: str, value: float) -> None:
    refused(RowError, "offset row~5", family, offset=at(5, value, np.zeros(12)))


def test_offsets_of_another_length() -> None:
    refused(DataError, "offset 11 12", offset=np.zeros(11))


@pytest.mark.parametrize("value", [[0.1, -0.01], [np.nan, 0.1], [np.inf, 0.1], [], [[0.1]]])
def test_strengths_that_are_none(value: Any) -> None:
    refused(OptionError, "strengths", strengths=np.asarray(value, float))


def test_strengths_out_of_order_are_sorted_or_refused() -> None:
    x, y = data()
    try:
        trace = walk("gaussian", x, y, strengths=np.array([0.01, 0.3, 0.1])).trace()
    except OptionError as error:
        assert "strengths" in str(error)
        return
    sorted_ = walk("gaussian", x, y, strengths=np.array([0.3, 0.1, 0.01])).trace()
    np.testing.assert_array_equal(trace.strengths, sorted_.strengths)
    np.testing.assert_array_equal(trace.values, sorted_.values)


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_factors_that_are_none(value: float) -> None:
    refused(OptionError, "factors column~1", factors=np.array([1.0, value, 1.0]))


@pytest.mark.parametrize("option", ["factors", "lower", "upper"])
def test_options_by_column_of_another_length(option: str) -> None:
    refused(OptionError, f"{option} 3", **{option: np.zeros(2)})


@pytest.mark.parametrize(("option", "value"), [("lower", 0.1), ("lower", np.nan), ("upper", -0.1), ("upper", np.nan)])
def test_bounds_that_leave_zero_out(option: str, value: float) -> None:
    refused(OptionError, f"{option} column~1", **{option: np.array([0.0, value, 0.0])})


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_an_l1_ratio_outside_its_range(value: float) -> None:
    refused(OptionError, "l1_ratio", l1_ratio=value)


@pytest.mark.parametrize("value", [0.0, -1e-6, np.nan, np.inf])
def test_a_tolerance_that_is_none(value: float) -> None:
    refused(OptionError, "tolerance", tolerance=value)


@pytest.mark.parametrize("change", [{"count": 0}, {"count": -3}, {"ratio": 0.0}, {"ratio": 1.5}, {"ratio": np.nan}])
def test_a_grid_that_is_none(change: Any) -> None:
    refused(OptionError, next(iter(change)), strengths=None, **change)
