// One block of coefficients under a group norm: norm ||b|| + sum_j l1_j |b_j| + l2/2 ||b||^2.
//
// The block's own second moments come as eigenvalues and eigenvectors, so that its minimizer is exact: without an
// l1 part, b = (M + l2 + norm/||b||)^-1 v, and ||b|| is the root of a scalar equation (Yang and Hastie 2024, section
// 3). With an l1 part the block is minimized by accelerated proximal gradients (Simon et al. 2013).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace rightfit {

struct Block {
  std::size_t size;
  const double* values;   // (size) eigenvalues, ascending
  const double* vectors;  // (size, size) one eigenvector a column
  const double* l1;       // (size)
  double l2, norm;
};

class BlockSolver {
 public:
  explicit BlockSolver(std::size_t largest) : t_(largest), old_(largest), v_(largest), y_(largest), z_(largest), last_(largest) {}

  // The minimizer of b'Mb/2 - (pull + M here)'b + penalty(b); returns step'(M + l2) step, the size of the step.
  double minimize(const Block& k, const double* pull, const double* here, double* out) {
    const std::size_t d = k.size;
    rotate(k, pull, t_.data());
    rotate(k, here, old_.data());
    for (std::size_t a = 0; a < d; ++a) t_[a] += value(k, a) * old_[a];
    bool sparse = false;
    for (std::size_t j = 0; j < d; ++j) sparse = sparse || k.l1[j] > 0;
    if (sparse)
      with_l1(k, here, out);
    else {
      secular(k);
      rotate_back(k, t_.data(), out);
    }
    if (!sparse && all_zero(t_.data(), d)) std::fill(out, out + d, 0.0);
    if (sparse) rotate(k, out, t_.data());
    double sum = 0;
    for (std::size_t a = 0; a < d; ++a) sum += (value(k, a) + k.l2) * (t_[a] - old_[a]) * (t_[a] - old_[a]);
    return sum;
  }

  // b'Mb
  double curvature(const Block& k, const double* b) {
    rotate(k, b, t_.data());
    double sum = 0;
    for (std::size_t a = 0; a < k.size; ++a) sum += value(k, a) * t_[a] * t_[a];
    return sum;
  }

 private:
  static double value(const Block& k, std::size_t a) { return k.values[a] > 1e-13 * k.values[k.size - 1] ? k.values[a] : 0.0; }

  static bool all_zero(const double* x, std::size_t d) {
    for (std::size_t a = 0; a < d; ++a)
      if (x[a] != 0) return false;
    return true;
  }

  static void rotate(const Block& k, const double* x, double* out) {  // Q' x
    std::fill(out, out + k.size, 0.0);
    for (std::size_t j = 0; j < k.size; ++j)
      if (x[j] != 0)
        for (std::size_t a = 0; a < k.size; ++a) out[a] += k.vectors[j * k.size + a] * x[j];
  }

  static void rotate_back(const Block& k, const double* x, double* out) {  // Q x
    for (std::size_t j = 0; j < k.size; ++j) {
      double sum = 0;
      for (std::size_t a = 0; a < k.size; ++a) sum += k.vectors[j * k.size + a] * x[a];
      out[j] = sum;
    }
  }

  // t := argmin in rotated coordinates
  void secular(const Block& k) {
    const std::size_t d = k.size;
    double square = 0, least = INFINITY, most = 0;
    for (std::size_t a = 0; a < d; ++a) {
      const double e = value(k, a) + k.l2;
      if (!(e > 0)) t_[a] = 0;  // nothing pulls where nothing varies
      if (t_[a] == 0) continue;
      square += t_[a] * t_[a];
      least = std::min(least, e);
      most = std::max(most, e);
    }
    const double pulled = std::sqrt(square);
    if (!(pulled > k.norm)) return std::fill(t_.begin(), t_.begin() + static_cast<std::ptrdiff_t>(d), 0.0);
    double low = (pulled - k.norm) / most, high = (pulled - k.norm) / least, size = 0;
    if (k.norm > 0) {
      for (std::size_t a = 0; a < d; ++a) size += old_[a] * old_[a];
      size = std::clamp(std::sqrt(size), low, high);
      for (int tries = 0; tries < 100 && high > low; ++tries) {
        double s = 0, slope = 0;  // s = ||b||^2 / size^2, to be 1
        for (std::size_t a = 0; a < d; ++a) {
          if (t_[a] == 0) continue;
          const double e = value(k, a) + k.l2, share = t_[a] / (e * size + k.norm);
          s += share * share;
          slope += share * share * e / (e * size + k.norm);
        }
        const double root = std::sqrt(s), excess = 1 - root;  // 1/root - 1 is close to linear in the size
        (excess < 0 ? low : high) = size;
        double next = size - excess * s / slope;
        if (!(next >= low && next <= high)) next = 0.5 * (low + high);
        const bool done = std::fabs(next - size) <= 1e-15 * size;
        size = next;
        if (done) break;
      }
    }
    for (std::size_t a = 0; a < d; ++a)
      if (t_[a] != 0) t_[a] *= k.norm > 0 ? size / ((value(k, a) + k.l2) * size + k.norm) : 1 / (value(k, a) + k.l2);
  }

  // out := the proximal point of step * penalty at z
  static void shrink(const Block& k, const double* z, double step, double* out) {
    double square = 0;
    for (std::size_t j = 0; j < k.size; ++j) {
      const double most = step * k.l1[j];
      out[j] = z[j] > most ? z[j] - most : z[j] < -most ? z[j] + most : 0.0;
      square += out[j] * out[j];
    }
    const double pulled = std::sqrt(square), rest = pulled - step * k.norm;
    const double share = rest > 0 ? rest / pulled / (1 + step * k.l2) : 0.0;
    for (std::size_t j = 0; j < k.size; ++j) out[j] = share > 0 ? out[j] * share : 0.0;
  }

  void with_l1(const Block& k, const double* here, double* out) {
    const std::size_t d = k.size;
    rotate_back(k, t_.data(), v_.data());
    shrink(k, v_.data(), 1.0, out);
    if (all_zero(out, d) || !(k.values[d - 1] + k.l2 > 0)) return std::fill(out, out + d, 0.0);
    if (d == 1) return scale_one(k, out);
    const double step = 1 / std::max(k.values[d - 1], 1e-8 * k.l2);
    std::copy(here, here + d, out);
    std::copy(here, here + d, y_.data());
    double momentum = 1;
    for (int tries = 0; tries < 1000; ++tries) {
      rotate(k, y_.data(), z_.data());
      for (std::size_t a = 0; a < d; ++a) z_[a] *= value(k, a);
      rotate_back(k, z_.data(), last_.data());
      for (std::size_t j = 0; j < d; ++j) z_[j] = y_[j] + step * (v_[j] - last_[j]);
      std::copy(out, out + d, last_.data());
      shrink(k, z_.data(), step, out);
      double moved = 0, size = 0, against = 0;
      for (std::size_t j = 0; j < d; ++j) {
        moved += (out[j] - last_[j]) * (out[j] - last_[j]);
        size += out[j] * out[j];
        against += (y_[j] - out[j]) * (out[j] - last_[j]);
      }
      if (moved <= 1e-30 * size) break;
      const double next = against > 0 ? 1.0 : 0.5 * (1 + std::sqrt(1 + 4 * momentum * momentum));  // restart where it turns
      const double carry = against > 0 ? 0.0 : (momentum - 1) / next;
      for (std::size_t j = 0; j < d; ++j) y_[j] = out[j] + carry * (out[j] - last_[j]);
      momentum = next;
    }
  }

  void scale_one(const Block& k, double* out) const {
    const double most = k.l1[0] + k.norm, v = v_[0];
    out[0] = (v > most ? v - most : v < -most ? v + most : 0.0) / (k.values[0] + k.l2);
  }

  std::vector<double> t_, old_, v_, y_, z_, last_;
};

}  // namespace rightfit
