// Questions: every answer is judged at once and explained, right or wrong. The first answer counts for the score.
const firsts = new Map();

function startQuestion(root, count) {
  const form = root.querySelector("form"), verdict = root.querySelector(".verdict");
  const judge = (right, words) => {
    if (!firsts.has(root)) firsts.set(root, right);
    root.classList.toggle("solved", right);
    verdict.textContent = words;
    verdict.className = `verdict ${right ? "good" : "bad"}`;
    tellScore(count);
  };
  for (const why of root.querySelectorAll(".why")) why.hidden = true;
  if (form) {
    form.addEventListener("submit", (event) => { event.preventDefault(); judgeNumber(root, form, verdict, judge); });
    return;
  }
  for (const button of root.querySelectorAll(".answer")) {
    button.addEventListener("click", () => {
      const right = button.dataset.kind === "right";
      button.setAttribute("aria-pressed", "true");
      button.classList.add(right ? "good" : "bad");
      button.nextElementSibling.hidden = false;
      judge(right, right ? "Right." : "Not so. Read why, and try another one.");
    });
  }
}

function judgeNumber(root, form, verdict, judge) {
  const value = readNumber(form.querySelector("input").value), whys = [...root.querySelectorAll(".why")];
  if (!known(value)) {
    verdict.textContent = "That is no number. Write one such as 0.25.";
    verdict.className = "verdict bad";
    return;
  }
  const own = whys.find((why) => why.dataset.kind === "number"), tolerance = Number(own.dataset.tolerance) || 1e-9;
  const hit = whys.filter((why) => why.dataset.kind !== "other").find((why) => Math.abs(value - Number(why.dataset.value)) <= (Number(why.dataset.tolerance) || tolerance) * (1 + 1e-9));
  const told = hit ?? whys.find((why) => why.dataset.kind === "other"), right = told === own;
  for (const why of whys) why.hidden = why !== told;
  judge(right, right ? "Right." : "Not so.");
}

function readNumber(words) {
  const plain = words.trim().replaceAll("\u2212", "-").replace(",", ".").replace(/\s+/g, "");
  const parts = plain.match(/^([-+]?\d*\.?\d+(?:e[-+]?\d+)?)(%|\/(\d*\.?\d+))?$/i);
  if (!parts) return NaN;
  return Number(parts[1]) / (parts[2] === "%" ? 100 : Number(parts[3] ?? 1));
}

function tellScore(count) {
  const right = [...firsts.values()].filter(Boolean).length;
  const rest = count - firsts.size;
  document.getElementById("score").textContent = `${right} of ${firsts.size} right at first try${rest ? `, ${rest} to go` : ""}.`;
}
