"""Questions of a lesson: a choice among answers or a number, each answer with its explanation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rightfit.errors import DataError

_ANSWER = re.compile(r"^([-+=~]) (.*)$")


@dataclass(frozen=True)
class Answer:
    """``kind``: right, wrong, number (the right one), near (a number that tells a mistake) or other (all the rest)."""

    kind: str
    text: str
    """html; of a number nothing"""
    why: str
    value: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True)
class Question:
    """``asked`` is html."""

    asked: str
    answers: tuple[Answer, ...]

    @property
    def numeric(self) -> bool:
        """Whether a number is asked for."""
        return any(answer.kind == "number" for answer in self.answers)


def read_question(source: str, markdown: Callable[[str], str]) -> Question:
    """The question between ``::: question`` and ``:::``. DataError where it breaks the form."""
    asked: list[str] = []
    found: list[tuple[str, str, list[str]]] = []
    for row in source.splitlines():
        answer = _ANSWER.match(row)
        if answer:
            found.append((answer[1], answer[2], []))
        elif found:
            if row.strip() and not row.startswith("  > "):
                raise DataError(f"question {' '.join(asked)[:60]!r}: {row!r} is neither an answer nor '  > why'")
            found[-1][2].append(row[4:])
        else:
            asked.append(row)
    name = " ".join(asked).strip()[:60]
    numeric = any(sign == "=" for sign, _, _ in found)
    answers = tuple(_answer(name, sign, text, "\n".join(why), markdown, numeric=numeric) for sign, text, why in found)
    kinds = [answer.kind for answer in answers]
    if numeric and (kinds.count("number") != 1 or kinds.count("other") != 1):
        raise DataError(f"question {name!r}: a number needs one line '=' and one line '-'")
    if not numeric and (kinds.count("right") != 1 or "wrong" not in kinds):
        raise DataError(f"question {name!r}: a choice needs one answer '+' and others '-'")
    return Question(markdown("\n".join(asked)), answers)


def _answer(name: str, sign: str, text: str, why: str, markdown: Callable[[str], str], *, numeric: bool) -> Answer:
    if not why.strip():
        raise DataError(f"question {name!r}: the answer {text!r} has no '  > why'")
    if not numeric:
        if sign not in "+-":
            raise DataError(f"question {name!r}: {sign} {text} belongs to questions about a number")
        inner = markdown(text).strip().removeprefix("<p>").removesuffix("</p>")
        return Answer("right" if sign == "+" else "wrong", inner, markdown(why))
    if sign == "-":
        return Answer("other", "", markdown(f"{text}\n{why}"))
    value, _, tolerance = text.partition(" within ")
    kind = {"=": "number", "~": "near"}[sign]
    return Answer(kind, "", markdown(why), _number(name, value), _number(name, tolerance) if tolerance else 0.0)


def _number(name: str, text: str) -> float:
    plain = text.strip().replace("\u2212", "-").replace("\u202f", "")
    try:
        return float(plain)
    except ValueError as error:
        raise DataError(f"question {name!r}: {text!r} is no number") from error
