r"""Formulas as browsers draw them: a small part of TeX to MathML, with no script and no font.

``b_j``, ``x^2``, ``{...}``, ``\frac{a}{b}``, ``\sqrt{a}``, ``\hat b``, ``\bar b``, ``\text{words}``, Greek and the
signs below. A single letter is a quantity and stands slanted; words are ``\text``.
"""

from __future__ import annotations

import re
from html import escape

from rightfit.errors import DataError

_TOKEN = re.compile(r"\s+|\\text\{[^}]*\}|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|.", re.S)
_SIGNS = {
    "sum": "∑", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "to": "→", "times": "×", "cdot": "·", "pm": "±",
    "in": "∈", "infty": "∞", "ldots": "…", "propto": "∝", "leftarrow": "←", "|": "‖", "{": "{", "}": "}", "mid": "∣",
}  # fmt: skip
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ",
    "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "pi": "π",
}  # fmt: skip
_WORDS = {"log", "exp", "min", "max", "sign", "argmin", "var", "cov", "soft"}
NARROW = "\u00a0"
_FENCE = ' stretchy="false" lspace="0" rspace="0"'
_ACCENTS = {"hat": "^", "bar": "¯"}


def formula(source: str, *, block: bool = False) -> str:
    """MathML of ``source``. DataError names what is not understood."""
    tokens = [token for token in _TOKEN.findall(source) if not token.isspace()]
    body, rest = _row(tokens, until="")
    if rest:
        raise DataError(f"formula {source!r}: a closing brace too many")
    shown = ' display="block"' if block else ""
    return f"<math{shown}>{body}</math>"


def _row(tokens: list[str], until: str) -> tuple[str, list[str]]:
    """Everything up to the token ``until``, with the scripts that belong to each part."""
    parts: list[str] = []
    while tokens and tokens[0] != until:
        if tokens[0] == "}":
            return "".join(parts), tokens
        part, tokens = _part(tokens)
        below = above = ""
        while tokens and tokens[0] in ("_", "^"):
            low = tokens[0] == "_"
            script, tokens = _part(tokens[1:])
            below, above = (script, above) if low else (below, script)
        parts.append(_scripts(part, below, above))
    if until:
        if not tokens:
            raise DataError("formula: an opening brace has no closing one")
        tokens = tokens[1:]
    return "".join(parts), tokens


def _scripts(part: str, below: str, above: str) -> str:
    around = "munderover" if "∑" in part or ">min<" in part else "msubsup"
    if below and above:
        return f"<{around}>{part}{below}{above}</{around}>"
    if below:
        tag = around.replace("over", "").replace("sup", "")
        return f"<{tag}>{part}{below}</{tag}>"
    return f"<msup>{part}{above}</msup>" if above else part


def _part(tokens: list[str]) -> tuple[str, list[str]]:
    if not tokens:
        raise DataError("formula: something is missing at its end")
    token, rest = tokens[0], tokens[1:]
    if token == "{":
        body, rest = _row(rest, until="}")
        return f"<mrow>{body}</mrow>", rest
    name = token[1:]
    if token.startswith("\\text{"):
        words = escape(token[6:-1])
        return f"<mtext>{re.sub('^ | $', NARROW, words)}</mtext>", rest
    if token.startswith("\\") and name == "frac":
        top, rest = _part(rest)
        bottom, rest = _part(rest)
        return f"<mfrac>{top}{bottom}</mfrac>", rest
    if token.startswith("\\") and name == "sqrt":
        body, rest = _part(rest)
        return f"<msqrt>{body}</msqrt>", rest
    if token.startswith("\\") and name in _ACCENTS:
        body, rest = _part(rest)
        return f'<mover accent="true">{body}<mo>{_ACCENTS[name]}</mo></mover>', rest
    return _atom(token, name), rest


def _atom(token: str, name: str) -> str:
    if token.startswith("\\"):
        if name in _SIGNS:
            return f"<mo{_FENCE if name == '|' else ''}>{_SIGNS[name]}</mo>"
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in _WORDS:
            return f'<mi mathvariant="normal">{name}</mi><mo>&#x2061;</mo>' if name != "min" else "<mo>min</mo>"
        raise DataError(f"formula: \\{name} is not known; see rightfit.learn.formula")
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token.isalpha():
        return f"<mi>{token}</mi>"
    return f"<mo{_FENCE if token == '|' else ''}>{escape({'-': '−', '*': '·'}.get(token, token))}</mo>"
