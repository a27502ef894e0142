// One weight under three kinds of steps, computed here: loss (b - c)^2 / 2, strength s, step length r.
scripted.landing = (stage) => () => {
  const { centre, strengths, rates, steps } = stage.numbers, c = centre, s = strengths[stage.at.strength], r = rates[stage.at.rate];
  const walk = (step) => { const way = [c]; for (let k = 0; k < steps; k++) way.push(step(way[k])); return way; };
  const soft = (b, by) => Math.sign(b) * Math.max(Math.abs(b) - by, 0);
  const squared = walk((b) => b - r * (b - c) - r * s * b);
  const hovers = walk((b) => b - r * (b - c) - r * s * Math.sign(b));
  const lands = walk((b) => soft(b - r * (b - c), r * s));
  const { panel, list, figure } = stage.places[0];
  showPanel(figure, list, panel, [
    { kind: "line", style: "total", words: "squared penalty", x: [], y: squared },
    { kind: "line", style: "second", words: "absolute penalty, subgradient steps", x: [], y: hovers },
    { kind: "line", style: "loss", words: "absolute penalty, proximal steps", x: [], y: lands },
  ]);
  const last = hovers.slice(-9), low = Math.min(...last), high = Math.max(...last), landed = lands.findIndex((b) => b === 0);
  const hover = high - low > 1e-6 ? `still swings between ${number(low)} and ${number(high)}` : `is at ${number(high)}`;
  const land = landed < 0 ? `rests at ${number(lands[steps])}, which is not zero` : `is exactly 0 from step ${landed} on`;
  stage.says.textContent = `After ${steps} steps: under the squared penalty the weight is ${number(squared[steps])}. Under the absolute one the subgradient walk ${hover}; the proximal walk ${land}.`;
};
