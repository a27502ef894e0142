// Marching squares: in every cell of a grid of heights the line between the points above and those below the level.
// `place` tells where the point of two (fractional) places lies on paper.
function marching(height, level, place) {
  const out = [], cut = (i, j, k, l) => {
    const share = (level - height[i][j]) / (height[k][l] - height[i][j]), [x, y] = place(i + share * (k - i), j + share * (l - j));
    return `${round(x)} ${round(y)}`;
  };
  for (let i = 0; i + 1 < height.length; i++) for (let j = 0; j + 1 < height[i].length; j++) {
    const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], ends = [];
    corners.forEach(([a, b], k) => {
      const [c, d] = corners[(k + 1) % 4];
      if (height[a][b] > level !== height[c][d] > level) ends.push(cut(a, b, c, d));
    });
    for (let k = 0; k + 1 < ends.length; k += 2) out.push(`M${ends[k]}L${ends[k + 1]}`);
  }
  return out.join("") || "M0 0";
}
