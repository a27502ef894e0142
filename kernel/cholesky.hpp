// Solves M x = b for a positive semi-definite M, row by row, leaving out columns that depend on earlier ones
// (their x is 0): for n unknowns n^3/6 multiplications in contiguous dot products.
#pragma once

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
    for (std::size_t i = 0; i < n; ++i) {
      double* row = &lower[i * n];
      const double before = row[i];
      for (std::size_t j = 0; j < i; ++j) {
        const double* other = &lower[j * n];
        row[j] = dependent_[j] ? 0.0 : (row[j] - dot(row, other, j)) / other[j];
      }
      const double pivot = before - dot(row, row, i);
      if (!(pivot > 1e-11 * before)) {
        dependent_[i] = 1;
        std::fill(row, row + i, 0.0);
        row[i] = 1;
      } else {
        row[i] = std::sqrt(pivot);
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
  const std::vector<double>* l_ = nullptr;
  std::size_t n_ = 0;
  std::vector<char> dependent_;
};

}  // namespace rightfit
