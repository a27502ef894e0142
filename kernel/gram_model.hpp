// A quadratic given by its second moments, Q(b) = b'Gb/2 - c'b + constant: a pull is at hand, a move costs q.
#pragma once

#include "descent.hpp"
#include "vectors.hpp"

namespace rightfit {

class GramModel {
 public:
  // gram symmetric, its rows `stride` apart; `linear` (q) the pull at the origin, which is zero where none is given
  GramModel(std::size_t q, const double* gram, std::size_t stride, const double* linear, const double* origin = nullptr)
      : q_(q), stride_(stride), gram_(gram), linear_(linear), origin_(origin), pull_(linear, linear + q) {}

  std::size_t size() const { return q_; }
  double pull(std::size_t j) const { return pull_[j]; }
  double curvature(std::size_t j) const { return gram_[j * stride_ + j]; }
  void move(std::size_t j, double step) { add(pull_.data(), gram_ + j * stride_, -step, q_); }
  double value(const std::vector<double>& b) const {
    double total = 0;
    for (std::size_t j = 0; j < q_; ++j) total -= 0.5 * (b[j] - (origin_ ? origin_[j] : 0.0)) * (linear_[j] + pull_[j]);
    return total;
  }
  void remember(std::size_t k) {
    past_.resize(std::max(past_.size(), k + 1));
    past_[k] = pull_;
  }
  // what was held at 1 .. count, combined
  void combine(const double* share, std::size_t count) {
    std::fill(pull_.begin(), pull_.end(), 0.0);
    for (std::size_t k = 0; k < count; ++k) add(pull_.data(), past_[k + 1].data(), share[k], q_);
  }
  void restore(std::size_t k) { pull_ = past_[k]; }
  std::int64_t patience(std::size_t n) const { return static_cast<std::int64_t>(n * n / (6 * q_)); }

  void moments(const std::vector<std::size_t>& free, std::vector<double>& matrix) const {
    for (std::size_t a = 0; a < free.size(); ++a)
      for (std::size_t k = 0; k <= a; ++k) matrix[a * free.size() + k] = gram_[free[a] * stride_ + free[k]];
  }

  // The duality gap where Q is half a residual sum of squares (`constant` at b = 0): Fenchel-Young sums, in
  // which every term is >= 0 and none cancels. The dual point is the residual, scaled down until the columns
  // without an l2 part allow it. Unpenalized coefficients enter with what one more step would gain.
  double gap(const Descent<GramModel>& at, double constant) const {
    const std::vector<double>& b = at.coefficients();
    double scale = 1, misfit = constant;
    for (std::size_t j = 0; j < q_; ++j) {
      const Coordinate& c = at.coordinates()[j];
      misfit -= 0.5 * b[j] * (linear_[j] + pull_[j]);
      if (c.excluded() || c.l2 > 0 || c.l1 == 0) continue;
      const double size = std::fabs(pull_[j]);
      if (size > c.l1 && std::isinf(pull_[j] > 0 ? c.upper : c.lower)) scale = std::min(scale, c.l1 / size);
    }
    double sum = (1 - scale) * (1 - scale) * std::max(misfit, 0.0);
    for (std::size_t j = 0; j < q_; ++j) {
      const Coordinate& c = at.coordinates()[j];
      if (c.excluded()) continue;
      const double z = scale * pull_[j];
      const bool bounded = std::isfinite(z > 0 ? c.upper : c.lower);
      if (!c.penalized() && !bounded) {
        sum += curvature(j) > 0 ? 0.5 * pull_[j] * pull_[j] / curvature(j) : 0.0;
      } else {
        const double conjugate = c.l2 > 0 || bounded ? c.conjugate(z) : 0.0;  // else the scale keeps |z| <= l1
        sum += std::max(0.0, c.value(b[j]) + conjugate - z * b[j]);
      }
    }
    return sum;
  }

 private:
  std::size_t q_, stride_;
  const double* gram_;
  const double* linear_;
  const double* origin_;
  std::vector<double> pull_;
  std::vector<std::vector<double>> past_;
};

}  // namespace rightfit
