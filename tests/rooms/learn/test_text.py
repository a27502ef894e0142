"""The small languages of a lesson: its numbers, formulas and questions."""

from __future__ import annotations

import pytest

from rightfit.errors import DataError
from rightfit.learn.formula import formula
from rightfit.learn.text import read_text

HEAD = "# Title\n> A sentence.\n\n"


def test_numbers_are_written_as_people_read_them() -> None:
    page = read_text(
        HEAD + "{{ a }}, {{ b | fixed(1) }}, {{ c | percent }}, {{ d }}", {"a": 0.12345, "b": -2, "c": 0.5, "d": 12345}
    )
    assert page.parts[0][1] == "<p>0.123, −2.0, 50\u202f%, 12\u202f345</p>\n"


def test_a_fact_that_is_missing_is_named() -> None:
    with pytest.raises(DataError, match="strangth"):
        read_text(HEAD + "{{ strangth }}", {"strength": 1.0})


def test_html_of_a_text_is_shown_not_run() -> None:
    assert "<script>" not in read_text(HEAD + "<script>alert(1)</script>", {}).parts[0][1]


def test_formulas_become_mathml() -> None:
    assert formula("x_j^2") == "<math><msubsup><mi>x</mi><mi>j</mi><mn>2</mn></msubsup></math>"
    assert (
        formula(r"\frac{1}{2n}")
        == "<math><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn><mi>n</mi></mrow></mfrac></math>"
    )
    assert "<munder>" in formula(r"\sum_i x_i")
    assert "<mtext>own rows</mtext>" in formula(r"\text{own rows}")


@pytest.mark.parametrize("source", [r"\unknown", "{a", "a}", "a_"])
def test_formulas_that_are_not_understood_are_refused(source: str) -> None:
    with pytest.raises(DataError, match="formula"):
        formula(source)


CHOICE = "::: question\nWhich?\n- One.\n  > No.\n+ Two.\n  > Yes, {{ a }}.\n:::\n"
NUMBER = "::: question\nHow much?\n= {{ a }} within {{ b }}\n  > Yes.\n~ {{ b }}\n  > Half.\n- Else:\n  > Count.\n:::\n"


def test_questions_are_read() -> None:
    choice, number = read_text(HEAD + CHOICE + "\n" + NUMBER, {"a": 0.5, "b": -0.25}).questions
    assert [answer.kind for answer in choice.answers] == ["wrong", "right"]
    assert choice.answers[1].why == "<p>Yes, 0.5.</p>\n"
    assert [(answer.kind, answer.value, answer.tolerance) for answer in number.answers] == [
        ("number", 0.5, -0.25),
        ("near", -0.25, 0.0),
        ("other", 0.0, 0.0),
    ]
    assert number.numeric and not choice.numeric


@pytest.mark.parametrize(
    "broken",
    [
        CHOICE.replace("+ Two", "- Two"),
        CHOICE.replace("- One.\n  > No.\n", ""),
        CHOICE.replace("  > No.\n", ""),
        NUMBER.replace("- Else:\n  > Count.\n", ""),
        CHOICE.replace("  > No.", "> No."),
        NUMBER.replace("{{ a }} within", "much within"),
    ],
)
def test_questions_that_break_the_form_are_refused(broken: str) -> None:
    with pytest.raises(DataError, match="question"):
        read_text(HEAD + broken, {"a": 0.5, "b": 0.25})
