// Pictures with their controls. What a combination of stops shows was computed beforehand and is looked up, except in
// pictures with a script of their own.
const data = JSON.parse(document.getElementById("data").textContent);
const scripted = {};
const redraws = [];

function startPicture(picture) {
  const root = document.getElementById(`picture-${picture.name}`);
  if (!root) return;
  const controls = picture.controls ?? [], at = Object.fromEntries(controls.map((c) => [c.name, c.start ?? 0]));
  const places = (picture.panels ?? []).map((panel) => {
    const list = make("ul", { class: "legend" }), figure = make("figure", {});
    root.querySelector(".panels").append(make("div", { class: "panel" }, make("p", { class: "panel-title" }, panel.title), list, figure));
    return { panel, list, figure };
  });
  const stage = { root, picture, at, places, says: root.querySelector(".says"), numbers: picture.numbers ?? {} };
  const show = picture.script ? scripted[picture.script](stage) : () => showLookedUp(stage);
  for (const control of controls) wire(root, control, at, show);
  redraws.push(show);
}

function wire(root, control, at, show) {
  const place = root.querySelector(`[data-control="${control.name}"]`), slider = place.querySelector("input");
  if (!slider) {
    choices(place.querySelector(".segments"), (value) => { at[control.name] = Number(value); show(); });
    return;
  }
  const tell = () => {
    place.querySelector("output").textContent = control.stops[at[control.name]];
    slider.setAttribute("aria-valuetext", control.stops[at[control.name]]);
  };
  slider.addEventListener("input", () => { at[control.name] = Number(slider.value); tell(); show(); });
  slider.value = at[control.name];
  tell();
}

// Buttons of which one is pressed; `chosen` is told its value.
function choices(group, chosen) {
  for (const button of group.children) {
    button.addEventListener("click", () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      chosen(button.value);
    });
  }
}

// The place of the stops of some controls in a list of all their combinations, the last one moving fastest.
function placeOf(stage, by = []) {
  return by.reduce((place, name) => place * stage.picture.controls.find((c) => c.name === name).stops.length + stage.at[name], 0);
}

function showLookedUp(stage) {
  stage.places.forEach(({ panel, list, figure }, index) => {
    const layers = (stage.picture.drawn ?? []).filter((d) => d.panel === index).flatMap((d) => d.layers[placeOf(stage, d.by)]);
    showPanel(figure, list, panel, layers);
  });
  if (stage.picture.said) stage.says.textContent = stage.picture.said.sentences[placeOf(stage, stage.picture.said.by)];
}

function showPanel(figure, list, panel, drawn) {
  const layers = drawn.map((layer) => ({ style: "", words: "", x: [], y: [], low: [], ...layer })); // what is empty is not stored
  const f = frame(figure, panel, `${panel.title}, against ${panel.x.title || "names"}`);
  f.bars = layers.filter((layer) => layer.kind === "bars");
  for (const layer of layers) kinds[layer.kind](f, layer, panel);
  legend(list, layers);
  return f;
}
