// Solves M x = b for a positive semi-definite M, row by row, leaving out columns that depend on earlier ones
// (their x is 0): for n unknowns n^3/6 multiplications in contiguous dot products.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "products.hpp"
#include "vectors.hpp"

namespace rightfit {

class Cholesky {
 public:
  // `lower` holds M's lower triangle by rows (n x n) and is overwritten by its factor
  void factor(std::vector<double>& lower, std::size_t n) {
    l_ = &lower;
    n_ = n;
    dependent_.assign(n, 0);
    for (std::size_t from = 0; from < n; from += panel) {
      const std::size_t to = std::min(from + panel, n), columns = to - from;
      addresses_.resize(n - from);
      for (std::size_t i = from; i < n; ++i) addresses_[i - from] = &lower[i * n];
      sums_.assign((n - from) * columns, 0.0);
      dots(addresses_.data(), n - from, from, &lower[from * n], n, columns, sums_.data());
      for (std::size_t i = from; i < n; ++i) finish(&lower[i * n], &sums_[(i - from) * columns], i, from, to);
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
  static constexpr std::size_t panel = 32;  // columns that are finished together

  // Row i in the columns from .. to, less `sums`, its products with their rows before `from`.
  void finish(double* row, const double* sums, std::size_t i, std::size_t from, std::size_t to) {
    const double before = i < to ? row[i] : 0.0;
    for (std::size_t j = from; j < std::min(to, i); ++j) {
      const double* other = l_->data() + j * n_;
      double left = row[j] - sums[j - from];
      for (std::size_t k = from; k < j; ++k) left -= row[k] * other[k];
      row[j] = dependent_[j] ? 0.0 : left / other[j];
    }
    if (i >= to) return;
    double left = before - sums[i - from];
    for (std::size_t k = from; k < i; ++k) left -= row[k] * row[k];
    dependent_[i] = !(left > 1e-11 * before);
    if (dependent_[i]) std::fill(row, row + i, 0.0);
    row[i] = dependent_[i] ? 1.0 : std::sqrt(left);
  }

  const std::vector<double>* l_ = nullptr;
  std::size_t n_ = 0;
  std::vector<char> dependent_;
  std::vector<const double*> addresses_;
  std::vector<double> sums_;
};

}  // namespace rightfit
