// Numbers as people read them; the same rules as numbers.py.
const THIN = "\u202f", MINUS = "\u2212", NONE = "\u2013";

function signed(value, text) {
  return (value < 0 ? MINUS : "") + text.replaceAll(",", THIN);
}

function grouped(size, decimals) {
  return size.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function superscript(exponent) {
  return [...String(exponent)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
}

function known(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function number(value, digits = 3) {
  if (!known(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (Number.isInteger(size) && size < 1e6) return signed(value, grouped(size, 0));
  const rounded = Number(size.toPrecision(digits));
  const exponent = Number(rounded.toExponential().split("e")[1]);
  if (exponent < -4 || exponent >= 6) {
    return signed(value, `${(rounded / 10 ** exponent).toFixed(digits - 1)}${THIN}×${THIN}10${superscript(exponent)}`);
  }
  return signed(value, grouped(size, Math.max(0, digits - 1 - exponent)));
}

function fixed(value, decimals) {
  if (!known(value) || Math.abs(value) >= 1e6) return number(value);
  const text = grouped(Math.abs(value), decimals);
  return signed(/[1-9]/.test(text) ? value : 0, text);
}

// Decimals that show a standard error with two significant digits.
function decimalsFor(error) {
  if (!known(error) || error <= 0) return 3;
  return Math.min(7, Math.max(0, 1 - Math.floor(Math.log10(error))));
}

function plural(count, word) {
  return `${number(count)} ${word}${count === 1 ? "" : "s"}`;
}
