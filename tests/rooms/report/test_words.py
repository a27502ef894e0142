"""Numbers, names and sentences as people read them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rightfit.report.legible import legible
from rightfit.report.numbers import PAGE, TERMINAL, decimals, plain
from rightfit.report.tables import comparison_rows
from rightfit.report.words import aligned, headlines, summary
from tests.rooms.report.specimen import KINDS, bare, specimen


@pytest.mark.parametrize(
    ("value", "page", "terminal"),
    [
        (0.0, "0", "0"),
        (1.2000000000000002, "1.20", "1.20"),
        (-0.034567, "\u22120.0346", "-0.0346"),
        (12345.6, "12\u202f346", "12,346"),
        (999.96, "1\u202f000", "1,000"),
        (1e-7, "1.00\u202f×\u202f10⁻⁷", "1.00e-7"),
        (-2.5e9, "\u22122.50\u202f×\u202f10⁹", "-2.50e9"),
        (float("nan"), "–", "-"),
        (float("inf"), "∞", "∞"),
        (None, "–", "-"),
    ],
)
def test_a_number(value: float | None, page: str, terminal: str) -> None:
    assert PAGE.number(value) == page
    assert TERMINAL.number(value) == terminal


def test_no_minus_before_a_rounded_zero() -> None:
    assert PAGE.fixed(-0.0004, 2) == "0.00"
    assert TERMINAL.fixed(-1234.5, 1) == "-1,234.5"


def test_decimals_follow_the_standard_error() -> None:
    assert [decimals(e) for e in (0.021, 1.7, 45.0, 0.0, float("nan"), 1e-12)] == [3, 1, 0, 3, 3, 7]


def test_hidden_characters_are_spelled_out() -> None:
    assert legible("a\u202eb\x1b[0m\n\ud800") == "a‹U+202E›b‹U+001B›[0m‹U+000A›‹U+D800›"
    assert legible("Straße 🙂 日本") == "Straße 🙂 日本"
    assert legible("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_has_verdict_comparison_and_coefficients(kind: str) -> None:
    run = specimen(kind, holdout=True, drift=True)
    lines = summary(run)
    text = "\n".join(lines)
    assert all(sentence in text for sentence in run.verdict)
    assert "constant model" in text and "unpenalized" in text and "Warning: " in text
    largest = np.abs(run.trace.coef(run.choice.step) * run.trace.scale[:, None]).max(axis=1).argmax()
    assert run.features[int(largest)].name in text
    assert "nan" not in text and max(map(len, lines)) < 160


def test_a_terminal_obeys_no_name() -> None:
    text = "\n".join(summary(specimen("several", hostile=True)))
    assert not any((ord(c) < 32 and c != "\n") or c == "\u202e" for c in text)


def test_a_bare_run_has_a_summary_too() -> None:
    assert summary(bare())


def test_the_constant_model_is_called_so() -> None:
    run = specimen("regression")
    assert "No feature is used: the chosen model is the constant one." in summary(
        replace(run, choice=replace(run.choice, step=0))
    )


def test_headlines_follow_the_comparison() -> None:
    run = specimen("classes", holdout=True, drift=True)
    assert run.holdout is not None
    strip = headlines(run)
    assert [h.label for h in strip] == [
        "holdout log loss", "better than the constant model", "better than the unpenalized model", "columns used",
    ]  # fmt: skip
    assert float(strip[0].figure) == pytest.approx(run.holdout.loss[2], abs=5e-3)
    worse = replace(run.holdout, gain=-10 * np.abs(run.holdout.gain) - 10)
    worse.gain[2] = 0
    shown = headlines(replace(run, holdout=worse))[1]
    assert shown.label == "worse than the constant model" and shown.good is False


def test_a_comparison_shows_paired_errors() -> None:
    rows = comparison_rows(specimen("classes").comparison, TERMINAL).rows
    assert [r[0] for r in rows] == ["constant model", "unpenalized", "chosen"]
    assert "±" in rows[0][3] and rows[2][3] == ""


def test_rows_are_aligned() -> None:
    assert aligned([("a", "loss"), ("long", "1")]) == ["  a     loss", "  long     1"]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("loses 5.958e+04 against 1.018e+05", "loses 59\u202f580 against 101\u202f800"),
        ("(strength 7.67e-05), 41 % less.", "(strength 7.67\u202f×\u202f10⁻⁵), 41\u202f% less."),
        ("the column 'dose 1e-05' and gene2e+05", "the column 'dose 1e-05' and gene2e+05"),
    ],
)
def test_powers_in_a_sentence_are_written_as_people_do(said: str, read: str) -> None:
    assert plain(said) == read


def test_no_gain_is_shown_where_the_other_model_was_chosen() -> None:
    run = specimen("regression")
    c = run.comparison
    gain, error = c.gain.copy(), c.gain_error.copy()
    gain[1] = error[1] = 0.0
    shown = headlines(replace(run, comparison=replace(c, gain=gain, gain_error=error)))[2]
    assert (shown.label, shown.figure, shown.good) == ("better than the unpenalized model", "no", None)
