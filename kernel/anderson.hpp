// Anderson's extrapolation of a sequence that converges linearly: the affine combination of the last points whose
// steps cancel best (Bertrand and Massias 2021, algorithm 1). What is affine in the points is combined along with them.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "cholesky.hpp"
#include "vectors.hpp"

namespace rightfit {

class Anderson {
 public:
  static constexpr std::size_t DEPTH = 5;  // steps that are combined

  void restart() { count_ = 0; }
  bool full() const { return count_ == DEPTH; }

  void keep(const double* b, std::size_t q, std::span<const double> state) {
    std::vector<double>& point = points_[count_++];
    point.assign(b, b + q);
    point.insert(point.end(), state.begin(), state.end());
  }

  void extrapolate(double* b, std::size_t q, std::span<double> state) {
    step_.resize(DEPTH * q);
    std::vector<double> matrix(DEPTH * DEPTH), share(DEPTH, 1.0);
    for (std::size_t k = 0; k < DEPTH; ++k)
      for (std::size_t j = 0; j < q; ++j) step_[k * q + j] = points_[k + 1][j] - points_[k][j];
    double trace = 0;
    for (std::size_t k = 0; k < DEPTH; ++k)
      for (std::size_t l = 0; l <= k; ++l) {
        matrix[k * DEPTH + l] = dot(&step_[k * q], &step_[l * q], q);
        if (l == k) trace += matrix[k * DEPTH + k];
      }
    if (!(trace > 0)) return;
    for (std::size_t k = 0; k < DEPTH; ++k) matrix[k * DEPTH + k] += 1e-12 * trace;
    Cholesky cholesky;
    cholesky.factor(matrix, DEPTH);
    cholesky.solve(share);
    double sum = 0;
    for (double c : share) sum += c;
    if (!(std::fabs(sum) > 0) || !std::isfinite(sum)) return;
    std::vector<double> mixed(q + state.size(), 0.0);
    for (std::size_t k = 0; k < DEPTH; ++k) add(mixed.data(), points_[k + 1].data(), share[k] / sum, mixed.size());
    std::copy(mixed.begin(), mixed.begin() + static_cast<std::ptrdiff_t>(q), b);
    std::copy(mixed.begin() + static_cast<std::ptrdiff_t>(q), mixed.end(), state.begin());
  }

  // back to the last point that was kept
  void undo(double* b, std::size_t q, std::span<double> state) const {
    const std::vector<double>& point = points_[DEPTH];
    std::copy(point.begin(), point.begin() + static_cast<std::ptrdiff_t>(q), b);
    std::copy(point.begin() + static_cast<std::ptrdiff_t>(q), point.end(), state.begin());
  }

 private:
  std::vector<double> points_[DEPTH + 1];
  std::vector<double> step_;
  std::size_t count_ = 0;
};

}  // namespace rightfit
