// The words beside the pictures: what the step under the slider is, how it does on unseen rows, its largest coefficients.
const BARS = 15;
view(drawControls, moveReading);

function drawControls() {
  const slider = shown("step"), figure = shown("path"), { width, left, right } = edges(figure);
  slider.max = data.steps.length - 1;
  const half = 9; // half of the thumb: its centre then stands under the marker at both ends
  shown("slide").style.paddingLeft = `${(100 * (left - half)) / width}%`;
  shown("slide").style.paddingRight = `${(100 * (width - right - half)) / width}%`;
}

function moveReading() {
  const k = now.step, slider = shown("step");
  slider.value = k;
  slider.setAttribute("aria-valuetext", `step ${data.steps[k]}, ${stepWords(k)}, ${usedWords(data.nonzero[k])}`);
  for (const button of shown("jumps").children) button.setAttribute("aria-pressed", String(Number(button.dataset.step) === k));
  shown("reading").replaceChildren(...sentences(k));
  drawBars(k);
}

function sentences(k) {
  const out = [
    make("p", { class: "at" }, `Step ${number(data.steps[k])} of 0 to ${number(data.total - 1)}, ${stepWords(k)}`),
    make("p", { class: "big" }, `${number(data.nonzero[k])} of ${plural(data.p, "feature")} ${shares ? "used" : "non-zero"}`),
  ];
  const c = data.curve;
  if (c) {
    const places = decimalsFor(c.error[k]);
    out.push(make("p", {}, known(c.mean[k]) ? `Held-out ${c.measure}: ${fixed(c.mean[k], places)}, standard error ${fixed(c.error[k], places)}. ${distance(c, k)}` : "This step has no finite held-out loss."));
    const metrics = Object.entries(c.metrics).filter(([, values]) => known(values[k]));
    if (metrics.length) out.push(make("dl", { class: "metrics" }, ...metrics.flatMap(([name, values]) => [make("dt", {}, name), make("dd", {}, number(values[k]))])));
  }
  out.push(make("p", { class: "certificate" }, certificate(k)));
  return out;
}

function distance(c, k) {
  const gap = c.difference[k], error = c.differenceError[k];
  if (!known(gap)) return "";
  const best = c.mean.reduce((b, v, j) => (known(v) && (b < 0 || v < c.mean[b]) ? j : b), -1);
  if (k === best) return "No other step does better.";
  if (!known(error) || error <= 0) return `That is ${number(gap)} above the best step.`;
  const errors = gap / error < 0.05 ? "less than 0.1" : fixed(gap / error, 1);
  return `That is ${number(gap, 2)} above the best step, ${errors} paired standard errors.`;
}

function certificate(k) {
  const words = data.statusWords[data.status[k]] ?? "unknown status";
  const gap = known(data.gap[k]) ? ` Duality gap ${number(data.gap[k], 2)} of the null deviance.` : "";
  const explained = known(data.explained[k]) ? ` Explains ${fixed(100 * data.explained[k], 0)} % of the null deviance on its own rows.` : "";
  return `The fit ${words}.${gap}${explained}`.replace("fit optimal", "fit is optimal").replace("fit no finite", "fit has no answer: no finite").replace("fit grown", "fit was grown");
}

function drawBars(k) {
  const all = present(k), top = all.slice(0, BARS), values = top.map((f) => coefficient(f.feature, k));
  const largest = Math.max(...values.map(Math.abs).filter(known), 1e-300);
  shown("bars").replaceChildren(...top.map((f, row) => {
    const value = values[row], bar = make("span", { class: `fill ${value < 0 ? "down" : "up"}` });
    bar.style.width = `${round((50 * Math.abs(value)) / largest)}%`;
    return make("li", {}, make("bdi", { class: "name", title: f.feature.name }, f.feature.name), make("span", { class: "rail", "aria-hidden": "true" }, bar), make("span", { class: "value" }, number(value)));
  }));
  const rest = all.length - top.length;
  shown("bars-rest").textContent = !all.length ? "Nothing is used here: the constant model." : rest > 0 ? `and ${number(rest)} smaller, in the table below` : unitWords();
}
