// A quadratic given by its second moments, with a weighted elastic net in a box:
//
//     minimize  b'Gb/2 - c'b + constant  +  strength * sum_j (l1_j |b_j| + l2_j/2 b_j^2),   lower <= b <= upper
//
// by cyclic coordinate descent that keeps the gradient (Friedman, Hastie and Tibshirani 2010, section 2.2),
// and, where the descent is slow, a direct step on the coefficients that are free to move: a Newton step cut
// at the first coefficient that would change its sign or leave the box. Each strength starts from the
// solution of the one before and ends when its duality gap is small enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cholesky.hpp"
#include "penalty.hpp"
#include "vectors.hpp"

namespace rightfit {

struct GramProblem {
  std::size_t q;
  const double* gram;      // (q, q) symmetric
  const double* linear;    // (q)
  double constant;         // value at b = 0, half a residual sum of squares; negative: no gap is wanted
  const double* l1;        // (q) at strength 1
  const double* l2;        // (q)
  const double* lower;     // (q)
  const double* upper;     // (q)
};

struct Outcome {
  double gap;              // duality gap, absolute
  std::int64_t sweeps;     // passes over coordinates
  bool converged;          // gap <= tolerance, or no coordinate moves beyond rounding
};

class GramDescent {
 public:
  GramDescent(const GramProblem& problem, const double* start) : p_(problem), b_(start, start + problem.q), r_(problem.q) {
    for (std::size_t j = 0; j < p_.q; ++j) r_[j] = p_.linear[j];
    for (std::size_t j = 0; j < p_.q; ++j)
      if (b_[j] != 0) add(r_.data(), row(j), -b_[j], p_.q);
  }

  const std::vector<double>& coefficients() const { return b_; }

  Outcome solve(double strength, double tolerance, std::int64_t most_sweeps) {
    at(strength);
    sweeps_ = 0;
    if (p_.constant < 0) {  // no gap is wanted: `tolerance` is the decrease per coordinate at which to stop
      descend(tolerance, most_sweeps);
      return {std::numeric_limits<double>::quiet_NaN(), sweeps_, sweeps_ < most_sweeps};
    }
    double small = 0.1 * tolerance;
    Outcome out{std::numeric_limits<double>::infinity(), 0, false};
    for (;;) {
      const bool settled = descend(small, most_sweeps);
      out = {gap(), sweeps_, false};
      if (out.gap <= tolerance || settled) out.converged = true;
      if (out.converged || sweeps_ >= most_sweeps) return out;
      small *= 0.01;
    }
  }

 private:
  const double* row(std::size_t j) const { return p_.gram + j * p_.q; }
  double curvature(std::size_t j) const { return p_.gram[j * p_.q + j]; }

  void at(double strength) {
    coordinates_.resize(p_.q);
    for (std::size_t j = 0; j < p_.q; ++j) {
      const double l1 = std::isinf(p_.l1[j]) ? p_.l1[j] : strength * p_.l1[j];
      coordinates_[j] = {l1, strength * p_.l2[j], p_.lower[j], p_.upper[j]};
    }
  }

  // One coordinate; returns the decrease it promises, twice. `moved_` notes moves beyond rounding.
  double visit(std::size_t j) {
    const Coordinate& c = coordinates_[j];
    const double v = curvature(j) + c.l2;
    if (c.excluded() || !(v > 0)) return 0;
    const double old = b_[j];
    if (old == 0 && std::fabs(r_[j]) <= c.l1) return 0;
    const double fresh = c.minimize(curvature(j), r_[j] + curvature(j) * old);
    const double step = fresh - old;
    if (step == 0) return 0;
    b_[j] = fresh;
    add(r_.data(), row(j), -step, p_.q);
    if (std::fabs(step) > 1e-14 * std::fabs(fresh)) moved_ = true;
    return v * step * step;
  }

  template <class Indices>
  double sweep(const Indices& indices) {
    ++sweeps_;
    moved_ = false;
    double most = 0;
    for (std::size_t j : indices) most = std::max(most, visit(j));
    return most;
  }

  double sweep_all() {
    ++sweeps_;
    moved_ = false;
    double most = 0;
    for (std::size_t j = 0; j < p_.q; ++j) most = std::max(most, visit(j));
    return most;
  }

  // Descends until no coordinate promises more than `small`; true where nothing moves at all any more.
  bool descend(double small, std::int64_t most_sweeps) {
    std::int64_t patience = 3;
    for (;;) {
      const double most = sweep_all();
      if (!moved_) return true;
      if (most <= small) return false;
      if (sweeps_ >= most_sweeps) return false;
      active_.clear();
      for (std::size_t j = 0; j < p_.q; ++j)
        if (b_[j] != 0) active_.push_back(j);
      for (std::int64_t tries = 0; sweeps_ < most_sweeps; ++tries) {
        if (sweep(active_) <= small || !moved_) break;
        if (tries >= patience) {
          direct();
          // a factorization costs about |A|^2 / 6q sweeps: descend as long before the next one
          patience = 2 + static_cast<std::int64_t>(active_.size() * active_.size() / (6 * p_.q));
          break;
        }
      }
    }
  }

  // The coefficients that are free to move: inside the box and not zero, or unpenalized; with `entering` also
  // those at zero whose gradient exceeds their l1.
  void choose_free(bool entering) {
    free_.clear();
    for (std::size_t j = 0; j < p_.q; ++j) {
      const Coordinate& c = coordinates_[j];
      if (c.excluded() || !(curvature(j) + c.l2 > 0)) continue;
      const bool inside = b_[j] > c.lower && b_[j] < c.upper && (b_[j] != 0 || c.l1 == 0);
      const bool enters = b_[j] == 0 && c.l1 > 0 && std::fabs(r_[j]) > c.l1 && (r_[j] > 0 ? c.upper : c.lower) != 0;
      if (inside || (entering && enters)) free_.push_back(j);
    }
  }

  double sign(std::size_t j) const { return b_[j] > 0 || (b_[j] == 0 && r_[j] > 0) ? 1.0 : -1.0; }

  // The Newton step of the free coefficients, in `step_`; false if one that enters would go the wrong way.
  bool newton_step() {
    const std::size_t n = free_.size();
    matrix_.resize(n * n);
    step_.resize(n);
    for (std::size_t a = 0; a < n; ++a) {
      const std::size_t j = free_[a];
      const Coordinate& c = coordinates_[j];
      for (std::size_t k = 0; k <= a; ++k) matrix_[a * n + k] = row(j)[free_[k]];
      matrix_[a * n + a] += c.l2;
      step_[a] = r_[j] - c.l2 * b_[j] - sign(j) * c.l1;
    }
    cholesky_.factor(matrix_, n);
    cholesky_.solve(step_);
    for (std::size_t a = 0; a < n; ++a)
      if (b_[free_[a]] == 0 && coordinates_[free_[a]].l1 > 0 && step_[a] * sign(free_[a]) < 0) return false;
    return true;
  }

  void direct() {
    choose_free(true);
    if (!newton_step()) {
      choose_free(false);
      newton_step();
    }
    const std::size_t n = free_.size();
    double share = 1;
    std::size_t first = n;
    for (std::size_t a = 0; a < n; ++a) {
      const std::size_t j = free_[a];
      const Coordinate& c = coordinates_[j];
      const double target = b_[j] + step_[a];
      double limit = std::clamp(target, c.lower, c.upper);
      if (c.l1 > 0 && b_[j] * target < 0) limit = 0;
      const double reach = limit == target ? 1.0 : (limit - b_[j]) / step_[a];
      if (reach < share) {
        share = reach;
        first = a;
      }
    }
    for (std::size_t a = 0; a < n; ++a) {
      const std::size_t j = free_[a];
      const Coordinate& c = coordinates_[j];
      double fresh = std::clamp(b_[j] + share * step_[a], c.lower, c.upper);
      if (a == first && c.l1 > 0 && b_[j] * (b_[j] + step_[a]) < 0) fresh = 0;
      const double step = fresh - b_[j];
      if (step == 0) continue;
      b_[j] = fresh;
      add(r_.data(), row(j), -step, p_.q);
    }
  }

  // Fenchel-Young sums: every term is >= 0 and none cancels. The dual point is the residual, scaled down
  // until the columns without an l2 part allow it.
  double gap() const {
    double scale = 1;
    double misfit = p_.constant;  // half the residual sum of squares
    for (std::size_t j = 0; j < p_.q; ++j) {
      const Coordinate& c = coordinates_[j];
      misfit -= 0.5 * b_[j] * (p_.linear[j] + r_[j]);
      if (c.excluded() || c.l2 > 0 || c.l1 == 0) continue;
      const double size = std::fabs(r_[j]);
      if (size > c.l1 && std::isinf(r_[j] > 0 ? c.upper : c.lower)) scale = std::min(scale, c.l1 / size);
    }
    double sum = (1 - scale) * (1 - scale) * std::max(misfit, 0.0);
    for (std::size_t j = 0; j < p_.q; ++j) {
      const Coordinate& c = coordinates_[j];
      if (c.excluded()) continue;
      const double z = scale * r_[j];
      if (!c.penalized() && std::isinf(z > 0 ? c.upper : c.lower)) {
        sum += curvature(j) > 0 ? 0.5 * r_[j] * r_[j] / curvature(j) : 0;  // what one more step would gain
      } else if (!c.penalized() || std::isfinite(c.conjugate(z))) {
        sum += std::max(0.0, c.value(b_[j]) + c.conjugate(z) - z * b_[j]);
      }
    }
    return sum;
  }

  GramProblem p_;
  std::vector<double> b_, r_;
  std::vector<Coordinate> coordinates_;
  std::vector<std::size_t> active_, free_;
  std::vector<double> matrix_, step_;
  Cholesky cholesky_;
  std::int64_t sweeps_ = 0;
  bool moved_ = false;
};

}  // namespace rightfit
