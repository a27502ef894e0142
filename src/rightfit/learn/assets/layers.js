// What can be drawn into a panel. A layer without x stands on the panel's grid, or at 0, 1, 2 ...
const LEGEND = new Set(["line", "band", "points", "bars", "shape"]);

const kinds = {
  line(f, layer, panel) {
    const x = across(layer, panel);
    f.group.append(draw("path", { class: `line ${layer.style}`, d: strokes(layer.y.map((v, k) => [known(x[k]) ? f.x(x[k]) : null, known(v) ? near(f.y(v)) : null])) }));
  },
  band(f, layer, panel) {
    const x = across(layer, panel), there = layer.y.map((v, k) => k).filter((k) => known(layer.y[k]) && known(layer.low[k]));
    const edge = (side, order) => order.map((k) => [f.x(x[k]), near(f.y(side[k]))]);
    f.group.append(draw("path", { class: `spread ${layer.style}`, d: `${strokes([...edge(layer.y, there), ...edge(layer.low, [...there].reverse())])}Z` }));
  },
  points(f, layer, panel) {
    const x = across(layer, panel), radius = layer.y.length > 120 ? 2.4 : layer.y.length > 40 ? 3.2 : 4.2;
    layer.y.forEach((v, k) => { if (known(v) && known(x[k])) f.group.append(draw("circle", { cx: round(f.x(x[k])), cy: round(near(f.y(v))), r: radius, class: `dots ${layer.style}` })); });
  },
  bars(f, layer, panel) {
    if (panel.y.kind === "names") return kinds.rows(f, layer, panel);
    const x = across(layer, panel), names = panel.x.kind === "names", room = Math.abs(f.x(1) - f.x(0)), zero = f.y.clamp(0);
    layer.y.forEach((v, k) => {
      if (!known(v)) return;
      const share = names ? shareOf(f, layer, k) : { count: 1, nth: 0 }, thick = Math.min(46, 0.72 * room) / share.count;
      const at = f.y.clamp(v), left = f.x(x[k]) + (share.nth - share.count / 2) * thick;
      f.group.append(draw("rect", { x: round(left), y: round(Math.min(at, zero)), width: round(Math.max(1, thick - 1)), height: round(Math.max(v === 0 ? 0 : 0.75, Math.abs(at - zero))), class: `bar ${layer.style}` }));
    });
  },
  rows(f, layer, panel) {
    const room = (f.bottom - f.top) / panel.y.names.length, zero = f.x.clamp(0);
    layer.y.forEach((v, k) => {
      if (!known(v)) return;
      const share = shareOf(f, layer, k), thick = Math.min(30, 0.72 * room) / share.count;
      const at = f.x.clamp(v), place = f.y(k) + (share.nth - share.count / 2) * thick;
      f.group.append(draw("rect", { x: round(Math.min(at, zero)), y: round(place), width: round(Math.max(v === 0 ? 0 : 0.75, Math.abs(at - zero))), height: round(Math.max(1, thick - 1)), class: `bar ${layer.style}` }));
    });
  },
  rule(f, layer) {
    const x = f.x(layer.x[0]);
    f.group.append(line(x, f.top, x, f.bottom, layer.style));
    const before = layer.y?.length || x > f.right - 60;
    if (layer.words) f.over.append(text(x + (before ? -5 : 5), f.top + 8, layer.words, "halo", before ? "end" : "start"));
  },
  level(f, layer) {
    const y = f.y.clamp(layer.y[0]);
    f.group.append(line(f.left, y, f.right, y, layer.style));
    if (layer.words) f.over.append(text(f.right - 4, y - 6, layer.words, "halo", "end"));
  },
  shape(f, layer) {
    f.group.append(draw("path", { class: layer.style, d: `${strokes(layer.x.map((v, k) => [f.x(v), f.y(layer.y[k])]))}Z` }));
  },
  label(f, layer) {
    const x = f.x(layer.x[0]);
    f.over.append(text(x, f.y.clamp(layer.y[0]), layer.words, `halo ${layer.style}`, x > 0.7 * f.right ? "end" : "start"));
  },
  cells(f, layer) {
    const columns = layer.x.length, rows = layer.y.length;
    const wide = Math.abs(f.x(layer.x[1]) - f.x(layer.x[0])), tall = Math.abs(f.y(layer.y[1]) - f.y(layer.y[0]));
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns;) {
        const value = layer.low[r * columns + c];
        let end = c;
        while (end < columns && layer.low[r * columns + end] === value) end++;
        // whole pixels: cells are see-through, and must neither overlap nor leave gaps
        const left = Math.round(f.x(layer.x[c]) - wide / 2), top = Math.round(f.y(layer.y[r]) - tall / 2);
        const right = Math.round(f.x(layer.x[end - 1]) + wide / 2), bottom = Math.round(f.y(layer.y[r]) + tall / 2);
        f.group.append(draw("rect", { x: left, y: top, width: right - left, height: bottom - top, class: `cell ${layer.style}-${value}` }));
        c = end;
      }
    }
  },
};

// Bars at one place stand side by side: how many there are, and which of them this one is.
function shareOf(f, layer, place) {
  const there = f.bars.filter((other) => known(other.y[place]));
  return { count: there.length, nth: there.indexOf(layer) };
}

function across(layer, panel) {
  return layer.x?.length ? layer.x : panel.grid?.length ? panel.grid : layer.y.map((_, k) => k);
}

// Far outside of the panel a line is only clipped; numbers of any size are not for an SVG.
function near(y) {
  return Math.max(-4000, Math.min(4000, y));
}

function legend(list, layers) {
  const seen = new Map();
  for (const layer of layers) if (layer.words && LEGEND.has(layer.kind) && !seen.has(layer.words)) seen.set(layer.words, layer);
  const key = [...seen].map(([words, layer]) => words + layer.style).join("|");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...[...seen.values()].map((layer) => make("li", {}, sample(layer), layer.words)));
}

function sample(layer) {
  const svg = draw("svg", { viewBox: "0 0 22 12", width: 22, height: 12, "aria-hidden": "true" });
  if (layer.kind === "line") svg.append(draw("path", { class: `line ${layer.style}`, d: "M1 6L21 6" }));
  if (layer.kind === "band") svg.append(draw("rect", { x: 1, y: 1, width: 20, height: 10, class: `spread ${layer.style}` }));
  if (layer.kind === "points") svg.append(draw("circle", { cx: 11, cy: 6, r: 4, class: `dots ${layer.style}` }));
  if (layer.kind === "bars") svg.append(draw("rect", { x: 5, y: 0, width: 12, height: 12, class: `bar ${layer.style}` }));
  if (layer.kind === "shape") svg.append(draw("rect", { x: 4, y: 1, width: 14, height: 10, class: layer.style }));
  return svg;
}
