// The same with three coefficients: the body of a penalty inside the surface of equal loss that touches it, turned by
// dragging or with the arrow keys.
const START = { turn: geometry.solid ? Math.atan2(geometry.solid.minimum[1], geometry.solid.minimum[0]) + 0.95 : 0, tilt: 0.42 };
const pose = { ...START };

if (geometry.solid) {
  const figure = shown("solid");
  view(drawSolid, null);
  figure.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by && event.key !== "Home") return;
    event.preventDefault();
    if (by) turnBy(by[0] * 0.12, by[1] * 0.12);
    else { Object.assign(pose, START); drawSolid(); }
  });
  figure.addEventListener("pointerdown", (event) => {
    figure.setPointerCapture(event.pointerId);
    let last = [event.clientX, event.clientY];
    const moved = (e) => { turnBy((e.clientX - last[0]) * 0.01, (e.clientY - last[1]) * 0.01); last = [e.clientX, e.clientY]; };
    figure.addEventListener("pointermove", moved);
    const done = () => figure.removeEventListener("pointermove", moved);
    figure.addEventListener("pointerup", done, { once: true });
    figure.addEventListener("pointercancel", done, { once: true });
  });
} else shown("solid").hidden = true;

function turnBy(turn, tilt) {
  pose.turn += turn;
  pose.tilt = Math.max(-1.5, Math.min(1.5, pose.tilt + tilt));
  drawSolid();
}

function moveSolid() {
  drawSolid();
}

function drawSolid() {
  const figure = shown("solid"), solid = geometry.solid, shape = shapeNow(solid), flat = shapeNow();
  const width = Math.max(280, widthOf(figure, "plane")), side = Math.min(width, 496), svg = canvas(figure, width, side + 14, `Three coefficients: the body of the penalty${solid.exact ? ", the surface of equal loss that touches it" : ""} and the way of the fit`);
  const k = sameStrength(shape.strengths, flat.strengths[scene.step]);
  const middle = solid.low.map((v, j) => (v + solid.high[j]) / 2), unit = side / 1.4 / (solid.high[0] - solid.low[0]);
  const [ct, st, cp, sp] = [Math.cos(pose.turn), Math.sin(pose.turn), Math.cos(pose.tilt), Math.sin(pose.tilt)];
  // place on paper and depth, towards the reader positive; the third coefficient points up
  const see = ([a, b, c]) => {
    const [x, y, z] = [a - middle[0], b - middle[1], c - middle[2]], u = ct * x + st * y, v = -st * x + ct * y;
    return [width / 2 + unit * u, side / 2 + 8 - unit * (cp * z + sp * v), cp * (st * a - ct * b) + sp * c];
  };
  const group = draw("g", { "clip-path": "url(#solid-clip)" });
  svg.append(draw("defs", {}, draw("clipPath", { id: "solid-clip" }, draw("rect", { x: 0, y: 8, width, height: side }))), group);
  const curves = (kind, lines) => {
    const parts = { front: "", back: "" };
    for (const points of lines) {
      const seen = points.map(see);
      for (let j = 1; j < seen.length; j++) parts[(seen[j][2] + seen[j - 1][2]) / 2 < 0 ? "back" : "front"] += `M${round(seen[j - 1][0])} ${round(seen[j - 1][1])}L${round(seen[j][0])} ${round(seen[j][1])}`;
    }
    for (const [place, d] of Object.entries(parts)) if (d) group.append(draw("path", { class: `${kind} ${place}`, d }));
  };
  const reach = 0.45 * (solid.high[0] - solid.low[0]);
  solid.names.forEach((name, j) => {
    const tip = [0, 0, 0];
    tip[j] = reach * (solid.minimum[j] < 0 ? -1 : 1);
    curves("spoke", [[tip.map((v) => -v * 0.5), [0, 0, 0], tip]]);
    const [a, b] = see(tip);
    svg.append(fit(svg.appendChild(text(Math.max(50, Math.min(width - 50, a)), b + (b < side / 2 ? -6 : 16), name, "title", "middle")), width / 3));
  });
  if (shape.name === "lasso") {
    for (const face of facesOfDiamond(shape.bound[k])) group.append(draw("path", { class: "face", d: `${strokes(face.map(see))}Z` }));
    curves("edge", edgesOfDiamond(shape.bound[k]));
  } else if (shape.name === "group") curves("body", cylinder(shape.bound[k], solid.low[2], solid.high[2]));
  else curves("body", mesh().map((points) => points.map((p) => { const r = radius(shape, shape.bound[k], p); return p.map((v) => r * v); })));
  if (solid.exact) curves("surface", touchingSurface(solid, shape.coef[k]));
  group.append(draw("path", { class: "line way", d: strokes(shape.coef.map(see)) }));
  const [fx, fy] = see(solid.minimum), [hx, hy] = see(shape.coef[k]);
  group.append(draw("circle", { class: "free", cx: round(fx), cy: round(fy), r: 4 }), freeLabel(fx, fy, width), draw("circle", { class: "here", cx: round(hx), cy: round(hy), r: 5 }));
}

// The place of the strength that is nearest in ratio; none is the last.
function sameStrength(strengths, wanted) {
  if (!(wanted > 0)) return strengths.length - 1;
  const away = strengths.map((s) => (s > 0 ? Math.abs(Math.log(s / wanted)) : Infinity));
  return away.indexOf(Math.min(...away));
}

// All points where the quadratic is as high as at this one.
function touchingSurface(of, at) {
  const away = at.map((v, j) => v - of.minimum[j]), half = inverseRoot(of.hessian);
  const size = Math.sqrt(Math.max(0, of.hessian.reduce((sum, row, i) => sum + away[i] * row.reduce((s, h, j) => s + h * away[j], 0), 0)));
  return mesh().map((points) => points.map((p) => of.minimum.map((m, j) => m + size * half[j].reduce((s, h, i) => s + h * p[i], 0))));
}

// Circles of latitude and longitude on the unit sphere.
function mesh() {
  const lines = [], full = 2 * Math.PI;
  for (let m = 0; m < 6; m++) lines.push(Array.from({ length: 49 }, (_, k) => { const a = (full * k) / 48, b = (Math.PI * m) / 6; return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)]; }));
  for (let p = -2; p <= 2; p++) lines.push(Array.from({ length: 49 }, (_, k) => { const a = (full * k) / 48, b = (Math.PI * p) / 6; return [Math.cos(a) * Math.cos(b), Math.sin(a) * Math.cos(b), Math.sin(b)]; }));
  return lines;
}

// The third column costs nothing: what the pair may be, it may be at every height.
function cylinder(t, low, high) {
  const corner = (k) => [t * Math.cos((Math.PI * k) / 24), t * Math.sin((Math.PI * k) / 24)], heights = Array.from({ length: 7 }, (_, k) => low + (k / 6) * (high - low));
  return [...heights.map((h) => Array.from({ length: 49 }, (_, k) => [...corner(k), h])), ...Array.from({ length: 12 }, (_, k) => heights.map((h) => [...corner(4 * k), h]))];
}

function facesOfDiamond(t) {
  return [-t, t].flatMap((a) => [-t, t].flatMap((b) => [-t, t].map((c) => [[a, 0, 0], [0, b, 0], [0, 0, c]])));
}

function edgesOfDiamond(t) {
  const corners = [[t, 0, 0], [0, t, 0], [-t, 0, 0], [0, -t, 0]];
  return [[...corners, corners[0]], ...corners.flatMap((c) => [[c, [0, 0, t]], [c, [0, 0, -t]]])];
}
