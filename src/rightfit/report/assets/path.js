// The path picture: coefficients against strength, the number of non-zero ones above, the largest named at the end.
const LINES = 60;

view(drawPath, movePath);
let pathParts = null;

function drawPath() {
  const figure = shown("path"), { width, narrow, left, right, x } = edges(figure);
  const top = 56, bottom = printing ? 280 : narrow ? 310 : 400, height = bottom + 10;
  const lines = data.features.slice(0, LINES);
  const range = pathRange(lines), y = linearScale(range.low, range.high, bottom, top);
  const svg = canvas(figure, width, height, pathWords(lines.length));
  const clip = draw("clipPath", { id: "path-clip" }, draw("rect", { x: left, y: top - 1, width: right - left + 1, height: bottom - top + 2 }));
  svg.append(draw("defs", {}, clip));
  horizontalGrid(svg, y, left, right, narrow ? 5 : 7);
  const group = draw("g", { "clip-path": "url(#path-clip)" });
  const named = namedLines(lines, narrow ? 8 : 12);
  const strokesOf = lines.map((feature, index) => {
    const path = draw("path", { class: `line coef ${side(feature)}${named.includes(index) ? " named" : ""}`, d: pathLine(feature, x, y) });
    return path;
  });
  lines.forEach((_, k) => { if (!named.includes(k)) group.append(strokesOf[k]); });
  named.forEach((k) => group.append(strokesOf[k]));
  svg.append(group);
  const labels = nameLines(svg, lines, named, x, y, right, width, top, bottom);
  const marker = line(0, top - 4, 0, height, "now");
  const catcher = draw("rect", { x: left, y: 0, width: right - left, height, class: "catch" });
  svg.append(marker, text(0, 44, unitWords(), "title"));
  countRow(svg, x, narrow ? 52 : 72, left, right, width);
  svg.append(catcher);
  pathParts = { svg, group, lines, strokesOf, labels, marker, x };
  listen(figure, svg, catcher, x, (p) => hoverPath(p, lines, strokesOf, labels, y), () => heat(-1));
  pathNote(lines.length, range);
}

function movePath() {
  const { marker, x } = pathParts, here = round(x(data.strengths[now.step]));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
  heat(-1);
}

// Lines may grow without bound at the weak end; the picture then keeps to what the chosen and the best step need.
function pathRange(lines) {
  const steps = data.strengths.map((_, k) => k), best = data.marks.find((m) => m.rule === "best")?.step ?? data.chosen;
  const span = (at) => {
    const all = lines.flatMap((f) => at.map((k) => coefficient(f, k))).filter(known);
    return [Math.min(0, ...all), Math.max(0, ...all)];
  };
  const size = (step) => { const [a, b] = span([step]); return Math.max(b, -a); };
  const [low, high] = span(steps), limit = Math.max(8 * size(data.chosen), 1.2 * size(best));
  const cut = limit > 0 && data.hasChoice ? [Math.max(low, -limit), Math.min(high, limit)] : [low, high];
  const margin = 0.03 * (cut[1] - cut[0] || 1);
  return { low: cut[0] - margin, high: cut[1] + margin, reach: Math.max(high, -low), cut: cut[0] > low || cut[1] < high };
}

function pathLine(feature, x, y) {
  const start = Math.max(0, feature.first - 1), points = [];
  for (let k = start; k < data.strengths.length; k++) {
    const value = coefficient(feature, k);
    points.push([x(data.strengths[k]), known(value) ? Math.max(-9999, Math.min(9999, y(value))) : null]);
  }
  return strokes(points);
}

function side(feature) {
  const last = data.strengths.length - 1;
  const value = coefficient(feature, data.chosen) || coefficient(feature, last);
  return value < 0 ? "down" : "up";
}

// The lines that carry a name: the largest of the class that is shown, at the chosen step and then at the end.
function namedLines(lines, most) {
  const last = data.strengths.length - 1;
  return lines
    .map((f, k) => ({ k, here: Math.abs(coefficient(f, data.chosen, "sd")) || 0, end: Math.abs(coefficient(f, last, "sd")) || 0 }))
    .filter((f) => f.here + f.end > 0)
    .sort((a, b) => b.here - a.here || b.end - a.end)
    .filter((f, row, all) => row < most && (f.here > 0.02 * all[0].here || row < 3 || f.end > 0.25 * all[0].end))
    .map((f) => f.k);
}

function nameLines(svg, lines, named, x, y, right, width, top, bottom) {
  const last = data.strengths.length - 1;
  const ends = named.map((k) => y.clamp(coefficient(lines[k], last) ?? 0));
  const places = spread(ends, 15, top + 2, bottom);
  return named.map((k, row) => {
    const label = text(right + 16, places[row] + 4, lines[k].name, `label ${side(lines[k])}`);
    svg.append(draw("path", { class: "leader", d: `M${right + 2} ${round(ends[row])}L${right + 13} ${round(places[row])}` }), label);
    return { k, label: fit(label, width - right - 18) };
  });
}

// Above the picture: how many features are non-zero, or, where none ever is zero, the degrees of freedom.
function countRow(svg, x, room, left, right, width) {
  const ridge = !shares && data.nonzero[0] === data.nonzero[data.nonzero.length - 1] && data.nonzero[0] > 0;
  const words = width - right > 120 ? (ridge ? "degrees of freedom" : shares ? "features used" : "non-zero features") : ridge ? "freedom" : shares ? "used" : "non-zero";
  const y = 16, step = Math.max(1, Math.floor((right - left) / room));
  let last = -Infinity, edge = 0;
  for (let i = 0; i <= step; i++) {
    const k = nearestStep(left + (i * (right - left)) / step, x), place = x(data.strengths[k]);
    if (place - last < room * 0.7) continue;
    const count = text(place, y, ridge ? number(data.complexity[k], 2) : number(data.nonzero[k]), "halo", "middle");
    svg.append(count);
    last = place;
    edge = place + count.getComputedTextLength() / 2 + 10;
  }
  const start = Math.max(right + 16, edge);
  svg.append(fit(text(start, y, words, "title"), width - start));
}

function hoverPath(point, lines, strokesOf, labels, y) {
  let best = -1, distance = 26;
  lines.forEach((feature, k) => {
    const value = coefficient(feature, point.step);
    if (!known(value) || (value === 0 && Math.abs(point.y - y(0)) > 6)) return;
    const d = Math.abs(y(value) - point.y) + (value === 0 ? 8 : 0);
    if (d < distance) { best = k; distance = d; }
  });
  heat(best);
  const step = `${stepWords(point.step)}, ${number(data.nonzero[point.step])} ${shares ? "used" : "non-zero"}`;
  return best < 0 ? step : `${lines[best].name}: ${number(coefficient(lines[best], point.step))} at ${step}`;
}

// Draws one line out of the crowd: the one under the pointer, or else the one that was picked in the table.
function heat(index) {
  const hot = index >= 0 ? index : now.picked;
  pathParts.group.classList.toggle("busy", hot >= 0 && hot < pathParts.lines.length);
  pathParts.strokesOf.forEach((s, k) => s.classList.toggle("hot", k === hot));
  pathParts.labels.forEach((l) => l.label.classList.toggle("hot", l.k === hot));
}

function listen(figure, svg, catcher, x, hover, leave) {
  const box = tip(figure);
  const find = (event) => { const p = at(event, svg); return { ...p, step: nearestStep(p.x, x) }; };
  catcher.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const p = find(event);
    box.show(p.x / p.shrink, p.y / p.shrink, hover(p));
  });
  catcher.addEventListener("pointerleave", () => { box.hide(); leave?.(); });
  catcher.addEventListener("click", (event) => goTo(find(event).step));
}

function pathWords(count) {
  return `${shares ? "Importance" : "Coefficients"} of ${plural(count, "feature")} against the ${data.axis.title}, strongest regularization at the left. The table below has the numbers.`;
}

function pathNote(count, range) {
  const words = [];
  if (data.used > count) words.push(`The ${count} largest of ${number(data.used)} features that are ever ${shares ? "used" : "non-zero"} are drawn.`);
  if (data.total > data.steps.length) words.push(`${number(data.steps.length)} of ${number(data.total)} steps are shown.`);
  if (range.cut) words.push(`Lines that leave the picture reach up to ${number(range.reach)}.`);
  if (data.outputs < data.allOutputs) words.push(`Coefficients of the first ${data.outputs} of ${number(data.allOutputs)} classes are shown.`);
  shown("path-note").textContent = words.join(" ");
}
