// Elements are made one by one; text only ever enters as a text node, never as markup.
const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(key, value);
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
}

function canvas(figure, width, height, label) {
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
  figure.querySelector("svg")?.remove();
  figure.prepend(svg);
  return svg;
}

function line(x1, y1, x2, y2, kind) {
  return draw("line", { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), class: kind });
}

function text(x, y, words, kind = "", anchor = "start") {
  return draw("text", { x: round(x), y: round(y), class: kind, "text-anchor": anchor }, words);
}

function round(value) {
  return Math.round(value * 100) / 100;
}

// A polyline that breaks where a value is missing.
function strokes(points) {
  let out = "", pen = false;
  for (const [x, y] of points) {
    if (!known(x) || !known(y)) { pen = false; continue; }
    out += `${pen ? "L" : "M"}${round(x)} ${round(y)}`;
    pen = true;
  }
  return out || "M0 0";
}

// Shortens an SVG text until it fits, and keeps the whole of it as a tooltip.
function fit(element, width) {
  const whole = element.textContent;
  if (!whole || element.getComputedTextLength() <= width) return element;
  const letters = [...whole];
  let low = 1, high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    element.textContent = letters.slice(0, middle).join("") + "…";
    if (element.getComputedTextLength() <= width) low = middle; else high = middle - 1;
  }
  element.textContent = letters.slice(0, low).join("").trimEnd() + "…";
  element.append(draw("title", {}, whole));
  return element;
}

// Moves labels apart: positions that keep their order, at least `gap` apart and between `top` and `bottom`.
function spread(wanted, gap, top, bottom) {
  const order = wanted.map((y, k) => [y, k]).sort((a, b) => a[0] - b[0]);
  const placed = new Array(wanted.length);
  let last = -Infinity;
  for (const [y, k] of order) { last = Math.max(y, last + gap, top); placed[k] = last; }
  let next = Infinity;
  for (const [, k] of order.reverse()) { next = Math.min(placed[k], next - gap, bottom); placed[k] = next; }
  return placed;
}

function tip(figure) {
  let box = figure.querySelector(".tip");
  if (!box) { box = make("div", { class: "tip", hidden: "" }); figure.append(box); }
  return {
    show(x, y, words) {
      box.textContent = words;
      box.hidden = false;
      const room = figure.clientWidth - box.offsetWidth;
      box.style.left = `${Math.max(0, Math.min(room, x + 14))}px`;
      box.style.top = `${Math.max(0, y - box.offsetHeight - 12)}px`;
    },
    hide() { box.hidden = true; },
  };
}

// Pointer position in the picture's own units, which differ from pixels where it is scaled.
function at(event, svg) {
  const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
  const shrink = view.width / box.width;
  return { x: (event.clientX - box.left) * shrink, y: (event.clientY - box.top) * shrink, shrink };
}

function horizontalGrid(svg, scale, left, right, most) {
  for (const tick of scale.ticks(most)) {
    const y = scale(tick.value);
    svg.append(line(left, y, right, y, tick.value === 0 ? "zero" : "grid"), text(left - 8, y + 4, tick.label, "", "end"));
  }
}
