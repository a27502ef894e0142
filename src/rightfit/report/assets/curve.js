// The cross-validation curve under the path, on the same axis: held-out loss with standard errors, the rules' steps marked.
if (data.curve && data.curve.mean.some(known)) view(drawCurve, moveCurve);
else view(drawAxisAlone, null);
let curveParts = null;

function drawCurve() {
  const c = data.curve, figure = shown("curve"), { width, narrow, left, right, x } = edges(figure);
  const svg = canvas(figure, width, 10, curveWords(c));
  const groups = groupMarks(), rows = placeMarks(svg, groups, x, left, right);
  const top = 30 + 16 * rows, bottom = top + (printing || narrow ? 180 : 220), height = bottom + 46;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  const range = curveRange(c), y = linearScale(range.low, range.high, bottom, top);
  svg.append(draw("defs", {}, draw("clipPath", { id: "curve-clip" }, draw("rect", { x: left - 5, y: top - 1, width: right - left + 10, height: bottom - top + 2 }))));
  horizontalGrid(svg, y, left, right, narrow ? 4 : 6);
  strengthAxis(svg, x, left, right, top, bottom, narrow);
  for (const g of groups) svg.append(line(g.x, 22 + 16 * g.row, g.x, bottom, "rule"));
  const group = draw("g", { "clip-path": "url(#curve-clip)" });
  const points = (values) => values.map((v, k) => [x(data.strengths[k]), known(v) ? Math.max(-9999, Math.min(9999, y(v))) : null]);
  for (const part of runs(c.mean.map((m, k) => known(m) && known(c.error[k])))) {
    const up = part.map((k) => [x(data.strengths[k]), y(c.mean[k] + c.error[k])]);
    const down = part.map((k) => [x(data.strengths[k]), y(c.mean[k] - c.error[k])]).reverse();
    group.append(draw("path", { class: "band", d: `${strokes([...up, ...down])}Z` }));
  }
  if (known(c.null)) group.append(line(left, y(c.null), right, y(c.null), "line null"));
  if (c.training.length) group.append(draw("path", { class: "line training", d: strokes(points(c.training)) }));
  group.append(draw("path", { class: "line loss", d: strokes(points(c.mean)) }));
  svg.append(group);
  nameCurves(svg, c, y, right, width, top, bottom);
  const marker = line(0, 0, 0, bottom, "now"), whisker = draw("path", { class: "here-error" }), dot = draw("circle", { r: 4.5, class: "here" });
  const catcher = draw("rect", { x: left, y: 0, width: right - left, height, class: "catch" });
  svg.append(marker, whisker, dot, text(0, 14, `held-out ${c.measure}`, "title"));
  for (const g of groups) svg.append(text(g.x + (g.left ? -6 : 6), 32 + 16 * g.row, g.label, "halo", g.left ? "end" : "start"));
  svg.append(catcher);
  curveParts = { marker, whisker, dot, x, y };
  listen(figure, svg, catcher, x, (p) => lossWords(p.step));
}

function moveCurve() {
  const { marker, whisker, dot, x, y } = curveParts, c = data.curve, k = now.step, here = round(x(data.strengths[k]));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
  const there = known(c.mean[k]);
  dot.setAttribute("visibility", there ? "visible" : "hidden");
  whisker.setAttribute("visibility", there && known(c.error[k]) ? "visible" : "hidden");
  if (!there) return;
  dot.setAttribute("cx", here);
  dot.setAttribute("cy", round(y.clamp(c.mean[k])));
  const ends = [c.mean[k] - (c.error[k] ?? 0), c.mean[k] + (c.error[k] ?? 0)].map((v) => round(y.clamp(v)));
  whisker.setAttribute("d", ends.map((end) => `M${here - 5} ${end}h10`).join(""));
}

function drawAxisAlone() {
  const figure = shown("curve"), { width, narrow, left, right, x } = edges(figure);
  const svg = canvas(figure, width, 48, "Axis of strength");
  strengthAxis(svg, x, left, right, 0, 2, narrow);
}

function strengthAxis(svg, x, left, right, top, bottom, narrow) {
  const apart = data.axis.rising ? left : right, inner = data.axis.rising ? x.end - 4 : x.end + 4;
  svg.append(line(x.zero ? inner : apart, bottom, left + right - apart, bottom, "axis"));
  if (x.zero) svg.append(line(apart - 5, bottom, apart + 5, bottom, "axis"));
  for (const tick of x.ticks(narrow ? 46 : 58)) {
    const place = x(tick.value);
    svg.append(line(place, bottom, place, bottom + 5, "axis"), text(place, bottom + 18, tick.label, "", "middle"));
  }
  const y = bottom + 38;
  svg.append(text(left, y, "← stronger"), text((left + right) / 2, y, narrow ? data.axis.name : data.axis.title, "title", "middle"), text(right, y, "weaker →", "", "end"));
}

// The range shows the valley: what is far above the constant model, or far below the best step, is cut off.
function curveRange(c) {
  const mean = c.mean.filter(known), best = Math.min(...mean);
  const upper = c.mean.map((m, k) => (known(m) ? m + (c.error[k] ?? 0) : null)).filter(known);
  const lower = c.mean.map((m, k) => (known(m) ? m - (c.error[k] ?? 0) : null)).filter(known);
  const start = known(c.null) ? Math.max(c.null, mean[0]) : mean[0], reach = Math.max(start - best, 3 * (c.error.find(known) ?? 0), 1e-12);
  const high = Math.max(start, Math.min(Math.max(...upper), start + 0.6 * reach));
  const low = Math.min(...lower.filter((v) => v > best - reach), ...c.training.filter((v) => known(v) && v > best - 0.8 * reach));
  const margin = 0.04 * (high - low || 1);
  return { low: low - margin, high: high + margin };
}

// Rules that take the same step share one line.
function groupMarks() {
  const groups = new Map();
  for (const mark of data.marks) {
    if (!groups.has(mark.step)) groups.set(mark.step, []);
    groups.get(mark.step).push(mark.label);
  }
  return [...groups].sort((a, b) => a[0] - b[0]).map(([step, labels]) => ({ step, label: [...new Set(labels)].join(", ") + (step === data.chosen && data.hasChoice ? " (chosen)" : "") }));
}

// Labels of marked steps stand left or right of their lines, in as many rows as they need. Returns the rows.
function placeMarks(svg, groups, x, left, right) {
  const taken = [];
  for (const g of groups) {
    const probe = text(0, 0, g.label);
    svg.append(probe);
    const length = probe.getComputedTextLength() + 12;
    probe.remove();
    g.x = x(data.strengths[g.step]);
    const first = g === groups[0] && groups.length > 1, fitsLeft = g.x - length > 0;
    g.left = (first && fitsLeft) || g.x + length > right + 90;
    const [from, to] = g.left ? [g.x - length, g.x + 4] : [g.x - 4, g.x + length];
    g.row = 0;
    while (taken.some((t) => t.row === g.row && t.from < to && from < t.to)) g.row++;
    taken.push({ row: g.row, from, to });
  }
  return Math.max(0, ...groups.map((g) => g.row + 1));
}

function nameCurves(svg, c, y, right, width, top, bottom) {
  const last = (values) => { for (let k = values.length - 1; k >= 0; k--) if (known(values[k])) return values[k]; return null; };
  const wide = width - right > 120;
  const names = [[wide ? "held-out rows" : "held out", last(c.mean), "up-text"], [wide ? "training rows" : "training", last(c.training), ""], [wide ? "constant model" : "constant", c.null, ""]].filter((n) => known(n[1]));
  const places = spread(names.map((n) => y.clamp(n[1])), 15, top + 2, bottom);
  names.forEach(([words, , kind], k) => svg.append(fit(text(right + 16, places[k] + 4, words, kind), width - right - 16)));
}

function runs(flags) {
  const out = [];
  flags.forEach((flag, k) => { if (flag) { if (k && flags[k - 1]) out[out.length - 1].push(k); else out.push([k]); } });
  return out;
}

function lossWords(step) {
  const c = data.curve, places = decimalsFor(c.error[step]);
  return `${stepWords(step)}: ${c.measure} ${fixed(c.mean[step], places)} ± ${fixed(c.error[step], places)}`;
}

function curveWords(c) {
  return `Held-out ${c.measure} against the ${data.axis.title} with a band of one standard error; marked steps: ${data.marks.map((m) => m.label).join(", ")}.`;
}
