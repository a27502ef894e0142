// Dropout as an ensemble: what more and more drawn masks lose beside all of them, and some rows with the spread of the masks.
const thinned = data.views.dropout;
const drawing = { count: Math.min(3, thinned.counts.length - 1) };
let maskParts = null;

shown("dropout-count").max = thinned.counts.length - 1;
shown("dropout-count").value = drawing.count;
shown("dropout-count").addEventListener("input", (event) => { drawing.count = Number(event.target.value); moveMasks(); });
view(() => { drawMasks(); moveMasks(); }, null);

// Short names of the ways at the right edge; those that are the same share one.
function maskLevels() {
  const names = { "the net with scaled weights": "scaled weights", "the average of the masks": thinned.exact ? "all masks" : "many masks", "their geometric mean": "geometric mean" };
  const levels = [];
  for (const way of thinned.ways.slice(0, -1)) {
    const same = levels.find((l) => Math.abs(l.loss - way.loss) <= 1e-9 * Math.abs(way.loss));
    if (same) same.names.push(names[way.name]);
    else levels.push({ loss: way.loss, names: [names[way.name]] });
  }
  return levels;
}

function drawMasks() {
  maskParts = { ...drawMaskLosses(), ...drawMaskRows() };
}

function drawMaskLosses() {
  const figure = shown("dropout-losses"), width = Math.max(280, widthOf(figure, "plane")), left = 58, right = width - 112, top = 30, bottom = top + 250, levels = maskLevels();
  const all = [...levels.map((l) => l.loss), ...thinned.drawn, ...thinned.drawn.map((v, k) => v - thinned.spread[k])], margin = 0.05 * (Math.max(...all) - Math.min(...all) || 1);
  const x = linearScale(0, Math.log10(thinned.counts[thinned.counts.length - 1]), left, right), y = linearScale(Math.min(...all) - margin, Math.max(...all) + margin, bottom, top);
  const svg = canvas(figure, width, bottom + 44, `${thinned.measure} on unseen rows against the number of masks that are averaged`);
  svg.append(text(0, 14, `${thinned.measure} on unseen rows`, "title"), text((left + right) / 2, bottom + 38, "masks drawn for every row", "title", "middle"));
  horizontalGrid(svg, y, left, right, 5);
  svg.append(line(left, bottom, right, bottom, "axis"));
  const place = (k) => x(Math.log10(thinned.counts[k])), narrow = right - left < 260;
  thinned.counts.forEach((count, k) => { if (!narrow || k % 2 === 0) svg.append(text(place(k), bottom + 17, number(count), "", "middle")); });
  const edge = (sign) => thinned.drawn.map((v, k) => [place(k), y.clamp(v + sign * thinned.spread[k])]);
  svg.append(draw("path", { class: "band", d: `${strokes([...edge(1), ...edge(-1).reverse()])}Z` }));
  for (const l of levels) svg.append(line(left, y(l.loss), right, y(l.loss), "rule"));
  svg.append(draw("path", { class: "line loss", d: strokes(thinned.drawn.map((v, k) => [place(k), y(v)])) }));
  const words = levels.flatMap((l) => l.names.map((name) => ({ name, at: y(l.loss) }))), places = spread(words.map((w) => w.at), 15, top, bottom);
  words.forEach((w, k) => svg.append(fit(svg.appendChild(text(right + 10, places[k] + 4, w.name)), width - right - 10)));
  const marker = line(0, top - 4, 0, bottom, "now"), dot = draw("circle", { r: 4.5, class: "here" });
  svg.append(marker, dot);
  return { marker, dot, place, loss: y };
}

function drawMaskRows() {
  const figure = shown("dropout-spread"), width = Math.max(280, widthOf(figure, "plane")), left = 58, right = width - 10, top = width < 420 ? 68 : 50, bottom = top + 230, count = thinned.scaled.length;
  const all = [...thinned.low, ...thinned.high, ...thinned.scaled].filter(known), margin = 0.03 * (Math.max(...all) - Math.min(...all) || 1);
  const x = linearScale(0, Math.max(1, count - 1), left + 4, right - 4), y = linearScale(Math.min(...all) - margin, Math.max(...all) + margin, bottom, top);
  const svg = canvas(figure, width, bottom + 44, `${thinned.says} of ${count} unseen rows: scaled weights, the average of the masks, and 90 % of the masks`);
  svg.append(fit(svg.appendChild(text(0, 14, thinned.says, "title")), width), text((left + right) / 2, bottom + 38, `${count} unseen rows, in order`, "title", "middle"));
  horizontalGrid(svg, y, left, right, 5);
  svg.append(line(left, bottom, right, bottom, "axis"));
  let at = 0, row = 34;
  for (const [kind, words] of [["line total", "scaled weights"], ["line loss", thinned.exact ? "all masks" : "many masks"], ["", "drawn masks"], ["band", "90 % of masks"]]) {
    const key = svg.appendChild(text(at + 20, row, words)), length = key.getComputedTextLength();
    if (at + 20 + length > width) { at = 0; row += 18; key.setAttribute("x", 20); key.setAttribute("y", row); }
    svg.append(kind === "band" ? draw("rect", { class: "band", x: at, y: row - 10, width: 16, height: 12 }) : kind ? line(at, row - 4, at + 16, row - 4, kind) : draw("circle", { class: "here-second", cx: at + 8, cy: row - 4, r: 3 }));
    at += 20 + length + 14;
  }
  svg.append(draw("path", { class: "band", d: `${strokes([...thinned.high.map((v, k) => [x(k), y(v)]), ...thinned.low.map((v, k) => [x(k), y(v)]).reverse()])}Z` }));
  const dots = thinned.scaled.map((_, k) => draw("circle", { class: "here-second", cx: round(x(k)), r: 2.4 }));
  svg.append(...dots, draw("path", { class: "line total", d: strokes(thinned.scaled.map((v, k) => [x(k), y(v)])) }), draw("path", { class: "line loss", d: strokes(thinned.mean.map((v, k) => [x(k), y(v)])) }));
  return { dots, said: y };
}

function moveMasks() {
  const k = drawing.count, { marker, dot, place, loss, dots, said } = maskParts, here = round(place(k));
  shown("dropout-count").setAttribute("aria-valuetext", plural(thinned.counts[k], "mask"));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
  dot.setAttribute("cx", here);
  dot.setAttribute("cy", round(loss.clamp(thinned.drawn[k])));
  dots.forEach((one, j) => one.setAttribute("cy", round(said.clamp(thinned.draws[k][j]))));
  const away = thinned.draws[k].reduce((sum, v, j) => sum + Math.abs(v - thinned.mean[j]), 0) / thinned.mean.length;
  const whole = thinned.exact ? `all ${number(thinned.masks)}` : `${number(thinned.masks)}`;
  shown("dropout-reading").textContent = `${plural(thinned.counts[k], "mask")} drawn for every row ${thinned.counts[k] === 1 ? "loses" : "lose"} ${number(thinned.drawn[k])} (${thinned.measure}), ± ${number(thinned.spread[k], 2)} from draw to draw; the average of ${whole} masks loses ${number(thinned.ways[1].loss)}. The rows shown lie ${number(away, 2)} from that average on the mean.`;
}
