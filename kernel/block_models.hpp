// What block descent moves on: one task's second moments, or columns that several tasks share.
#pragma once

#include <span>
#include <vector>

#include "tiles.hpp"
#include "vectors.hpp"

namespace rightfit {

// Q(b) = b'Gb/2 - c'b
class BlockGram {
 public:
  BlockGram(std::size_t q, const double* gram, const double* linear, const double* start)
      : q_(q), gram_(gram), linear_(linear), pull_(linear, linear + q) {
    for (std::size_t j = 0; j < q; ++j)
      if (start[j] != 0) add(pull_.data(), gram_ + j * q_, -start[j], q_);
  }

  void pulls(std::size_t first, std::size_t d, const std::size_t*, std::size_t, double* out) const {
    std::copy(pull_.begin() + static_cast<std::ptrdiff_t>(first), pull_.begin() + static_cast<std::ptrdiff_t>(first + d), out);
  }

  void move(std::size_t first, std::size_t d, const std::size_t*, std::size_t, const double* step) {
    for (std::size_t i = 0; i < d; ++i)
      if (step[i] != 0) add(pull_.data(), gram_ + (first + i) * q_, -step[i], q_);
  }

  std::span<double> state(std::size_t) { return pull_; }
  double energy(std::size_t, const double* b) const { return -0.5 * (dot(b, linear_, q_) + dot(b, pull_.data(), q_)); }

 private:
  std::size_t q_;
  const double *gram_, *linear_;
  std::vector<double> pull_;
};

// Q_t(b) = sum_i [ -u_i m_i + h_i/2 m_i^2 ], m_i = intercept + sum_j x_ij (b_j - start_j): keeps s = u - h m. The
// intercept is profiled out as in column_model.hpp: a column acts as its deviation from its h-weighted mean, and what
// that takes from s (h times a number) is in the lag.
class BlockColumns {
 public:
  // column j begins at base + places[j] * n; h (T, n); s (T, n + 1) with the lag at its end; mean (T, q) and total (T),
  // zero without an intercept
  BlockColumns(std::size_t n, std::size_t q, const double* base, const std::int64_t* places, const double* h, double* s,
               std::size_t tasks, const double* mean, const double* total)
      : n_(n), q_(q), columns_(q), h_(tasks), s_(tasks), mean_(mean), total_(total) {
    for (std::size_t j = 0; j < q; ++j) columns_[j] = base + static_cast<std::size_t>(places[j]) * n;
    for (std::size_t t = 0; t < tasks; ++t) {
      h_[t] = h + t * n;
      s_[t] = s + t * (n + 1);
    }
  }

  void pulls(std::size_t first, std::size_t d, const std::size_t* tasks, std::size_t count, double* out) {
    choose(tasks, count);
    lanes_.assign(d * count * LANES, 0.0);
    products(columns_.data() + first, d, some_s_.data(), count, n_, lanes_.data());
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t a = 0; a < count; ++a) {
        const std::size_t t = tasks[a];
        out[i * count + a] = sum_lanes(&lanes_[(i * count + a) * LANES]) + lag(t) * mean_[t * q_ + first + i] * total_[t];
      }
  }

  void move(std::size_t first, std::size_t d, const std::size_t* tasks, std::size_t count, const double* step) {
    choose(tasks, count);
    subtract_products(columns_.data() + first, d, step, count, some_h_.data(), some_s_.data(), n_);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t a = 0; a < count; ++a) lag(tasks[a]) += step[i * count + a] * mean_[tasks[a] * q_ + first + i];
  }

  // s and lag, one after the other
  std::span<double> state(std::size_t t) { return {s_[t], n_ + 1}; }

  double energy(std::size_t t, const double*) const {  // sum of (s + lag h)^2 / (2 h), up to a constant
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      const double left = s_[t][i] + lag(t) * h_[t][i];
      if (h_[t][i] > 0) sum += left * left / h_[t][i];
    }
    return 0.5 * sum;
  }

 private:
  double& lag(std::size_t t) const { return s_[t][n_]; }

  void choose(const std::size_t* tasks, std::size_t count) {
    some_h_.resize(count);
    some_s_.resize(count);
    for (std::size_t a = 0; a < count; ++a) {
      some_h_[a] = h_[tasks[a]];
      some_s_[a] = s_[tasks[a]];
    }
  }

  std::size_t n_, q_;
  std::vector<const double*> columns_, h_, some_h_;
  std::vector<double*> s_, some_s_;
  const double *mean_, *total_;
  std::vector<double> lanes_;
};

}  // namespace rightfit
