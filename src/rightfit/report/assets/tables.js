// Every table of the page sorts by its headings; cells that read as numbers sort as numbers.

for (const table of document.querySelectorAll("table.sortable")) {
  if (table.closest("#coefficients") || table.tBodies[0].rows.length < 6) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = make("button", { type: "button" }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener("click", () => sortBy(table, head, column));
  });
}

function sortBy(table, head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => { const words = row.cells[column].textContent; const read = readNumber(words); return read === null ? words : read; };
  const rows = [...table.tBodies[0].rows].map((row) => [value(row), row]);
  rows.sort(([a], [b]) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b))) * (down ? -1 : 1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function readNumber(words) {
  const match = words.replaceAll(THIN, "").replace(MINUS, "-").match(/^(-?\d+(?:\.\d+)?)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?: .*)?$/u);
  if (!match) return null;
  const power = match[2] ? Number([...match[2]].map((c) => "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)]).join("")) : 0;
  return Number(match[1]) * 10 ** power;
}
