// What the page shows now: one step, one unit, one class, perhaps one feature picked out. Views register to be told.
const data = JSON.parse(document.getElementById("data").textContent);
const now = { step: data.chosen, units: "sd", output: 0, picked: -1 };
const views = [];
const shown = (id) => document.getElementById(id);

function view(drawn, moved) {
  views.push({ drawn, moved });
}

function redraw() {
  for (const v of views) v.drawn();
  move();
}

function move() {
  for (const v of views) v.moved?.();
}

function goTo(step) {
  const next = Math.max(0, Math.min(data.steps.length - 1, step));
  if (next === now.step) return;
  now.step = next;
  move();
}

function pick(feature) {
  now.picked = now.picked === feature ? -1 : feature;
  move();
}

// Coefficient of a feature at a step, in the unit that is shown.
function coefficient(feature, step, units = now.units, output = now.output) {
  const at = step - feature.first;
  const value = at < 0 ? 0 : feature.coef[output][at];
  return known(value) && units === "sd" ? value * (feature.scale ?? 1) : value;
}

// What the chosen step leaves non-zero, largest first, in the class that is shown.
function present(step) {
  return data.features
    .map((feature, index) => ({ feature, index, size: Math.abs(coefficient(feature, step, "sd")) }))
    .filter((f) => f.size > 0)
    .sort((a, b) => b.size - a.size);
}

function nearestStep(x, scale) {
  let best = 0;
  data.strengths.forEach((s, k) => { if (Math.abs(scale(s) - x) < Math.abs(scale(data.strengths[best]) - x)) best = k; });
  return best;
}

// Width to draw a picture in. Paper has fixed ones: the page is asked before it is laid out for printing.
let printing = false;
const PAPER = { path: 690, curve: 690, bias: 690, plane: 330, "bayes-evidence": 690, drift: 390, square: 218, dots: 270 };

function widthOf(figure, kind) {
  return printing ? PAPER[kind] : Math.round(figure.clientWidth);
}

// Pictures that share the strength axis share its edges.
function edges(figure) {
  const width = Math.max(300, widthOf(figure, figure.id)), narrow = width < 520;
  const left = narrow ? 46 : 58, right = width - (narrow ? 92 : 150);
  return { width, narrow, left, right, x: data.axis.rising ? strengthScale(data.strengths, right, left) : strengthScale(data.strengths, left, right) };
}

const shares = data.axis.measures === "importance";

// The step as its family calls it.
function stepWords(k) {
  if (data.strengths[k] === 1 && data.axis.one) return data.axis.one;
  return data.axis.words.replace("{}", number(data.strengths[k]));
}

function usedWords(count) {
  return shares ? `${plural(count, "feature")} used` : plural(count, "non-zero feature");
}

function unitWords() {
  if (shares) return "share of importance";
  const per = now.units === "sd" ? "standard deviation" : "unit of the column";
  const of = { logistic: "log-odds", multinomial: "log-odds", poisson: "log rate", gamma: "log mean", tweedie: "log mean" }[data.loss];
  return of ? `${of} per ${per}` : `${data.target ? "change" : "coefficient"} per ${per}`;
}
