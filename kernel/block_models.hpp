// What block descent moves on: one task's second moments, or columns that a few tasks share.
//
// Steps of a block are (size, tasks). The image of a block's coefficients b is what they take from a
// task's state; with it, b can be stretched without its columns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "products.hpp"
#include "vectors.hpp"

namespace rightfit {

// Q(b) = b'Gb/2 - c'b of one task: keeps c - Gb
class BlockGram {
 public:
  BlockGram(std::size_t q, const double* gram, const double* linear, const double* start)
      : q_(q), gram_(gram), linear_(linear), pull_(linear, linear + q) {
    move(0, q, start);
  }

  std::size_t length() const { return q_; }

  void pulls(std::size_t first, std::size_t d, double* out) const { std::copy(&pull_[first], &pull_[first] + d, out); }

  void move(std::size_t first, std::size_t d, const double* step) {
    for (std::size_t i = 0; i < d; ++i)
      if (step[i] != 0) add(pull_.data(), gram_ + (first + i) * q_, -step[i], q_);
  }

  void image(std::size_t first, std::size_t d, const double* b, double* out) const {
    std::fill(out, out + q_, 0.0);
    for (std::size_t i = 0; i < d; ++i) add(out, gram_ + (first + i) * q_, b[i], q_);
  }

  double pull(std::size_t, std::size_t first, std::size_t d, const double* b, const double*) const { return dot(b, &pull_[first], d); }
  void stretch(std::size_t, std::size_t, std::size_t, const double*, const double* image, double by) {
    add(pull_.data(), image, -by, q_);
  }

  std::span<double> state(std::size_t) { return pull_; }
  // Of a direction, its coefficients and then what it takes the state by, with a state: slope of Q there, with what
  // another direction takes the state by: how much they bend Q together.
  double paired(std::size_t, const double* direction, const double* state) const { return -dot(direction, state, q_); }
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
      : n_(n), q_(q), tasks_(tasks), columns_(q), h_(h), s_(s), mean_(mean), total_(total), moved_(tasks * n) {
    for (std::size_t j = 0; j < q; ++j) columns_[j] = base + static_cast<std::size_t>(places[j]) * n;
  }

  std::size_t length() const { return n_; }

  void pulls(std::size_t first, std::size_t d, double* out) const {
    std::fill(out, out + d * tasks_, 0.0);
    dots(&columns_[first], d, n_, s_, n_ + 1, tasks_, out);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t t = 0; t < tasks_; ++t) out[i * tasks_ + t] += lag(t) * mean_[t * q_ + first + i] * total_[t];
  }

  void move(std::size_t first, std::size_t d, const double* step) {
    std::fill(moved_.begin(), moved_.end(), 0.0);
    axpys(&columns_[first], d, n_, step, tasks_, moved_.data(), n_);
    for (std::size_t t = 0; t < tasks_; ++t) {
      subtract_weighted(s_ + t * (n_ + 1), h_ + t * n_, &moved_[t * n_], 1.0, n_);
      for (std::size_t i = 0; i < d; ++i) lag(t) += step[i * tasks_ + t] * mean_[t * q_ + first + i];
    }
  }

  void image(std::size_t first, std::size_t d, const double* b, double* out) const {
    std::fill(out, out + n_, 0.0);
    axpys(&columns_[first], d, n_, b, 1, out, n_);
  }

  double pull(std::size_t t, std::size_t first, std::size_t d, const double* b, const double* image) const {
    return dot(image, s_ + t * (n_ + 1), n_) + lag(t) * total_[t] * dot(b, mean_ + t * q_ + first, d);
  }

  void stretch(std::size_t t, std::size_t first, std::size_t d, const double* b, const double* image, double by) {
    subtract_weighted(s_ + t * (n_ + 1), h_ + t * n_, image, by, n_);
    lag(t) += by * dot(b, mean_ + t * q_ + first, d);
  }

  // s and lag, one after the other
  std::span<double> state(std::size_t t) { return {s_ + t * (n_ + 1), n_ + 1}; }

  double paired(std::size_t t, const double* direction, const double* state) const { return product(t, direction + q_, state); }

  double energy(std::size_t t, const double*) const {  // up to a constant
    return 0.5 * product(t, s_ + t * (n_ + 1), s_ + t * (n_ + 1));
  }

 private:
  double product(std::size_t t, const double* a, const double* b) const {  // sum of (a + lag h) (b + lag h) / h
    const double* h = h_ + t * n_;
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i)
      if (h[i] > 0) sum += (a[i] + a[n_] * h[i]) * (b[i] + b[n_] * h[i]) / h[i];
    return sum;
  }

  double& lag(std::size_t t) const { return s_[t * (n_ + 1) + n_]; }

  std::size_t n_, q_, tasks_;
  std::vector<const double*> columns_;
  const double* h_;
  double* s_;
  const double *mean_, *total_;
  std::vector<double> moved_;
};

}  // namespace rightfit
