// Wires the controls, draws everything once, and again where the width of the page changes.
document.documentElement.classList.remove("no-script");

shown("step").addEventListener("input", (event) => goTo(Number(event.target.value)));

const jumps = new Map();
for (const mark of data.marks) if (!jumps.has(mark.step)) jumps.set(mark.step, []);
for (const mark of data.marks) jumps.get(mark.step).push(mark.label);
if (data.hasChoice && !jumps.has(data.chosen)) jumps.set(data.chosen, []);
for (const [step, labels] of [...jumps].sort((a, b) => a[0] - b[0])) {
  const words = [...new Set(labels), ...(step === data.chosen && data.hasChoice ? ["chosen"] : [])].join(" = ");
  const button = make("button", { type: "button", "data-step": step, "aria-pressed": "false" }, words);
  button.addEventListener("click", () => goTo(step));
  shown("jumps").append(button);
}

if (shares) shown("units").hidden = true;
for (const button of shown("units").children) {
  button.addEventListener("click", () => {
    now.units = button.dataset.units;
    for (const other of shown("units").children) other.setAttribute("aria-pressed", String(other === button));
    redraw();
  });
}

if (data.outputs > 1) {
  const names = Array.from({ length: data.outputs }, (_, k) => data.classes[k] ?? `output ${k}`);
  shown("class").append(...names.map((name, k) => make("option", { value: k }, name)));
  shown("class").addEventListener("change", (event) => { now.output = Number(event.target.value); redraw(); });
  shown("class-picker").hidden = false;
}

addEventListener("beforeprint", () => { printing = true; redraw(); });
addEventListener("afterprint", () => { printing = false; redraw(); });

redraw();
let drawnWidth = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === drawnWidth) return;
  drawnWidth = document.body.clientWidth;
  redraw();
}).observe(document.body);
