// Draws everything once, and again where the width of the page changes or it is printed.
document.documentElement.classList.remove("no-script");
for (const picture of data.pictures ?? []) startPicture(picture);
const questions = document.querySelectorAll(".question");
for (const question of questions) startQuestion(question, questions.length);

const redraw = () => { for (const show of redraws) show(); };
redraw();
let drawnWidth = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === drawnWidth) return;
  drawnWidth = document.body.clientWidth;
  redraw();
}).observe(document.body);
