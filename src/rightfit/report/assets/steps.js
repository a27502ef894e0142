// A slider of its own for a section far below the page's: both say the same step.
function stepSlider(input) {
  input.max = data.steps.length - 1;
  input.addEventListener("input", () => goTo(Number(input.value)));
  view(() => {}, () => {
    input.value = now.step;
    input.setAttribute("aria-valuetext", stepWords(now.step));
  });
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
