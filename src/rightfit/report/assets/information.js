// Bits of a hidden layer along training: of the row it sees above, of the target below; and both against each other.
const bits = data.views.information;
const learning = { strength: bits.shown, epoch: bits.epochs.length - 1 };
let bitParts = null;

shown("information-strengths").append(...bits.strengths.map((s, k) => make("button", { type: "button", value: k, "aria-pressed": String(k === learning.strength) }, strengthWord(s))));
choices(shown("information-strengths"), (value) => { learning.strength = Number(value); drawBits(); moveBits(); });
shown("information-epoch").max = bits.epochs.length - 1;
shown("information-epoch").value = learning.epoch;
shown("information-epoch").addEventListener("input", (event) => { learning.epoch = Number(event.target.value); moveBits(); });
view(() => { drawBits(); moveBits(); }, null);

function strengthWord(s) {
  return s.strength > 0 && s.strength < 1 ? String(Number(s.strength.toPrecision(3))) : number(s.strength);
}

function drawBits() {
  bitParts = { ...drawBitLines(), ...drawBitPlane() };
}

function bitRange(lists, floor) {
  const all = lists.flat().filter(known), high = Math.max(...all, floor), low = Math.min(0, ...all);
  return { low: low - 0.03 * (high - low), high: high + 0.06 * (high - low) };
}

function drawBitLines() {
  const s = bits.strengths[learning.strength], figure = shown("information-bits"), width = Math.max(280, widthOf(figure, "plane")), left = 46, right = width - 96;
  const top = 30, middle = top + 150, start = middle + 46, end = start + 150, svg = canvas(figure, width, end + 44, `Bits of the row, and of the target, against epochs at ${bits.name} ${strengthWord(s)}`);
  const last = Math.log10(bits.epochs[bits.epochs.length - 1] + 1) || 1, x = linearScale(0, last, left, right), place = (k) => x(Math.log10(bits.epochs[k] + 1));
  const range = bitRange([s.inputs, s.inputsHigh, [bits.mostInputs]], 0.1), above = linearScale(0, range.high, middle, top);
  const lower = bitRange([s.target.map((v, k) => v + s.targetError[k]), s.target.map((v, k) => v - s.targetError[k]), s.taught.map((v, k) => v + s.taughtError[k])], 0.05), below = linearScale(lower.low, lower.high, end, start);
  const curve = (values, y, kind) => draw("path", { class: kind, d: strokes(values.map((v, k) => [place(k), y.clamp(v)])) });
  const band = (values, errors, y, kind) => draw("path", { class: kind, d: `${strokes([...values.map((v, k) => [place(k), y.clamp(v + errors[k])]), ...values.map((v, k) => [place(k), y.clamp(v - errors[k])]).reverse()])}Z` });
  svg.append(text(0, 14, "I(X; T): bits of the row", "title"), text(0, start - 18, "I(T; Y): bits of the target", "title"));
  horizontalGrid(svg, above, left, right, 4);
  horizontalGrid(svg, below, left, right, 4);
  svg.append(line(left, above(bits.mostInputs), right, above(bits.mostInputs), "rule"), curve(s.inputsLow, above, "line wide"), curve(s.inputsHigh, above, "line wide"), band(s.inputs, s.inputsError, above, "band"), curve(s.inputs, above, "line loss"));
  svg.append(band(s.taught, s.taughtError, below, "spread training"), band(s.target, s.targetError, below, "band"), curve(s.taught, below, "line training"), curve(s.target, below, "line loss"));
  if (bits.mostTarget < lower.high) svg.append(line(left, below(bits.mostTarget), right, below(bits.mostTarget), "rule"));
  const names = [["most", bits.mostInputs, ""], ["upper bound", s.inputsHigh[s.inputsHigh.length - 1], ""], ["estimate", s.inputs[s.inputs.length - 1], "up-text"], ["lower bound", s.inputsLow[s.inputsLow.length - 1], ""]], tops = spread(names.map((n) => above.clamp(n[1])), 15, top, middle);
  names.forEach(([words, , kind], k) => svg.append(fit(svg.appendChild(text(right + 8, tops[k] + 4, words, kind)), width - right - 8)));
  const told = [["unseen rows", s.target[s.target.length - 1], "up-text"], ["taught rows", s.taught[s.taught.length - 1], ""]], places = spread(told.map((n) => below.clamp(n[1])), 15, start, end);
  told.forEach(([words, , kind], k) => svg.append(fit(svg.appendChild(text(right + 8, places[k] + 4, words, kind)), width - right - 8)));
  svg.append(line(left, end, right, end, "axis"), text((left + right) / 2, end + 38, "epochs", "title", "middle"));
  let free = -Infinity;
  bits.epochs.forEach((epoch, k) => { if (place(k) - free > 26) { svg.append(text(place(k), end + 17, number(epoch), "", "middle")); free = place(k); } });
  const marker = line(0, top - 4, 0, end, "now"), catcher = draw("rect", { x: left, y: 0, width: right - left, height: end, class: "catch" });
  svg.append(marker, catcher);
  catcher.addEventListener("click", (event) => {
    const here = at(event, svg).x;
    learning.epoch = bits.epochs.reduce((best, _, k) => (Math.abs(place(k) - here) < Math.abs(place(best) - here) ? k : best), 0);
    moveBits();
  });
  return { marker, place };
}

// The information plane: every strength is a way through it.
function drawBitPlane() {
  const figure = shown("information-plane"), width = Math.max(280, widthOf(figure, "plane")), left = 46, right = width - 14, top = 30, bottom = top + 346;
  const every = bits.strengths.flatMap((s) => s.inputs), across = bitRange([every], 0.1), up = bitRange([bits.strengths.flatMap((s) => s.target)], 0.05), room = 0.06 * (Math.max(...every) - Math.min(...every) || 1);
  const x = linearScale(Math.min(...every) - room, Math.max(...every) + 2 * room, left, right), y = linearScale(up.low, up.high, bottom, top), svg = canvas(figure, width, bottom + 44, `Bits of the target against bits of the row, a way for each ${bits.name}`);
  svg.append(text(0, 14, "bits of the target", "title"), text((left + right) / 2, bottom + 38, "bits of the row", "title", "middle"));
  horizontalGrid(svg, y, left, right, 5);
  for (const tick of x.ticks(6)) svg.append(text(x(tick.value), bottom + 17, tick.label, "", "middle"));
  svg.append(line(left, bottom, right, bottom, "axis"));
  const order = bits.strengths.map((_, k) => k).sort((a, b) => (a === learning.strength) - (b === learning.strength));
  for (const k of order) {
    const s = bits.strengths[k], own = k === learning.strength;
    svg.append(draw("path", { class: `line ${own ? "loss" : "faded"}`, d: strokes(s.inputs.map((v, e) => [x(v), y(s.target[e])])) }));
    if (own) for (const [e, v] of s.inputs.entries()) svg.append(draw("circle", { class: "here-loss", cx: round(x(v)), cy: round(y(s.target[e])), r: 1.8 }));
    const end = s.inputs.length - 1;
    svg.append(draw("circle", { class: own ? "here-loss" : "trace", cx: round(x(s.inputs[end])), cy: round(y(s.target[end])), r: 3 }), text(x(s.inputs[end]) + 6, y(s.target[end]) - 6, strengthWord(s), own ? "halo up-text" : "halo"));
  }
  const dot = draw("circle", { r: 5, class: "here" });
  svg.append(dot);
  return { dot, planeX: x, planeY: y };
}

function moveBits() {
  const s = bits.strengths[learning.strength], k = learning.epoch, { marker, place, dot, planeX, planeY } = bitParts, here = round(place(k));
  marker.setAttribute("x1", here);
  marker.setAttribute("x2", here);
  dot.setAttribute("cx", round(planeX(s.inputs[k])));
  dot.setAttribute("cy", round(planeY(s.target[k])));
  const input = shown("information-epoch");
  input.value = k;
  input.setAttribute("aria-valuetext", plural(bits.epochs[k], "epoch"));
  shown("information-reading").textContent = `${bits.name[0].toUpperCase()}${bits.name.slice(1)} ${strengthWord(s)}, after ${plural(bits.epochs[k], "epoch")}: ${number(s.inputs[k])} ± ${number(s.inputsError[k], 2)} bits of the row (bounds ${number(s.inputsLow[k])} and ${number(s.inputsHigh[k])}), at least ${number(s.target[k], 2)} ± ${number(s.targetError[k], 2)} of the target on unseen rows, ${number(s.taught[k], 2)} ± ${number(s.taughtError[k], 2)} on rows that taught; ${bits.measure} of the net ${number(s.loss[k])}.`;
}
