// Held-out loss with folds that respect the order (or the groups) beside folds at random; and the dots beside the comparison.
if (data.drift) view(drawDrift, moveDrift);
if (data.comparisons) view(drawComparisons, null);
let driftParts = null;

function drawDrift() {
  const figure = shown("drift"), { width, narrow, left, right, x } = edges(figure), d = data.drift;
  const top = 34, bottom = 220, height = bottom + 46, all = [...d.ordered, ...d.random].filter(known);
  const best = Math.min(...all), start = Math.max(d.random.find(known) ?? best, d.ordered.find(known) ?? best), high = Math.min(Math.max(...all), start + 0.6 * (start - best));
  const margin = 0.05 * (high - best || 1), y = linearScale(best - margin, high + margin, bottom, top);
  const svg = canvas(figure, width, height, "Held-out loss with ordered folds and with random folds");
  svg.append(text(0, 14, data.curve ? `held-out ${data.curve.measure}` : "held-out loss", "title"));
  horizontalGrid(svg, y, left, right, 5);
  strengthAxis(svg, x, left, right, top, bottom, narrow);
  svg.append(draw("defs", {}, draw("clipPath", { id: "drift-clip" }, draw("rect", { x: left, y: top, width: right - left, height: bottom - top }))));
  const group = draw("g", { "clip-path": "url(#drift-clip)" }), points = (values) => values.map((v, k) => [x(data.strengths[k]), known(v) ? y(v) : null]);
  group.append(draw("path", { class: "line loss", d: strokes(points(d.random)) }), draw("path", { class: "line second", d: strokes(points(d.ordered)) }));
  const marker = line(0, top, 0, bottom, "now");
  svg.append(group, marker);
  const ends = [d.random, d.ordered].map((v) => y.clamp(v.findLast(known) ?? best)), places = spread(ends, 15, top, bottom);
  svg.append(text(right + 10, places[0] + 4, narrow ? "random" : "random folds", "up-text"), text(right + 10, places[1] + 4, d.kind === "time" ? (narrow ? "in order" : "folds in order") : narrow ? "groups" : "folds by group", "down-text"));
  driftParts = { marker, x };
}

function moveDrift() {
  const here = round(driftParts.x(data.strengths[now.step]));
  driftParts.marker.setAttribute("x1", here);
  driftParts.marker.setAttribute("x2", here);
}

function drawComparisons() {
  for (const figure of document.querySelectorAll("[data-comparison]")) {
    const c = data.comparisons[Number(figure.dataset.comparison)], rows = c.labels.length;
    const width = Math.max(240, widthOf(figure, "dots")), cells = [...figure.parentElement.querySelectorAll("tbody tr")];
    // Beside its table the picture takes the table's own rows; below it, on a narrow page, it has names of its own.
    figure.replaceChildren();
    const origin = figure.getBoundingClientRect(), beside = !printing && cells.length === rows && origin.top < cells[0].getBoundingClientRect().top;
    const middles = c.labels.map((_, k) => (beside ? cells[k].getBoundingClientRect().top + cells[k].getBoundingClientRect().height / 2 - origin.top : 27 + 30 * k));
    const left = beside ? 14 : 128, right = width - 14, top = middles[0] - 15, bottom = middles[rows - 1] + 15, height = bottom + 26;
    const low = c.loss.map((v, k) => (known(v) ? v - 1.96 * (c.error[k] ?? 0) : null)).filter(known), high = c.loss.map((v, k) => (known(v) ? v + 1.96 * (c.error[k] ?? 0) : null)).filter(known);
    const x = linearScale(Math.min(...low), Math.max(...high), left, right), svg = canvas(figure, width, height, "Losses of the models with 95 % intervals");
    for (const tick of x.ticks(4)) svg.append(line(x(tick.value), top, x(tick.value), bottom, "grid"), text(x(tick.value), bottom + 16, tick.label, "", "middle"));
    c.labels.forEach((label, k) => {
      const y = middles[k];
      if (!beside) svg.append(fit(draw("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, label), left - 12));
      if (!known(c.loss[k])) return;
      svg.append(line(x(c.loss[k] - 1.96 * (c.error[k] ?? 0)), y, x(c.loss[k] + 1.96 * (c.error[k] ?? 0)), y, "whisker"), draw("circle", { class: "dot", cx: round(x(c.loss[k])), cy: y, r: 4 }));
    });
  }
}
