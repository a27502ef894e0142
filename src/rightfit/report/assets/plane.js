// The plane of two coefficients: contours of the loss, the shape of a penalty at one strength, and the fit where they
// touch. Standardized coefficients on both axes, one scale for both.
const geometry = data.views.geometry;
const scene = { shape: 0, step: 0 };
const SHAPES = { lasso: "diamond (lasso)", ridge: "ball (ridge)", "elastic net": "elastic net", group: "group of columns" };
let planeParts = null;

const ownShape = geometry.plane.shapes.findIndex((s) => s.step >= 0);
scene.shape = Math.max(0, ownShape);
scene.step = Math.floor(shapeNow().strengths.length / 2);
shown("shapes").append(...geometry.plane.shapes.map((s, k) => make("button", { type: "button", value: k, "aria-pressed": String(k === scene.shape) }, SHAPES[s.name])));
choices(shown("shapes"), (value) => {
  scene.shape = Number(value);
  scene.step = Math.min(scene.step, shapeNow().strengths.length - 1);
  drawPlane();
  moveShape();
});
shown("shape-chosen").hidden = ownShape < 0;
shown("shape-chosen").addEventListener("click", () => {
  shown("shapes").children[ownShape].click();
  scene.step = shapeNow().step;
  moveShape();
});
shown("shape-step").addEventListener("input", (event) => { scene.step = Number(event.target.value); moveShape(); });
view(() => { drawPlane(); moveShape(); }, null);

function shapeNow(of = geometry.plane) {
  return of.shapes[scene.shape];
}

// The square of the scene on paper of this width.
function planeScales(figure, plane) {
  const width = Math.max(280, widthOf(figure, "plane")), side = Math.min(width - 56, 440), top = 26;
  const x = linearScale(plane.low[0], plane.high[0], 48, 48 + side), y = linearScale(plane.low[1], plane.high[1], top + side, top);
  return { width, side, top, x, y, height: top + side + 44 };
}

// Paper, ticks, names and the two zero lines; what is drawn later goes into the returned group, clipped to the square.
function planePaper(figure, plane, label) {
  const s = planeScales(figure, plane), { x, y, side, top } = s, bottom = top + side, right = 48 + side;
  const svg = canvas(figure, s.width, s.height, label), clip = `${figure.id}-clip`;
  svg.append(draw("defs", {}, draw("clipPath", { id: clip }, draw("rect", { x: 48, y: top, width: side, height: side }))));
  for (const tick of y.ticks(5)) svg.append(line(48, y(tick.value), right, y(tick.value), tick.value === 0 ? "axis" : "grid"), text(42, y(tick.value) + 4, tick.label, "", "end"));
  for (const tick of x.ticks(5)) svg.append(line(x(tick.value), top, x(tick.value), bottom, tick.value === 0 ? "axis" : "grid"), text(x(tick.value), bottom + 17, tick.label, "", "middle"));
  const group = draw("g", { "clip-path": `url(#${clip})` });
  svg.append(group, fit(svg.appendChild(text(0, 14, plane.names[1], "title up-text")), s.width), fit(svg.appendChild(text(right, bottom + 38, plane.names[0], "title down-text", "end")), side));
  return { svg, group, x, y };
}

function freeLabel(x, y, right) {
  const left = x > right - 90;
  return text(x + (left ? -8 : 8), y - 8, "no penalty", "halo", left ? "end" : "start");
}

function placed(points, x, y, close = "") {
  return strokes(points.map(([a, b]) => [x(a), y(b)])) + close;
}

function drawPlane() {
  const plane = geometry.plane, { group, x, y } = planePaper(shown("plane"), plane, `Contours of the loss over the coefficients of ${plane.names[0]} and ${plane.names[1]}, and the shape of a penalty`);
  const above = plane.shapes[0].loss[0] - plane.least;
  for (const level of geometry.levels) group.append(draw("path", { class: "contour", d: contour(plane, plane.least + level * above, x, y) }));
  const outline = draw("path", { class: "shape" }), touching = draw("path", { class: "contour touching" }), way = draw("path", { class: "line way" });
  const dot = draw("circle", { r: 5, class: "here" });
  group.append(outline, touching, way, draw("circle", { class: "free", cx: round(x(plane.minimum[0])), cy: round(y(plane.minimum[1])), r: 4 }), freeLabel(x(plane.minimum[0]), y(plane.minimum[1]), x.clamp(plane.high[0])), dot);
  planeParts = { outline, touching, way, dot, x, y };
}

function moveShape() {
  const shape = shapeNow(), k = scene.step, { outline, touching, way, dot, x, y } = planeParts, plane = geometry.plane;
  const input = shown("shape-step");
  input.max = shape.strengths.length - 1;
  input.value = k;
  input.setAttribute("aria-valuetext", `strength ${number(shape.strengths[k])}`);
  outline.setAttribute("d", placed(around((c, s) => radius(shape, shape.bound[k], [c, s])), x, y, "Z"));
  touching.setAttribute("d", contour(plane, shape.loss[k], x, y));
  way.setAttribute("d", placed(shape.coef, x, y));
  dot.setAttribute("cx", round(x(shape.coef[k][0])));
  dot.setAttribute("cy", round(y(shape.coef[k][1])));
  shown("shape-reading").textContent = shapeWords(shape, k);
  if (geometry.solid) moveSolid();
}

function shapeWords(shape, k) {
  const names = geometry.plane.names, cost = { lasso: "sum of absolute coefficients", ridge: "length of the coefficients", "elastic net": "cost of the coefficients", group: "length of the pair" }[shape.name];
  const values = shape.coef[k].map((v, j) => `${names[j]} ${v === 0 ? "exactly 0" : number(v)}`).join(" and ");
  const chosen = k === shape.step ? ", the strength that was chosen" : "";
  return `Strength ${number(shape.strengths[k])}${chosen}: ${cost} t = ${number(shape.bound[k])}, with ${values}. Loss ${number(shape.loss[k], 4)}, smallest ${number(geometry.plane.least, 4)}.`;
}

// How far one can go from zero in a direction before the bound is spent.
function radius(shape, bound, direction) {
  const sum = direction.reduce((s, v) => s + Math.abs(v), 0), length = Math.hypot(...direction);
  if (shape.name === "ridge" || shape.name === "group") return bound / length;
  const a = ((1 - shape.ratio) / 2) * length ** 2, b = shape.ratio * sum;
  return bound > 0 ? (2 * bound) / (b + Math.sqrt(b * b + 4 * a * bound)) : 0;
}

function around(reach, count = 160) {
  return Array.from({ length: count + 1 }, (_, k) => {
    const angle = (2 * Math.PI * k) / count, c = Math.cos(angle), s = Math.sin(angle), r = reach(c, s);
    return [r * c, r * s];
  });
}

// Where the loss has this value: an ellipse of the quadratic, or lines through the heights that were computed.
function contour(plane, level, x, y) {
  if (plane.height.length) {
    const last = plane.height.length - 1, value = (k, of) => plane.low[of] + (k / last) * (plane.high[of] - plane.low[of]);
    return marching(plane.height, level, (i, j) => [x(value(i, 0)), y(value(j, 1))]);
  }
  const half = inverseRoot(plane.hessian), size = Math.sqrt(Math.max(0, 2 * (level - plane.least)));
  return placed(around((c, s) => size).map(([c, s]) => plane.minimum.map((m, j) => m + half[j][0] * c + half[j][1] * s)), x, y, "Z");
}

// The transposed inverse of the Cholesky factor L of H: points at distance 1 under H are the image of the unit sphere.
function inverseRoot(h) {
  const q = h.length, l = h.map(() => new Array(q).fill(0)), inverse = h.map(() => new Array(q).fill(0));
  for (let i = 0; i < q; i++) for (let j = 0; j <= i; j++) {
    let sum = h[i][j];
    for (let k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
    l[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / l[j][j];
  }
  for (let j = 0; j < q; j++) for (let i = j; i < q; i++) {
    let sum = i === j ? 1 : 0;
    for (let k = j; k < i; k++) sum -= l[i][k] * inverse[k][j];
    inverse[i][j] = sum / l[i][i];
  }
  return inverse[0].map((_, j) => inverse.map((row) => row[j]));
}
