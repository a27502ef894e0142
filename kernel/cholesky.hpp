// Solves M x = b for a positive semi-definite M, row by row, leaving out columns that depend on earlier ones
// (their x is 0): for n unknowns n^3/6 multiplications in contiguous dot products.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "vectors.hpp"

namespace rightfit {

class Cholesky {
 public:
  // `lower` holds M's lower triangle by rows (n x n) and is overwritten by its factor
  void factor(std::vector<double>& lower, std::size_t n) {
    l_ = &lower;
    n_ = n;
    dependent_.assign(n, 0);
    constexpr std::size_t band = 32;  // rows that share one reading of the rows before them
    for (std::size_t top = 0; top < n; top += band) {
      const std::size_t bottom = std::min(top + band, n);
      for (std::size_t j = 0; j < top; ++j)
        for (std::size_t i = top; i < bottom; ++i) eliminate(lower, i, j);
      for (std::size_t i = top; i < bottom; ++i) {
        for (std::size_t j = top; j < i; ++j) eliminate(lower, i, j);
        pivot(&lower[i * n], i);
      }
    }
  }

  void solve(std::vector<double>& x) const {
    const std::vector<double>& l = *l_;
    for (std::size_t i = 0; i < n_; ++i) x[i] = dependent_[i] ? 0.0 : (x[i] - dot(&l[i * n_], x.data(), i)) / l[i * n_ + i];
    for (std::size_t i = n_; i-- > 0;) {
      x[i] /= l[i * n_ + i];
      add(x.data(), &l[i * n_], -x[i], i);
    }
  }

 private:
  void eliminate(std::vector<double>& lower, std::size_t i, std::size_t j) const {
    double* row = &lower[i * n_];
    const double* other = &lower[j * n_];
    row[j] = dependent_[j] ? 0.0 : (row[j] - dot(row, other, j)) / other[j];
  }

  void pivot(double* row, std::size_t i) {
    const double before = row[i], left = before - dot(row, row, i);
    dependent_[i] = !(left > 1e-11 * before);
    if (dependent_[i]) std::fill(row, row + i, 0.0);
    row[i] = dependent_[i] ? 1.0 : std::sqrt(left);
  }

  const std::vector<double>* l_ = nullptr;
  std::size_t n_ = 0;
  std::vector<char> dependent_;
};

}  // namespace rightfit
