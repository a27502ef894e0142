// One coordinate of a weighted elastic net in a box: l1 |b| + l2/2 b^2, lower <= b <= upper.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace rightfit {

struct Coordinate {
  double l1, l2, lower, upper;

  bool penalized() const { return l1 > 0 || l2 > 0; }
  bool excluded() const { return std::isinf(l1) || (lower == 0 && upper == 0); }

  double value(double b) const { return b == 0 ? 0 : l1 * std::fabs(b) + 0.5 * l2 * b * b; }

  // argmin over b of curvature/2 b^2 - pull b + penalty(b); curvature + l2 > 0
  double minimize(double curvature, double pull) const {
    const double shrunk = pull > l1 ? pull - l1 : pull < -l1 ? pull + l1 : 0.0;
    return std::clamp(shrunk / (curvature + l2), lower, upper);
  }

  // Where a coefficient on this side of zero, or pulled out of it to there, has to stop on its way to `target`: at zero,
  // if it would change its sign, and at the box.
  double stop(double side, double target) const {
    return l1 > 0 && side * target < 0 ? 0.0 : std::clamp(target, lower, upper);
  }

  // max over b of z b - penalty(b): the convex conjugate, infinite where nothing bounds it
  double conjugate(double z) const {
    const double excess = std::fabs(z) - l1;
    if (!(excess > 0)) return 0;
    const double bound = z > 0 ? upper : -lower;
    if (bound == 0) return 0;
    if (l2 > 0) {
      const double b = std::min(excess / l2, bound);
      return b * (excess - 0.5 * l2 * b);
    }
    return excess * bound;
  }
};

}  // namespace rightfit
