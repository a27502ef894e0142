// Where the chosen model errs: predicted against actual, calibration, ROC and precision-recall, each a small square picture.
const seen = data.diagnostics;
if (seen) view(drawDiagnostics, null);

function drawDiagnostics() {
  const charts = [];
  if (seen.kind !== "classes" && seen.actual.length) charts.push(scatter);
  if (seen.roc.length) charts.push(rocCurve);
  if (seen.precisionRecall.length) charts.push(precisionRecall);
  if (seen.calibration.length) charts.push(calibration);
  if (seen.kind === "classes" && seen.actual.length && seen.classes.length === 2) charts.push(histogram);
  const box = shown("diagnostics");
  const places = charts.map(() => make("figure")); // all of them first: they share the width
  box.replaceChildren(...places);
  box.classList.toggle("pair", charts.length < 3);
  charts.forEach((chart, k) => chart(places[k]));
  const figures = Object.entries(seen.figures).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, number(value))));
  shown("figures").replaceChildren(...figures);
  const empty = !charts.length && !figures.length && !document.querySelector(".confusion");
  shown("diagnostics-section").hidden = empty;
}

function square(figure, title, low, high, xTitle, yTitle, words, shareX = true) {
  const width = Math.max(200, widthOf(figure, "square")), height = Math.min(width, 340), left = 46, right = width - 12, top = 42, bottom = height - 42;
  const svg = canvas(figure, width, height, words);
  const x = linearScale(low, high, left, right), y = linearScale(shareX ? low : 0, shareX ? high : 1, bottom, top);
  const heading = text(0, 13, title, "title");
  svg.append(heading, text(0, 31, yTitle), text(right, height - 4, xTitle, "", "end"));
  for (const tick of y.ticks(5)) svg.append(line(left, y(tick.value), right, y(tick.value), "grid"), text(left - 7, y(tick.value) + 4, tick.label, "", "end"));
  for (const tick of x.ticks(5)) svg.append(line(x(tick.value), bottom, x(tick.value), bottom + 4, "axis"), text(x(tick.value), bottom + 18, tick.label, "", "middle"));
  svg.append(line(left, bottom, right, bottom, "axis"));
  fit(heading, width);
  return { svg, x, y, left, right, top, bottom };
}

function diagonal(p) {
  p.svg.append(line(p.x(p.x.low), p.y(p.x.low), p.x(p.x.high), p.y(p.x.high), "diagonal"));
}

function scatter(figure) {
  const both = [...seen.actual, ...seen.predicted].filter(known), low = Math.min(...both), high = Math.max(...both), margin = 0.03 * (high - low || 1);
  const p = square(figure, "Predicted against actual", low - margin, high + margin, "predicted", "actual", "Actual values against held-out predictions; perfect ones lie on the diagonal");
  diagonal(p);
  seen.actual.forEach((a, k) => { if (known(a) && known(seen.predicted[k])) p.svg.append(draw("circle", { class: "point", cx: round(p.x(seen.predicted[k])), cy: round(p.y(a)), r: seen.actual.length > 400 ? 1.8 : 2.6 })); });
}

function calibration(figure) {
  const rows = seen.calibration, chance = seen.kind === "classes";
  const all = rows.flatMap((r) => r.slice(0, 4)).filter(known), low = chance ? 0 : Math.min(...all), high = chance ? 1 : Math.max(...all), margin = chance ? 0.01 : 0.03 * (high - low || 1);
  const p = square(figure, "Calibration", low - margin, high + margin, chance ? "predicted probability" : "mean predicted", chance ? "observed share, 95 % intervals" : "mean observed, 95 % intervals", "Observed against predicted means with 95 % intervals; well calibrated ones lie on the diagonal");
  diagonal(p);
  for (const [predicted, observed, from, to] of rows) {
    if (!known(predicted) || !known(observed)) continue;
    const at = p.x(predicted);
    if (known(from) && known(to)) p.svg.append(line(at, p.y.clamp(from), at, p.y.clamp(to), "whisker"));
    p.svg.append(draw("circle", { class: "dot", cx: round(at), cy: round(p.y(observed)), r: 4 }));
  }
}

function rocCurve(figure) {
  const p = square(figure, areaTitle("ROC", "AUC"), 0, 1, "false positive rate", "true positive rate", "ROC curve of the held-out predictions");
  diagonal(p);
  p.svg.append(draw("path", { class: "line loss", d: strokes(seen.roc.map(([a, b]) => [p.x(a), p.y(b)])) }));
}

function precisionRecall(figure) {
  const p = square(figure, areaTitle("Precision and recall", "average precision", "average"), 0, 1, "recall", "precision", "Precision against recall of the held-out predictions");
  const share = seen.actual.length ? seen.actual.filter((a) => a === 1).length / seen.actual.length : null;
  if (known(share)) p.svg.append(line(p.left, p.y(share), p.right, p.y(share), "diagonal"), text(p.right, p.y(share) + 15, `all rows: ${fixed(share, 2)}`, "", "end"));
  p.svg.append(draw("path", { class: "line loss", d: strokes(seen.precisionRecall.map(([a, b]) => [p.x(a), p.y(b)])) }));
}

function histogram(figure) {
  const bins = 20, counts = [new Array(bins).fill(0), new Array(bins).fill(0)];
  seen.predicted.forEach((v, k) => { if (known(v)) counts[seen.actual[k] === 1 ? 1 : 0][Math.min(bins - 1, Math.max(0, Math.floor(v * bins)))]++; });
  const totals = counts.map((c) => Math.max(1, c.reduce((a, b) => a + b, 0))), shares = counts.map((c, k) => c.map((v) => v / totals[k]));
  const most = Math.max(...shares.flat(), 1e-9), p = square(figure, "Predicted probabilities", 0, 1, `predicted probability of ${clip(seen.classes[1])}`, "share of each class", "Histogram of predicted probabilities for the rows of either class", false);
  p.svg.querySelectorAll(".grid").forEach((g) => { g.nextSibling.remove(); g.remove(); });
  const middle = (p.top + p.bottom) / 2, width = (p.right - p.left) / bins;
  const bar = (k, class_, from, height) => p.svg.append(draw("rect", { class: class_, x: round(p.left + k * width + 0.5), width: round(width - 1), y: round(from), height: round(height) }));
  for (let k = 0; k < bins; k++) {
    const up = ((middle - p.top) * shares[1][k]) / most, down = ((p.bottom - middle) * shares[0][k]) / most;
    bar(k, "bar-yes", middle - up, up);
    bar(k, "bar-no", middle, down);
  }
  p.svg.append(line(p.left, middle, p.right, middle, "axis"), fit(text(p.left + 6, p.top + 8, `actually ${seen.classes[1]}`, "up-text"), 160), fit(text(p.right, p.bottom - 8, `actually ${seen.classes[0]}`, "down-text", "end"), 160));
}

function areaTitle(title, figure, short = figure) {
  return known(seen.figures[figure]) ? `${title}, ${short} ${number(seen.figures[figure])}` : title;
}

function clip(words) {
  const letters = [...words];
  return letters.length > 18 ? `${letters.slice(0, 17).join("")}…` : words;
}
