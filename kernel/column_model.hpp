// A quadratic given by its columns, for working sets whose second moments would cost more than they save:
//
//     Q(b) = sum_i [ -u_i m_i + h_i/2 m_i^2 ],    m_i = intercept + sum_j x_ij (b_j - start_j)
//
// It keeps s = u - h m; a pull and a move cost a pass over one column. The intercept is profiled out: a column
// acts as its deviation from its h-weighted mean, and what that takes from s (h times a number) is in `lag_`.
#pragma once

#include "descent.hpp"
#include "vectors.hpp"

namespace rightfit {

struct Columns {  // q_dense contiguous columns of n, then q_sparse columns in CSC form
  std::size_t n, q_dense, q_sparse;
  const double* dense;
  const std::int64_t* starts;
  const std::int64_t* rows;
  const double* values;

  std::size_t size() const { return q_dense + q_sparse; }
  std::int64_t begin(std::size_t j) const { return starts[j - q_dense]; }
  std::int64_t end(std::size_t j) const { return starts[j - q_dense + 1]; }

  double product(std::size_t j, const double* s) const {
    if (j < q_dense) return dot(dense + j * n, s, n);
    double sum = 0;
    for (std::int64_t e = begin(j); e < end(j); ++e) sum += values[e] * s[rows[e]];
    return sum;
  }

  // s -= step * h * x_j
  void subtract(std::size_t j, double* s, const double* h, double step) const {
    if (j < q_dense) return subtract_weighted(s, h, dense + j * n, step, n);
    for (std::int64_t e = begin(j); e < end(j); ++e) s[rows[e]] -= step * h[rows[e]] * values[e];
  }
};

class ColumnModel {
 public:
  ColumnModel(const Columns& columns, const double* h, const double* u, bool intercept)
      : x_(columns), h_(h), s_(u, u + columns.n), weighted_(columns.n), mean_(columns.size()), curvature_(columns.size()) {
    double sum = 0;
    for (std::size_t i = 0; i < x_.n; ++i) {
      total_ += h[i];
      sum += s_[i];
    }
    const bool profiled = intercept && total_ > 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      weigh(j);
      const double square = x_.product(j, weighted_.data());
      mean_[j] = profiled ? x_.product(j, h) / total_ : 0.0;
      curvature_[j] = square - mean_[j] * mean_[j] * total_;
      if (curvature_[j] <= 1e-13 * square) curvature_[j] = 0;
    }
    lag_ = profiled ? -sum / total_ : 0.0;
  }

  std::size_t size() const { return x_.size(); }
  double curvature(std::size_t j) const { return curvature_[j]; }
  // s with the profiled intercept is s_ + lag_ h, and x_j'h = mean_j total
  double pull(std::size_t j) const { return x_.product(j, s_.data()) + lag_ * mean_[j] * total_; }

  void move(std::size_t j, double step) {
    x_.subtract(j, s_.data(), h_, step);
    lag_ += step * mean_[j];
  }

  // up to a constant: with s = u - h m, u m - h/2 m^2 is (u^2 - s^2) / 2h
  double value(const std::vector<double>&) const {
    double total = 0;
    for (std::size_t i = 0; i < x_.n; ++i) {
      const double s = s_[i] + lag_ * h_[i];
      if (h_[i] > 0) total += 0.5 * s * s / h_[i];
    }
    return total;
  }
  void remember(std::size_t k) {
    past_.resize(std::max(past_.size(), k + 1));
    past_[k] = s_;
    past_[k].push_back(lag_);
  }
  void combine(const double* share, std::size_t count) {
    std::fill(s_.begin(), s_.end(), 0.0);
    lag_ = 0;
    for (std::size_t k = 0; k < count; ++k) {
      add(s_.data(), past_[k + 1].data(), share[k], x_.n);
      lag_ += share[k] * past_[k + 1].back();
    }
  }
  void restore(std::size_t k) {
    s_.assign(past_[k].begin(), past_[k].end() - 1);
    lag_ = past_[k].back();
  }
  std::int64_t patience(std::size_t n) const { return static_cast<std::int64_t>(n / 4); }

  void moments(const std::vector<std::size_t>& free, std::vector<double>& matrix) {
    for (std::size_t a = 0; a < free.size(); ++a) {
      weigh(free[a]);
      for (std::size_t k = 0; k <= a; ++k)
        matrix[a * free.size() + k] = x_.product(free[k], weighted_.data()) - mean_[free[a]] * mean_[free[k]] * total_;
    }
  }

 private:
  void weigh(std::size_t j) {  // weighted_ = h * x_j
    std::fill(weighted_.begin(), weighted_.end(), 0.0);
    x_.subtract(j, weighted_.data(), h_, -1.0);
  }

  Columns x_;
  const double* h_;
  std::vector<double> s_, weighted_, mean_, curvature_;
  std::vector<std::vector<double>> past_;
  double total_ = 0, lag_ = 0;
};

}  // namespace rightfit
