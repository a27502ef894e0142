// Scales from data to pixels, with ticks at round numbers.

function linearScale(low, high, from, to) {
  if (!(high > low)) { low -= 0.5 * (Math.abs(low) || 1); high += 0.5 * (Math.abs(high) || 1); }
  const scale = (value) => from + ((value - low) / (high - low)) * (to - from);
  scale.low = low;
  scale.high = high;
  scale.clamp = (value) => scale(Math.min(high, Math.max(low, value)));
  scale.ticks = (most) => {
    const rough = (high - low) / Math.max(1, most);
    const power = 10 ** Math.floor(Math.log10(rough));
    const unit = [1, 2, 5, 10].find((k) => k * power >= rough * 0.85) * power;
    const ticks = [];
    for (let k = Math.ceil(low / unit - 1e-9); k * unit <= high + unit * 1e-9; k++) ticks.push(k * unit);
    const decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(unit) + 1e-9)));
    return ticks.map((value) => ({ value, label: tickLabel(value, decimals) }));
  };
  return scale;
}

function tickLabel(value, decimals) {
  const size = Math.abs(value);
  if (size > 0 && (size >= 1e6 || (decimals > 4 && size < 1e-3))) return number(value, 2);
  return fixed(value, decimals);
}

// Strengths on a logarithmic axis, strongest at the left. A strength of exactly zero has no logarithm: it stands
// apart behind the weakest positive one. What rises along the path, such as rounds, is drawn from the other side.
function strengthScale(strengths, from, to) {
  const positive = strengths.filter((s) => s > 0);
  const zero = positive.length < strengths.length;
  const high = Math.log10(Math.max(...positive, 1e-300));
  const low = Math.log10(Math.min(...positive, 1e300));
  const end = zero && positive.length ? to - Math.sign(to - from) * Math.max(18, 0.06 * Math.abs(to - from)) : to;
  const scale = (strength) => {
    if (!(strength > 0)) return to;
    if (!(high > low)) return zero ? from : (from + to) / 2;
    return from + ((high - Math.log10(strength)) / (high - low)) * (end - from);
  };
  scale.zero = zero;
  scale.end = end;
  scale.ticks = (room) => {
    const span = Math.abs(end - from) / Math.max(high - low, 1e-9);
    const multiples = span > 3.6 * room ? [1, 2, 5] : span > 1.9 * room ? [1, 3] : [1];
    const every = Math.max(1, Math.ceil(room / span));
    const ticks = [];
    for (let e = Math.floor(low) - 1; e <= high + 1; e++) {
      if (((e % every) + every) % every) continue;
      for (const m of multiples) {
        const value = m * 10 ** e, log = Math.log10(value);
        if (log >= low - 1e-9 && log <= high + 1e-9) ticks.push({ value, label: decade(m, e) });
      }
    }
    const clear = ticks.filter((t) => !zero || Math.abs(to - scale(t.value)) > room * 0.6);
    if (zero) clear.push({ value: 0, label: "0" });
    return clear;
  };
  return scale;
}

function decade(multiple, exponent) {
  if (exponent >= -4 && exponent < 5) return fixed(multiple * 10 ** exponent, Math.max(0, -exponent));
  return (multiple === 1 ? "" : `${multiple}${THIN}×${THIN}`) + `10${superscript(exponent)}`;
}
