// Gradient steps, one by one: on the left in the plane of the two weights, on the right each weight against the number
// of the step.
const walking = { kind: 0, step: 0 };
const WALKS = ["squared: shrinks", "absolute, subgradient: hovers", "absolute, proximal: lands", "no penalty, stopped early"];
let walkParts = null;

shown("walks").append(...geometry.walks.map((w, k) => make("button", { type: "button", value: k, "aria-pressed": String(k === 0) }, WALKS[k])));
choices(shown("walks"), (value) => { walking.kind = Number(value); drawWalk(); moveWalk(); });
shown("walk-step").max = geometry.walks[0].pull.length;
shown("walk-step").addEventListener("input", (event) => { walking.step = Number(event.target.value); moveWalk(); });
view(() => { drawWalk(); moveWalk(); }, null);

function drawWalk() {
  const walk = geometry.walks[walking.kind], plane = { ...geometry.plane, height: [] };
  shown("walk-sentence").textContent = walk.sentence;
  const { group, x, y } = planePaper(shown("walk-plane"), plane, `The two weights under gradient steps: ${walk.name}`);
  const above = plane.shapes[0].loss[0] - plane.least;
  for (const level of geometry.levels) group.append(draw("path", { class: "contour", d: contour(plane, plane.least + level * above, x, y) }));
  if (walk.strength === 0) {
    const ridge = plane.shapes.find((s) => s.name === "ridge");
    group.append(draw("path", { class: "line ridge-way", d: placed(ridge.coef, x, y) }), text(x(ridge.coef[32][0]) + 8, y(ridge.coef[32][1]) + 16, "ridge", "halo down-text"));
  }
  group.append(draw("path", { class: "line way", d: placed(walk.weights, x, y) }));
  for (const [a, b] of walk.weights) group.append(draw("circle", { class: "trace", cx: round(x(a)), cy: round(y(b)), r: 2 }));
  group.append(draw("circle", { class: "free", cx: round(x(walk.end[0])), cy: round(y(walk.end[1])), r: 5 }));
  const pull = draw("path", { class: "pull" }), price = draw("path", { class: "price" }), dot = draw("circle", { r: 5, class: "here" });
  group.append(pull, price, dot);
  walkParts = { pull, price, dot, x, y, ...drawWalkLines(walk) };
}

function drawWalkLines(walk) {
  const figure = shown("walk-lines"), width = Math.max(280, widthOf(figure, "plane")), narrow = width < 420, left = 48, right = width - (narrow ? 84 : 110), top = 26, bottom = Math.min(width - 56, 440) + top;
  const all = [...walk.weights.flat(), ...walk.end, 0], margin = 0.05 * (Math.max(...all) - Math.min(...all) || 1);
  const x = linearScale(0, walk.pull.length, left, right), y = linearScale(Math.min(...all) - margin, Math.max(...all) + margin, bottom, top), svg = canvas(figure, width, bottom + 44, "Each weight against the number of the step");
  svg.append(text(0, 14, "weight", "title"), text((left + right) / 2, bottom + 38, "gradient steps", "title", "middle"));
  horizontalGrid(svg, y, left, right, 5);
  for (const tick of x.ticks(6)) svg.append(text(x(tick.value), bottom + 17, tick.label, "", "middle"));
  ["second", "loss"].forEach((kind, j) => {
    svg.append(line(left, y(walk.end[j]), right, y(walk.end[j]), `end ${kind}`), draw("path", { class: `line ${kind}`, d: strokes(walk.weights.map((w, k) => [x(k), y(w[j])])) }));
    for (const [k, w] of walk.weights.entries()) svg.append(draw("circle", { class: `here-${kind}`, cx: round(x(k)), cy: round(y(w[j])), r: 1.6 }));
  });
  const ends = walk.weights[walk.weights.length - 1], places = spread(ends.map((v) => y(v)), 15, top, bottom);
  ends.forEach((_, j) => svg.append(fit(svg.appendChild(text(right + 8, places[j] + 4, geometry.plane.names[j], j ? "up-text" : "down-text")), width - right - 8)));
  const marker = line(0, top, 0, bottom, "now");
  svg.append(marker);
  return { marker, lines: x };
}

function moveWalk() {
  const walk = geometry.walks[walking.kind], k = walking.step, { pull, price, dot, x, y, marker, lines } = walkParts, [a, b] = walk.weights[k], input = shown("walk-step");
  input.value = k;
  input.setAttribute("aria-valuetext", `step ${k}`);
  dot.setAttribute("cx", round(x(a)));
  dot.setAttribute("cy", round(y(b)));
  for (const end of ["x1", "x2"]) marker.setAttribute(end, round(lines(k)));
  if (k === walk.pull.length) {
    pull.setAttribute("d", "M0 0");
    price.setAttribute("d", "M0 0");
    shown("walk-reading").textContent = `After ${k} steps: ${geometry.plane.names.map((name, j) => `${name} ${weightWords(walk.weights[k][j])}`).join(", ")}.`;
    return;
  }
  const [pa, pb] = walk.pull[k], next = walk.weights[k + 1];
  pull.setAttribute("d", placed([[a, b], [a + pa, b + pb]], x, y));
  price.setAttribute("d", placed([[a + pa, b + pb], next], x, y));
  const words = geometry.plane.names.map((name, j) => `${name} ${weightWords(walk.weights[k][j])}, pulled by ${number(walk.pull[k][j])}${stepCost(walk, k, j)}, is then ${weightWords(next[j])}`);
  shown("walk-reading").textContent = `Step ${k + 1}: ${words.join("; ")}.`;
}

function weightWords(value) {
  return value === 0 ? "exactly 0" : number(value);
}

function stepCost(walk, k, j) {
  const w = walk.weights[k][j], change = walk.weights[k + 1][j] - w - walk.pull[k][j];
  if (!walk.strength) return "";
  if (walk.name === "squared penalty") return ` and shrunk by the factor ${number(1 - walk.rate * walk.strength)} (${number(change)})`;
  return ` and moved by ${number(change)} for the penalty`;
}
