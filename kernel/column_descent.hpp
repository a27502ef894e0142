// The same kind of problem given by its columns, for working sets whose second moments would not fit:
//
//     minimize  sum_i [ -u_i m_i + h_i/2 m_i^2 ] + sum_j (l1_j |b_j| + l2_j/2 b_j^2),   lower <= b <= upper,
//     m_i = intercept + sum_j x_ij (b_j - start_j)
//
// Coordinate descent that keeps s = u - h m. The intercept is profiled out of every step: a column acts as
// its deviation from its h-weighted mean, and what that takes from s (h times a number) is added up in `lag_`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "penalty.hpp"
#include "vectors.hpp"

namespace rightfit {

struct Columns {  // q_dense contiguous columns of n, then q_sparse columns in CSC form
  std::size_t n, q_dense, q_sparse;
  const double* dense;
  const std::int64_t* starts;
  const std::int64_t* rows;
  const double* values;

  std::size_t size() const { return q_dense + q_sparse; }

  double product(std::size_t j, const double* s) const {
    if (j < q_dense) return dot(dense + j * n, s, n);
    double sum = 0;
    for (std::int64_t e = starts[j - q_dense]; e < starts[j - q_dense + 1]; ++e) sum += values[e] * s[rows[e]];
    return sum;
  }

  void subtract(std::size_t j, double* s, const double* h, double step) const {
    if (j < q_dense) return subtract_weighted(s, h, dense + j * n, step, n);
    for (std::int64_t e = starts[j - q_dense]; e < starts[j - q_dense + 1]; ++e) s[rows[e]] -= step * h[rows[e]] * values[e];
  }

  double square(std::size_t j, const double* h) const {
    double sum = 0;
    if (j < q_dense)
      for (std::size_t i = 0; i < n; ++i) sum += h[i] * dense[j * n + i] * dense[j * n + i];
    else
      for (std::int64_t e = starts[j - q_dense]; e < starts[j - q_dense + 1]; ++e) sum += h[rows[e]] * values[e] * values[e];
    return sum;
  }
};

class ColumnDescent {
 public:
  ColumnDescent(const Columns& columns, const double* h, const double* u, bool intercept, const Coordinate* coordinates, double* b)
      : x_(columns), h_(h), s_(u, u + columns.n), coordinates_(coordinates), b_(b), mean_(columns.size()), curvature_(columns.size()) {
    double pull = 0;
    for (std::size_t i = 0; i < x_.n; ++i) {
      total_ += h[i];
      pull += s_[i];
    }
    profiled_ = intercept && total_ > 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      const double first = profiled_ ? x_.product(j, h) : 0.0;
      mean_[j] = profiled_ ? first / total_ : 0.0;
      const double square = x_.square(j, h);
      curvature_[j] = square - first * mean_[j];
      if (curvature_[j] <= 1e-13 * square) curvature_[j] = 0;
    }
    if (profiled_) lag_ = -pull / total_;
  }

  // Descends until no coordinate promises a decrease above `small`; returns the number of sweeps.
  std::int64_t solve(double small, std::int64_t most_sweeps) {
    std::int64_t sweeps = 0;
    std::vector<std::size_t> active;
    while (sweeps < most_sweeps) {
      double most = 0;
      ++sweeps;
      for (std::size_t j = 0; j < x_.size(); ++j) most = std::max(most, visit(j));
      if (most <= small) break;
      active.clear();
      for (std::size_t j = 0; j < x_.size(); ++j)
        if (b_[j] != 0) active.push_back(j);
      for (most = 2 * small; most > small && sweeps < most_sweeps; ++sweeps) {
        most = 0;
        for (std::size_t j : active) most = std::max(most, visit(j));
      }
    }
    return sweeps;
  }

 private:
  double visit(std::size_t j) {
    const Coordinate& c = coordinates_[j];
    if (c.excluded() || !(curvature_[j] + c.l2 > 0)) return 0;
    // s with the profiled intercept is s_ + lag_ h, and x_j'h = mean_j total
    const double pull = x_.product(j, s_.data()) + lag_ * mean_[j] * total_;
    const double old = b_[j];
    if (old == 0 && std::fabs(pull) <= c.l1) return 0;
    const double fresh = c.minimize(curvature_[j], pull + curvature_[j] * old);
    const double step = fresh - old;
    if (step == 0) return 0;
    b_[j] = fresh;
    x_.subtract(j, s_.data(), h_, step);
    lag_ += step * mean_[j];
    return (curvature_[j] + c.l2) * step * step;
  }

  Columns x_;
  const double* h_;
  std::vector<double> s_;
  const Coordinate* coordinates_;
  double* b_;
  std::vector<double> mean_, curvature_;
  double total_ = 0, lag_ = 0;
  bool profiled_ = false;
};

}  // namespace rightfit
