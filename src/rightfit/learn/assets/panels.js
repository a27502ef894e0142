// One coordinate system: axes, ticks, and a clipped group into which layers are drawn.
function frame(figure, panel, label) {
  const width = Math.max(250, Math.round(figure.clientWidth)), narrow = width < 420;
  const names = panel.y.kind === "names";
  const left = names ? Math.min(150, 0.34 * width) : 50, right = width - 14, top = panel.y.title ? 26 : 14;
  const tall = panel.height ?? 280, bottom = panel.square ? top + (right - left) : narrow ? Math.min(tall, 240) : tall;
  const svg = canvas(figure, width, bottom + 44, label), id = `clip-${clips++}`;
  const x = scaleOf(panel.x, left, right), y = scaleOf(panel.y, bottom, top);
  svg.append(draw("defs", {}, draw("clipPath", { id }, draw("rect", { x: left, y: top - 2, width: right - left, height: bottom - top + 4 }))));
  ticksOf(panel.y, y, narrow ? 4 : 6, 26).forEach((tick) => {
    const at = y(tick.value);
    if (!names) svg.append(line(left, at, right, at, tick.value === 0 ? "zero" : "grid"));
    svg.append(fit2(text(left - 8, at + 4, tick.label, "", "end"), svg, left - 10));
  });
  ticksOf(panel.x, x, Math.max(2, Math.floor((right - left) / 64)), 44).forEach((tick) => {
    const at = x(tick.value);
    svg.append(line(at, bottom, at, bottom + 5, "axis"), text(at, bottom + 19, tick.label, "", "middle"));
  });
  svg.append(line(left, bottom, right, bottom, "axis"), text((left + right) / 2, bottom + 38, panel.x.title, "", "middle"));
  if (panel.y.title) svg.append(text(left, 12, panel.y.title, "", "middle"));
  const group = draw("g", { "clip-path": `url(#${id})` }), over = draw("g", {});
  svg.append(group, over);
  return { svg, group, over, x, y, left, right, top, bottom, width, narrow };
}

let clips = 0;

function fit2(element, svg, room) {
  svg.append(element);
  return fit(element, room);
}

function scaleOf(axis, from, to) {
  if (axis.kind === "strength") return strengthScale(axis.values, from, to);
  if (axis.kind === "names") return namesScale(axis.names.length, from, to);
  if (axis.kind === "log") return logScale(axis.low, axis.high, from, to);
  return linearScale(axis.low ?? 0, axis.high ?? 1, from, to);
}

function ticksOf(axis, scale, most, room) {
  if (axis.kind === "names") return axis.names.map((label, value) => ({ value, label }));
  return scale.ticks(axis.kind === "strength" || axis.kind === "log" ? room : most);
}

function namesScale(count, from, to) {
  const scale = (place) => from + ((place + 0.5) / count) * (to - from);
  scale.clamp = scale;
  return scale;
}

function logScale(low, high, from, to) {
  const reach = Math.log10(high / low);
  const scale = (value) => from + (Math.log10(Math.max(value, 1e-300) / low) / reach) * (to - from);
  scale.clamp = (value) => scale(Math.min(high, Math.max(low, value)));
  scale.ticks = (room) => {
    const span = Math.abs(to - from) / reach, multiples = span > 3.6 * room ? [1, 2, 5] : span > 1.9 * room ? [1, 3] : [1], ticks = [];
    const every = Math.max(1, Math.ceil(room / span));
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      if (((e % every) + every) % every) continue;
      for (const m of multiples) {
        const value = m * 10 ** e;
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push({ value, label: decade(m, e) });
      }
    }
    return ticks;
  };
  return scale;
}
