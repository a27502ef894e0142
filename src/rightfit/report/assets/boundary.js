// What models say over the plane of two columns, step by step: colours from bytes, lines between classes, some rows.
const border = data.views.boundary;
const onBorder = { plane: 0, step: border.planes[0].step, rows: true };
const CLASS_INKS = ["--up", "--down", "--good", "--warn", "--bad", "--soft"];
let borderParts = null;

shown("boundary-planes").append(...border.planes.map((p, k) => make("button", { type: "button", value: k, "aria-pressed": String(k === 0) }, p.name)));
choices(shown("boundary-planes"), (value) => {
  onBorder.plane = Number(value);
  onBorder.step = borderPlane().step;
  drawBorder();
  moveBorder();
});
shown("boundary-chosen").addEventListener("click", () => { onBorder.step = borderPlane().step; moveBorder(); });
shown("boundary-rows").addEventListener("click", (event) => {
  onBorder.rows = !onBorder.rows;
  event.currentTarget.textContent = onBorder.rows ? "hide the rows" : "show the rows";
  drawBorder();
  moveBorder();
});
shown("boundary-step").addEventListener("input", (event) => { onBorder.step = Number(event.target.value); moveBorder(); });
view(() => { drawBorder(); moveBorder(); }, null);

function borderPlane() {
  return border.planes[onBorder.plane];
}

// The bytes of one step, (second side) x (first side).
function borderCells(packed, k) {
  const wide = border.sides[0].values.length, tall = border.sides[1].values.length, text = atob(packed), size = wide * tall;
  return Array.from({ length: tall }, (_, i) => Array.from({ length: wide }, (_, j) => text.charCodeAt(k * size + i * wide + j)));
}

// A side on paper: every place at which models were asked is the middle of a cell.
function borderScale(side, from, to) {
  const n = side.values.length, wide = n > 1 ? side.values[1] - side.values[0] : 1;
  const scale = linearScale(side.values[0] - wide / 2, side.values[n - 1] + wide / 2, from, to);
  scale.cell = (k) => scale(side.values[0] + k * wide);
  return scale;
}

function inkOf(name) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((k) => parseInt(value.slice(k, k + 2), 16));
}

function blend(from, to, share) {
  return from.map((v, k) => Math.round(v + (to[k] - v) * share));
}

// The colour of a byte, and of a class where there are several.
function borderInk(inks, height, label) {
  if (border.classes.length > 2) return blend(inks.paper, inks.classes[label % inks.classes.length], 0.12 + 0.68 * Math.max(0, (height / 255 - 1 / border.classes.length) / (1 - 1 / border.classes.length)));
  const share = height / 127.5 - 1;
  return blend(inks.paper, share > 0 ? inks.classes[0] : inks.classes[1], 0.78 * Math.abs(share));
}

function borderInks() {
  return { paper: inkOf("--paper"), classes: CLASS_INKS.map(inkOf) };
}

function pictureOf(rows) {
  const canvas = make("canvas", { width: rows[0].length, height: rows.length }), brush = canvas.getContext("2d"), pixels = brush.createImageData(rows[0].length, rows.length);
  rows.flat().forEach((ink, k) => pixels.data.set([...ink, 255], 4 * k));
  brush.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

function drawBorder() {
  const [first, second] = border.sides, figure = shown("boundary"), width = Math.max(280, widthOf(figure, "plane")), inks = borderInks();
  const left = second.levels.length ? 76 : 58, side = Math.min(width - left - 10, 440), key = border.classes.length > 2 ? 40 : 44, top = key + 12, bottom = top + (second.levels.length ? Math.min(side, 60 + 48 * second.levels.length) : side);
  const x = borderScale(first, left, left + side), y = borderScale(second, bottom, top), svg = canvas(figure, width, bottom + 44, `${border.says} over ${first.name} and ${second.name}`);
  const image = draw("image", { x: left, y: top, width: side, height: bottom - top, preserveAspectRatio: "none" });
  const lines = draw("path", { class: "border" }), weak = draw("path", { class: "contour" }), rows = draw("g");
  svg.append(draw("defs", {}, draw("clipPath", { id: "boundary-clip" }, draw("rect", { x: left, y: top, width: side, height: bottom - top }))));
  const group = draw("g", { "clip-path": "url(#boundary-clip)" }, image, weak, lines, rows);
  svg.append(group, draw("rect", { x: left, y: top, width: side, height: bottom - top, class: "frame" }));
  const across = first.levels.length ? first.levels.map((label, k) => ({ value: k, label })) : x.ticks(5), up = second.levels.length ? second.levels.map((label, k) => ({ value: k, label })) : y.ticks(5);
  for (const tick of across) svg.append(fit(svg.appendChild(text(x(tick.value), bottom + 17, tick.label, "", "middle")), first.levels.length ? side / first.levels.length - 4 : 90));
  for (const tick of up) svg.append(fit(svg.appendChild(text(left - 6, y(tick.value) + 4, tick.label, "", "end")), left - 8));
  svg.append(fit(svg.appendChild(text(0, top - 8, second.name, "title")), side / 2 + left), fit(svg.appendChild(text(left + side, bottom + 38, first.name, "title", "end")), side));
  if (onBorder.rows) rows.append(...borderRows(x, y, inks));
  drawBorderKey(svg, inks, left + side);
  borderParts = { image, lines, weak, x, y, inks, ...drawBorderLosses() };
}

// Rows of the fit at their own values of the two columns; their other columns differ from those of the plane.
function borderRows(x, y, inks) {
  const [first, second] = border.sides, plane = borderPlane(), found = [];
  border.target.forEach((value, k) => {
    if (!known(first.rows[k]) || !known(second.rows[k]) || !known(value)) return;
    const shift = (side, step) => (side.levels.length ? (((k + 1) * step) % 1 - 0.5) * 0.7 : 0);
    const height = border.classes.length === 2 ? 255 * value : border.classes.length ? 255 : 255 * Math.max(0, Math.min(1, (value - plane.low) / (plane.high - plane.low)));
    found.push(draw("circle", { class: "row-mark", fill: `rgb(${borderInk(inks, height, value)})`, cx: round(x(first.rows[k] + shift(first, 0.618))), cy: round(y(second.rows[k] + shift(second, 0.414))), r: 3 }));
  });
  return found;
}

// What the colours stand for: a word for each class, or a strip from low to high.
function drawBorderKey(svg, inks, right) {
  if (border.classes.length > 2) {
    let place = 0;
    border.classes.slice(0, 12).forEach((name, k) => {
      const words = text(place + 14, 14, name);
      svg.append(draw("circle", { cx: place + 6, cy: 10, r: 5, fill: `rgb(${blend(inks.paper, inks.classes[k % inks.classes.length], 0.8)})` }), words);
      place += 14 + words.getComputedTextLength() + 14;
    });
    return;
  }
  const plane = borderPlane(), ends = border.classes.length ? border.classes : [number(plane.low), number(plane.high)];
  const strip = pictureOf([Array.from({ length: 64 }, (_, k) => borderInk(inks, (255 * k) / 63, 0))]);
  svg.append(fit(svg.appendChild(text(0, 14, border.says, "title")), Math.max(120, right - 230)));
  const low = text(right - 130, 14, ends[0], "", "end"), high = text(right, 14, ends[1], "", "end");
  svg.append(low, high);
  const end = right - high.getComputedTextLength() - 6;
  low.setAttribute("x", end - 76);
  svg.append(draw("image", { href: strip, x: end - 70, y: 4, width: 70, height: 12, preserveAspectRatio: "none" }));
}

// The loss on unseen rows along the same steps.
function drawBorderLosses() {
  const plane = borderPlane(), figure = shown("boundary-losses");
  figure.hidden = !plane.loss.some(known);
  if (figure.hidden) return { marker: null };
  const width = Math.max(280, widthOf(figure, "plane")), left = 58, right = width - 14, top = 56, bottom = top + 200, last = Math.max(1, plane.loss.length - 1);
  const good = plane.loss.map((v, k) => [v, k]).filter((p) => known(p[0])), values = good.map((p) => p[0]), best = Math.min(...values), noise = plane.error[values.indexOf(best)] ?? 0, high = Math.min(Math.max(...values), best + Math.max(1.6 * (values[0] - best), 3 * noise));
  const margin = 0.08 * (high - best || 1), x = linearScale(0, last, left, right), y = linearScale(best - Math.max(margin, 1.3 * noise), high + Math.max(margin, noise), bottom, top), svg = canvas(figure, width, bottom + 44, `${border.measure} on unseen rows along the path`);
  svg.append(text(0, 14, `${border.measure} on unseen rows`, "title"));
  horizontalGrid(svg, y, left, right, 5);
  svg.append(line(left, bottom, right, bottom, "axis"), text(left, bottom + 18, "← stronger"), text(right, bottom + 18, "weaker →", "", "end"));
  const spot = (v, k) => [x(k), y.clamp(v)], told = good.filter(([, k]) => known(plane.error[k]));
  if (told.length) svg.append(draw("path", { class: "band", d: `${strokes([...told.map(([v, k]) => spot(v + plane.error[k], k)), ...[...told].reverse().map(([v, k]) => spot(v - plane.error[k], k))])}Z` }));
  svg.append(draw("path", { class: "line loss", d: strokes(good.map(([v, k]) => spot(v, k))) }), line(x(plane.step), top, x(plane.step), bottom, "rule"), text(x(plane.step), top - 8, "chosen", "halo", plane.step < last / 2 ? "start" : "end"));
  const marker = line(0, top - 4, 0, bottom, "now"), catcher = draw("rect", { x: left, y: 0, width: right - left, height: bottom, class: "catch" });
  svg.append(marker, catcher);
  catcher.addEventListener("click", (event) => {
    onBorder.step = Math.round(Math.max(0, Math.min(last, ((at(event, svg).x - left) / (right - left)) * last)));
    moveBorder();
  });
  return { marker, along: x };
}

function moveBorder() {
  const plane = borderPlane(), k = onBorder.step, { image, lines, weak, x, y, inks, marker, along } = borderParts, input = shown("boundary-step");
  input.max = plane.steps.length - 1;
  input.value = k;
  input.setAttribute("aria-valuetext", plane.steps[k]);
  const height = borderCells(plane.height, k), label = plane.label ? borderCells(plane.label, k) : height.map((row) => row.map((v) => Number(v > 127)));
  const smooth = !border.sides.some((side) => side.levels.length), place = (i, j) => [x.cell(j), y.cell(i)];
  // trees say the same over whole rectangles: their edges stay sharp
  image.setAttribute("class", !smooth || new Set(height.flat()).size <= 48 ? "cells" : "");
  image.setAttribute("href", pictureOf([...height.keys()].reverse().map((i) => height[i].map((v, j) => borderInk(inks, v, label[i][j])))));
  lines.setAttribute("d", !border.classes.length ? "M0 0" : smooth && !plane.label ? marching(height, 127.5, place) : cellEdges(label, place));
  weak.setAttribute("d", border.classes.length || !smooth ? "M0 0" : linearScale(plane.low, plane.high, 0, 255).ticks(8).map((t) => marching(height, ((t.value - plane.low) / (plane.high - plane.low)) * 255, place)).join(""));
  if (marker) { marker.setAttribute("x1", round(along(k))); marker.setAttribute("x2", round(along(k))); }
  shown("boundary-words").textContent = onBorder.plane === 0 ? `${plane.words}, with all columns: those beside the two are held.` : `${plane.words}, taught by the two columns alone.`;
  shown("boundary-reading").textContent = borderReading(plane, k, height, label);
}

// Between cells of different classes.
function cellEdges(label, place) {
  const out = [], stroke = (i, j, k, l) => { const [a, b] = place(i, j), [c, d] = place(k, l); out.push(`M${round(a)} ${round(b)}L${round(c)} ${round(d)}`); };
  label.forEach((row, i) => row.forEach((value, j) => {
    if (j + 1 < row.length && row[j + 1] !== value) stroke(i - 0.5, j + 0.5, i + 0.5, j + 0.5);
    if (i + 1 < label.length && label[i + 1][j] !== value) stroke(i + 0.5, j - 0.5, i + 0.5, j + 0.5);
  }));
  return out.join("") || "M0 0";
}

function borderReading(plane, k, height, label) {
  const cells = label.flat(), where = `${plane.name[0].toUpperCase()}${plane.name.slice(1)}, ${plane.steps[k]}${k === plane.step ? ", the chosen step" : ""}: `;
  const flat = height.flat(), value = (b) => plane.low + (b / 255) * (plane.high - plane.low);
  const said = border.classes.length ? border.classes.map((name, c) => [cells.filter((v) => v === c).length / cells.length, name]).filter(([s]) => s > 0).sort((a, b) => b[0] - a[0]).slice(0, 4).map(([s, name]) => `${Math.round(100 * s)}${THIN}% ${name}`).join(", ") + `, in ${plural(plane.regions[k], "part")}` : `from ${number(value(Math.min(...flat)))} to ${number(value(Math.max(...flat)))} over the plane`;
  const joint = known(plane.joint[k]) ? `; the two columns act together in ${plane.joint[k] < 1e-9 ? "nothing" : `${number(100 * plane.joint[k], 2)}${THIN}% of what varies`}` : "";
  const loss = known(plane.loss[k]) ? `; ${border.measure} on unseen rows ${number(plane.loss[k])}${known(plane.error[k]) ? ` ± ${number(plane.error[k], 2)}` : ""}` : "";
  return `${where}${said}${joint}${loss}.`;
}
