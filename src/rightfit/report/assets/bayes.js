// The Bayesian view: prior, likelihood and posterior of one coefficient at the step that the page shows, and how probable
// the data are along the path beside what held-out rows lose.
const bayes = data.views?.bayes;
const BELIEF = { column: 0, density: null, evidence: null };
if (bayes) {
  const select = shown("bayes-column"), slider = shown("bayes-step");
  select.append(...bayes.columns.map((c, k) => make("option", { value: k }, c.name)));
  select.addEventListener("change", () => { BELIEF.column = Number(select.value); drawBelief(); moveBelief(); });
  slider.max = data.steps.length - 1;
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  view(drawBelief, moveBelief);
  if (bayes.marginal) view(drawMarginal, moveMarginal);
  else shown("bayes-evidence").remove();
}

// Minus the logarithm of the prior at b, up to a constant.
function priorCost(column, k, b) {
  const strength = bayes.strengths[k];
  return (column.rate ?? 0) * strength * Math.abs(b) + ((column.precision ?? 0) * strength * b * b) / 2;
}

// The same values at all steps: where the likelihoods and the whole posterior lie, and zero with some room on both sides.
function beliefRange(column) {
  const ends = [0];
  data.steps.forEach((_, k) => {
    for (const [middle, reach] of [[column.place[k], column.width[k]], [column.coef[k], column.spread[k]]]) {
      if (known(middle) && known(reach)) ends.push(middle - 3.4 * reach, middle + 3.4 * reach);
    }
  });
  const peak = Math.max(...column.density.filter(known), 0);
  column.grid.forEach((b, i) => { if (column.density[i] > 0.01 * peak) ends.push(b); });
  const low = Math.min(...ends), high = Math.max(...ends), room = 0.12 * (high - low);
  return { low: Math.min(low, -room), high: Math.max(high, room) };
}

function drawBelief() {
  const column = bayes.columns[BELIEF.column], figure = shown("bayes-density");
  const width = Math.max(300, widthOf(figure, "path")), narrow = width < 520, left = 14, right = width - 14;
  const top = narrow ? 62 : 46, bottom = top + (narrow ? 170 : 220), height = bottom + 44;
  const svg = canvas(figure, width, height, `Prior, likelihood and posterior of the coefficient of ${column.name}`);
  const unit = now.units === "sd" ? column.scale ?? 1 : 1, { low, high } = beliefRange(column);
  const x = linearScale(low * unit, high * unit, left, right), y = linearScale(0, 1.04, bottom, top);
  for (const tick of x.ticks(narrow ? 4 : 8)) svg.append(line(x(tick.value), top, x(tick.value), bottom, tick.value === 0 ? "zero" : "grid"), text(x(tick.value), bottom + 17, tick.label, "", "middle"));
  svg.append(line(left, bottom, right, bottom, "axis"));
  svg.append(text((left + right) / 2, bottom + 37, now.units === "sd" ? "coefficient, per standard deviation" : "coefficient, per unit", "title", "middle"));
  svg.append(fit(text(0, 14, `coefficient of ${column.name}`, "title"), width - 4));
  // the key: a stroke and a word each
  const keys = [["line training", "prior", ""], ["line second", "likelihood", "down-text"], ["line loss", "posterior", "up-text"]];
  if (bayes.method) keys.push(["line wide", narrow ? "others uncertain" : "posterior, the others uncertain too", ""]);
  let at = 0, row = 34;
  for (const [kind, words, ink] of keys) {
    const key = text(at + 26, row, words, ink);
    svg.append(key);
    const length = key.getComputedTextLength();
    if (at + 26 + length > width) { at = 0; row += 17; key.setAttribute("x", 26); key.setAttribute("y", row); }
    svg.append(line(at, row - 4, at + 20, row - 4, kind));
    at += 26 + length + 18;
  }
  const parts = {};
  for (const [name, kind] of [["wide", "line wide"], ["prior", "line training"], ["likelihood", "line second"], ["posterior", "line loss"]]) {
    parts[name] = draw("path", { class: kind });
    svg.append(parts[name]);
  }
  parts.mode = line(0, top - 4, 0, bottom, "now");
  svg.append(parts.mode);
  BELIEF.density = { column, x, y, unit, low, high, parts };
}

function moveBelief() {
  const k = now.step, { column, x, y, unit, low, high, parts } = BELIEF.density;
  const slider = shown("bayes-step");
  slider.value = k;
  slider.setAttribute("aria-valuetext", stepWords(k));
  const place = column.place[k], width = column.width[k], coef = column.coef[k], there = known(place) && known(width) && width > 0;
  const points = [0, coef].filter(known);
  for (let i = 0; i <= 300; i++) points.push(low + ((high - low) * i) / 300);
  points.sort((a, b) => a - b);
  const cost = { prior: (b) => priorCost(column, k, b), likelihood: (b) => ((b - place) / width) ** 2 / 2 };
  cost.posterior = (b) => cost.prior(b) + cost.likelihood(b);
  for (const name of ["prior", "likelihood", "posterior"]) {
    const costs = there ? points.map(cost[name]) : [], least = Math.min(...costs);
    parts[name].setAttribute("d", strokes(costs.map((c, i) => [x(points[i] * unit), y(Math.exp(least - c))])));
  }
  parts.wide.setAttribute("d", strokes(wideCurve(column, k, points).filter(([b]) => b >= low && b <= high).map(([b, h]) => [x(b * unit), y(h)])));
  parts.mode.setAttribute("visibility", known(coef) ? "visible" : "hidden");
  const here = round(x.clamp((coef ?? 0) * unit));
  parts.mode.setAttribute("x1", here);
  parts.mode.setAttribute("x2", here);
  shown("bayes-reading").replaceChildren(...beliefWords(column, k, unit));
}

// With the others uncertain: known at all steps where it is normal, else at the chosen one alone.
function wideCurve(column, k, points) {
  if (column.spread.length && known(column.spread[k]) && column.spread[k] > 0) return points.map((b) => [b, Math.exp(-(((b - column.coef[k]) / column.spread[k]) ** 2) / 2)]);
  if (k !== data.chosen || !column.density.length) return [];
  const peak = Math.max(...column.density.filter(known));
  return peak > 0 ? column.grid.map((b, i) => [b, column.density[i] / peak]) : [];
}

function beliefWords(column, k, unit) {
  const strength = bayes.strengths[k], a = (column.rate ?? 0) * strength, c = (column.precision ?? 0) * strength;
  const prior = a === 0 && c === 0 ? "flat: nothing is believed beforehand" : a === 0 ? `Gaussian, standard deviation ${number(unit / Math.sqrt(c))}` : c === 0 ? `Laplace, scale ${number(unit / a)}` : `Laplace of scale ${number(unit / a)} times Gaussian of deviation ${number(unit / Math.sqrt(c))}`;
  const rows = [["prior", prior], ["likelihood", `peak ${number(column.place[k] * unit)}, deviation ${number(column.width[k] * unit)}`], ["posterior", `peak ${number(column.coef[k] * unit)}: the penalized coefficient`]];
  if (column.spread.length && known(column.spread[k])) rows.push(["others uncertain", `deviation ${number(column.spread[k] * unit)}`]);
  else if (bayes.method && k === data.chosen && column.known.every(known)) rows.push(["others uncertain", `mean ${number(column.known[0] * unit)}, ${bayes.level}${THIN}% between ${number(column.known[1] * unit)} and ${number(column.known[2] * unit)}`]);
  else if (bayes.method) rows.push(["others uncertain", "computed at the chosen step only"]);
  if (bayes.marginal && known(bayes.marginal.value[k])) rows.push(["log marginal likelihood", `${number(bayes.marginal.value[k])} from its maximum`]);
  const held = column.coef[k] === 0 && a > 0 ? [make("p", {}, "The kink of the prior holds the peak at exactly zero: the likelihood does not pull hard enough to leave it.")] : [];
  return [make("p", { class: "at" }, stepWords(k) + (k === data.chosen && data.hasChoice ? ", the chosen one" : "")), make("dl", { class: "beliefs" }, ...rows.flatMap(([name, words]) => [make("dt", {}, name), make("dd", {}, words)])), ...held];
}

// Above, the log marginal likelihood; below, what held-out rows lose: two ways to choose, on one axis.
function drawMarginal() {
  const figure = shown("bayes-evidence"), { width, narrow, left, right, x } = edges(figure);
  const values = bayes.marginal.value, good = values.filter(known), curve = data.curve && data.curve.mean.some(known) ? data.curve : null;
  const top = 40, middle = top + (narrow ? 120 : 140), start = middle + 50, end = curve ? start + (narrow ? 100 : 120) : middle, height = end + 46;
  const svg = canvas(figure, width, height, "Log marginal likelihood along the path, above the loss of held-out rows");
  const y = linearScale(Math.max(Math.max(...good) - 20, Math.min(...good)) - 0.5, 0.8, middle, top);
  svg.append(draw("defs", {}, draw("clipPath", { id: "bayes-clip" }, draw("rect", { x: left - 5, y: top - 2, width: right - left + 10, height: middle - top + 4 }))));
  const marker = line(0, top - 6, 0, end, "now");
  svg.append(text(0, 14, "log marginal likelihood, less its maximum", "title"), marker);
  horizontalGrid(svg, y, left, right, 4);
  const points = values.map((v, k) => [x(data.strengths[k]), known(v) ? Math.min(9999, y(v)) : null]).filter((p) => known(p[1]));
  svg.append(draw("path", { class: "line loss", "clip-path": "url(#bayes-clip)", d: strokes(points) }));
  const weakest = Math.min(...data.strengths.filter((s) => s > 0)), beyond = bayes.marginal.strength < 0.99 * weakest;
  mark(svg, x, bayes.marginal.strength, top, middle, (narrow ? "most probable" : "most probable data") + (beyond ? `: beyond, at ${number(bayes.marginal.strength)}` : ""), width);
  if (curve) {
    const range = curveRange(curve), below = linearScale(range.low, range.high, end, start), best = curve.mean.indexOf(Math.min(...curve.mean.filter(known)));
    svg.append(text(0, start - 22, `held-out ${curve.measure}`, "title"));
    horizontalGrid(svg, below, left, right, 3);
    svg.append(draw("path", { class: "line second", d: strokes(curve.mean.map((m, k) => [x(data.strengths[k]), known(m) ? below.clamp(m) : null])) }));
    mark(svg, x, data.strengths[best], start, end, narrow ? "least loss" : "least held-out loss", width);
  }
  strengthAxis(svg, x, left, right, top, end, narrow);
  const catcher = draw("rect", { x: left, y: 0, width: right - left, height, class: "catch" });
  svg.append(catcher);
  listen(figure, svg, catcher, x, (p) => `${stepWords(p.step)}: ${number(values[p.step])} from the maximum`);
  BELIEF.evidence = { marker, x };
}

function mark(svg, x, strength, top, bottom, words, width) {
  if (!known(strength) || !(strength > 0)) return;
  const place = Math.min(x(strength), Math.max(x.end, x(data.strengths[0]))), right = place < width / 2;
  svg.append(line(place, top - 10, place, bottom, "rule"), text(place + (right ? 6 : -6), top - 4, words, "halo", right ? "start" : "end"));
}

function moveMarginal() {
  const { marker, x } = BELIEF.evidence, here = round(x(data.strengths[now.step]));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
}
