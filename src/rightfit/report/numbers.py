"""Numbers as people read them: three or four significant digits, thin groups of thousands, never ``nan``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Writer:
    """How numbers are written; `PAGE` for html, `TERMINAL` for plain text."""

    group: str
    minus: str
    missing: str
    scientific: str
    """``{mantissa}`` and ``{exponent}`` filled in."""
    superscript: bool

    def number(self, value: float | None, digits: int = 3) -> str:
        """``digits`` significant digits, never fewer than stand before the point; powers of ten beyond a million."""
        if value is None or math.isnan(value):
            return self.missing
        if math.isinf(value):
            return ("" if value > 0 else self.minus) + "∞"
        size = abs(value)
        if size == 0:
            return "0"
        if size == int(size) and size < 1e6:
            return self._signed(value, f"{int(size):,}")
        rounded = float(f"{size:.{digits - 1}e}")
        exponent = math.floor(math.log10(rounded))
        if exponent < -4 or exponent >= 6:
            return self._signed(value, self._power(rounded, exponent, digits))
        return self._signed(value, f"{size:,.{max(0, digits - 1 - exponent)}f}")

    def fixed(self, value: float | None, decimals: int) -> str:
        """A fixed number of decimals, for columns that are compared."""
        if value is None or not math.isfinite(value) or abs(value) >= 1e6:
            return self.number(value)
        text = f"{abs(value):,.{decimals}f}"
        return self._signed(value if text.strip("0.,") else 0.0, text)

    def count(self, value: int) -> str:
        """A whole number in full."""
        return self._signed(value, f"{abs(value):,}")

    def share(self, value: float | None) -> str:
        """A share as per cent."""
        if value is None or not math.isfinite(value):
            return self.missing
        return f"{round(100 * value)} %"

    def _signed(self, value: float, text: str) -> str:
        return (self.minus if value < 0 else "") + text.replace(",", self.group)

    def _power(self, size: float, exponent: int, digits: int) -> str:
        mantissa = f"{size / 10.0**exponent:.{digits - 1}f}"
        power = str(exponent).translate(_SUPERSCRIPT) if self.superscript else str(exponent)
        return self.scientific.format(mantissa=mantissa, exponent=power)


PAGE = Writer("\u202f", "\u2212", "–", "{mantissa}\u202f×\u202f10{exponent}", superscript=True)
TERMINAL = Writer(",", "-", "-", "{mantissa}e{exponent}", superscript=False)


def decimals(error: float) -> int:
    """Decimals that show a standard error with two significant digits, between 0 and 7; 3 where there is none."""
    if not math.isfinite(error) or error <= 0:
        return 3
    return min(7, max(0, 1 - math.floor(math.log10(error))))


_POWER = re.compile(r"(?<![\w.'\"])\d(?:\.\d+)?e[+-]\d+(?![\w.]*[\w'\"])")


def plain(sentence: str) -> str:
    """A sentence for the page: ``5.958e+04`` becomes ``59 580``, and a per cent sign stays on the line of its number.

    Only numbers that stand alone are touched, not those within a word or in quotes.
    """
    sentence = _POWER.sub(lambda found: PAGE.number(float(found[0]), max(2, len(found[0].split("e")[0]) - 1)), sentence)
    return re.sub(r"(?<=\d) %", "\u202f%", sentence)
