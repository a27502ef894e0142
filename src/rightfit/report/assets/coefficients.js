// The table of coefficients at the step under the slider; any heading sorts it, a name picks its line out above.
const ROWS = 60;
const order = { key: "size", down: true, all: false };
view(() => {}, drawCoefficients);

const ratioName = { logistic: "odds ratio", multinomial: "odds ratio", poisson: "rate ratio", gamma: "ratio of means", tweedie: "ratio of means" }[data.loss];

function columnsOfTable() {
  const per = now.units === "sd" ? "per standard deviation" : "per unit";
  const columns = [
    { key: "name", label: "feature", of: (r) => r.feature.name },
    { key: "size", label: per, n: true, of: (r) => Math.abs(r.value), show: (r) => number(r.value) },
  ];
  if (shares) columns[1].label = "share of importance";
  if (ratioName && !shares) columns.push({ key: "ratio", label: `${ratioName}, ${per}`, n: true, of: (r) => r.value, show: (r) => number(Math.exp(r.value)) });
  const other = now.units === "sd" ? "original" : "sd";
  if (!shares) columns.push({ key: "other", label: now.units === "sd" ? "per unit" : "per standard deviation", n: true, of: (r) => Math.abs(coefficient(r.feature, now.step, other)), show: (r) => number(coefficient(r.feature, now.step, other)) });
  if (!shares) columns.push({ key: "scale", label: "one standard deviation", n: true, of: (r) => r.feature.scale, show: (r) => number(r.feature.scale) });
  if (data.features.some((f) => f.range || f.role !== "value")) {
    columns.push({ key: "range", label: "values in training", n: true, of: (r) => (r.feature.range ? r.feature.range[0] : 0), show: (r) => rangeWords(r.feature) });
  }
  if (data.features.some((f) => known(f.selected))) {
    columns.push({ key: "selected", label: `${shares ? "used" : "selected"} in resamples`, n: true, of: (r) => r.feature.selected ?? -1, show: (r) => (known(r.feature.selected) ? `${fixed(100 * r.feature.selected, 0)} %` : NONE) });
  }
  return columns;
}

function rangeWords(feature) {
  if (feature.range) return `${number(feature.range[0])} to ${number(feature.range[1])}`;
  return { level: "yes or no", missing: "yes or no", part: "part of a date", word: "word" }[feature.role] ?? NONE;
}

function drawCoefficients() {
  const columns = columnsOfTable(), rows = present(now.step).map((r) => ({ ...r, value: coefficient(r.feature, now.step) }));
  const by = columns.find((c) => c.key === order.key) ?? columns[1];
  rows.sort((a, b) => compare(by.of(a), by.of(b)) * (order.down ? -1 : 1));
  const cut = order.all ? rows : rows.slice(0, ROWS);
  const head = make("tr", {}, ...columns.map((c) => heading(c, by)));
  const body = cut.map((r) => make("tr", {}, ...columns.map((c, k) => (k ? cell(c, r) : make("th", { scope: "row" }, nameButton(r))))));
  const table = make("table", {}, make("caption", { class: "unseen" }, `${shares ? "Importance" : "Coefficients"} at the step under the slider`), make("thead", {}, head), make("tbody", {}, ...body));
  const focused = document.activeElement?.closest?.("#coefficients [data-key]")?.dataset.key;
  shown("coefficients").querySelector(".scroll").replaceChildren(table);
  if (focused) [...table.querySelectorAll("[data-key]")].find((b) => b.dataset.key === focused)?.focus({ preventScroll: true });
  tableWords(rows.length, cut.length);
}

function heading(column, by) {
  const button = make("button", { type: "button", "data-key": `sort ${column.key}` }, column.label);
  button.addEventListener("click", () => {
    order.down = order.key === column.key ? !order.down : column.key !== "name";
    order.key = column.key;
    drawCoefficients();
  });
  return make("th", { scope: "col", class: column.n ? "n" : null, "aria-sort": column === by ? (order.down ? "descending" : "ascending") : null }, button);
}

function cell(column, row) {
  const shade = column.key === "size" ? (row.value < 0 ? " down" : " up") : "";
  return make("td", { class: `${column.n ? "n" : ""}${shade}` }, column.show(row));
}

function nameButton(row) {
  const button = make("button", { type: "button", class: "line-name", "data-key": `pick ${row.index}`, "aria-pressed": String(now.picked === row.index), title: "pick out its line in the picture" }, make("bdi", {}, row.feature.name));
  button.addEventListener("click", () => pick(row.index));
  return button;
}

function compare(a, b) {
  if (typeof a === "string") return a.localeCompare(b);
  return (known(a) ? a : -Infinity) - (known(b) ? b : -Infinity) || 0;
}

function tableWords(all, listed) {
  const own = data.target ? `units of ${data.target}` : "units of the target";
  const unit = { squared: own, huber: own, quantile: own }[data.loss] ?? unitWords().split(" per ")[0];
  const of = data.classes.length ? ` for class ${data.classes[now.output] ?? now.output}` : data.event ? ` of ${data.event}` : "";
  shown("coefficients-how").textContent = shares
    ? `Step ${number(data.steps[now.step])}, ${stepWords(now.step)}: what each feature's splits gained, as a share of all.`
    : `Step ${number(data.steps[now.step])}, ${stepWords(now.step)}, in ${unit}${of}. “Per unit” is per unit of the column as it stands in the file.`;
  const words = [], missing = data.nonzero[now.step] - all;
  if (listed < all) words.push(`${number(listed)} of ${number(all)} are listed.`);
  if (missing > 0 && !data.classes.length) words.push(`${number(missing)} smaller ${shares ? "shares" : "coefficients"} are not in this page; the .rightfit file holds them all.`);
  const rest = shown("coefficients-rest");
  rest.replaceChildren(words.join(" "));
  if (all <= ROWS) return;
  const more = make("button", { type: "button", class: "more" }, order.all ? "list fewer" : "list all");
  more.addEventListener("click", () => { order.all = !order.all; drawCoefficients(); });
  rest.append(" ", more);
}
