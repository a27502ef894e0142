// Bias and variance along the path: three lines with bands of one standard error, as sizes or as changes from the step
// with the smallest sum, where the noise, which is the same at every step, drops out.
const bias = data.views.biasVariance;
const biasShown = { part: 0, changes: false, step: 0 };
let biasParts = null;

biasShown.step = bias.step;
choices(shown("bias-measures"), (value) => { biasShown.part = Number(value); drawBias(); moveBias(); });
choices(shown("bias-sizes"), (value) => { biasShown.changes = value === "changes"; drawBias(); moveBias(); });
shown("bias-measures").hidden = bias.parts.length < 2;
if (bias.linked) stepSlider(shown("bias-step"));
else {
  shown("bias-step").max = bias.strengths.length - 1;
  shown("bias-step").value = bias.step;
  shown("bias-step").addEventListener("input", (event) => { biasShown.step = Number(event.target.value); moveBias(); });
}
view(drawBias, moveBias);

// Values and errors of one part as they are drawn.
function biasLine(part, name) {
  if (!biasShown.changes) return { values: part[name], errors: part[`${name}Error`] };
  const best = biasBest(part);
  return { values: part[name].map((v) => (known(v) ? v - part[name][best] : null)), errors: [] };
}

function biasBest(part) {
  return part.total.reduce((best, v, k) => (known(v) && (best < 0 || v < part.total[best]) ? k : best), -1);
}

function biasNames(part) {
  const bias = part.squared ? "bias²" : "bias";
  return [["total", "total", "total", ""], ["bias", part.noise.length ? bias : `${bias} + noise`, "loss", "up-text"], ["variance", "variance", "second", "down-text"], ...(part.noise.length ? [["noise", "noise", "training", ""]] : [])];
}

function drawBias() {
  const figure = shown("bias"), { width, narrow, left, right, x: own } = edges(figure), part = bias.parts[biasShown.part];
  const x = bias.linked ? own : data.axis.rising ? strengthScale(bias.strengths, right, left) : strengthScale(bias.strengths, left, right);
  const top = 34, bottom = narrow || printing ? 240 : 300, height = bottom + 46, lines = biasNames(part).map(([name, words, kind, label]) => ({ words, kind, label, ...biasLine(part, name) }));
  const all = lines.flatMap((l) => l.values).filter(known), sizes = biasShown.changes ? biasReach(part, lines) : { low: Math.min(0, ...all), high: Math.max(...all) };
  const margin = 0.04 * (sizes.high - sizes.low || 1), y = linearScale(sizes.low - (biasShown.changes ? margin : 0), sizes.high + margin, bottom, top);
  const svg = canvas(figure, width, height, `${part.measure}: ${lines.map((l) => l.words).join(", ")} against the ${data.axis.title}`);
  svg.append(draw("defs", {}, draw("clipPath", { id: "bias-clip" }, draw("rect", { x: left - 5, y: top - 1, width: right - left + 10, height: bottom - top + 2 }))));
  svg.append(text(0, 14, biasShown.changes ? `change of ${part.measure}` : `${part.measure} on unseen rows`, "title"));
  horizontalGrid(svg, y, left, right, narrow ? 4 : 6);
  strengthAxis(svg, x, left, right, top, bottom, narrow);
  const group = draw("g", { "clip-path": "url(#bias-clip)" });
  for (const l of lines) {
    const at = (k, shift) => [x(bias.strengths[k]), y(l.values[k] + shift * l.errors[k])];
    for (const run of runs(l.values.map((v, k) => known(v) && known(l.errors[k])))) group.append(draw("path", { class: `spread ${l.kind}`, d: `${strokes([...run.map((k) => at(k, 1)), ...[...run].reverse().map((k) => at(k, -1))])}Z` }));
  }
  for (const l of lines) group.append(draw("path", { class: `line ${l.kind}`, d: strokes(l.values.map((v, k) => [x(bias.strengths[k]), known(v) ? Math.max(-9999, Math.min(9999, y(v))) : null])) }));
  const best = biasBest(part), dots = lines.map((l) => draw("circle", { r: 4, class: `here-${l.kind}` }));
  svg.append(group);
  if (best >= 0) svg.append(line(x(bias.strengths[best]), top, x(bias.strengths[best]), bottom, "rule"), text(x(bias.strengths[best]), 30, "smallest sum", "halo", "middle"));
  const ends = lines.map((l) => y.clamp(l.values.findLast(known) ?? 0)), places = spread(ends, 15, top + 2, bottom);
  lines.forEach((l, k) => svg.append(fit(text(right + 10, places[k] + 4, l.words, l.label), width - right - 10)));
  const marker = line(0, top - 4, 0, bottom, "now"), catcher = draw("rect", { x: left, y: 0, width: right - left, height, class: "catch" });
  svg.append(marker, ...dots, catcher);
  biasParts = { marker, dots, lines, x, y };
  const take = (event) => { const k = nearestOf(bias.strengths, at(event, svg).x, x); if (bias.linked) goTo(k); else { biasShown.step = k; shown("bias-step").value = k; moveBias(); } };
  catcher.addEventListener("click", take);
}

// Far from the best step losses may be many times larger: the picture of changes keeps to what is near.
function biasReach(part, lines) {
  const variance = lines.find((l) => l.words === "variance").values.filter(known), reach = 1.5 * Math.max(...variance.map(Math.abs), 1e-12);
  const all = lines.flatMap((l) => l.values).filter((v) => known(v) && Math.abs(v) <= 3 * reach);
  return { low: Math.min(0, ...all), high: Math.max(0, ...all) };
}

function nearestOf(places, x, scale) {
  let best = 0;
  places.forEach((s, k) => { if (Math.abs(scale(s) - x) < Math.abs(scale(places[best]) - x)) best = k; });
  return best;
}

function moveBias() {
  const k = bias.linked ? now.step : biasShown.step, part = bias.parts[biasShown.part], { marker, dots, lines, x, y } = biasParts, here = round(x(bias.strengths[k]));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
  lines.forEach((l, j) => {
    dots[j].setAttribute("visibility", known(l.values[k]) ? "visible" : "hidden");
    dots[j].setAttribute("cx", here);
    dots[j].setAttribute("cy", known(l.values[k]) ? round(y.clamp(l.values[k])) : 0);
  });
  const words = biasNames(part).map(([name, label]) => `${label} ${number(part[name][k])} ± ${number(part[`${name}Error`][k], 2)}`);
  const best = biasBest(part), where = bias.linked ? stepWords(k) : data.axis.words.replace("{}", number(bias.strengths[k]));
  shown("bias-reading").textContent = known(part.total[k]) ? `At ${where}: ${words.join(", ")}.${k === best ? " No other step has a smaller sum." : ""}` : `At ${where} some models have no finite optimum.`;
}
