// Coordinate descent on a quadratic with a weighted elastic net in a box, whatever holds the quadratic:
//
//     minimize  Q(b)  +  sum_j (l1_j |b_j| + l2_j/2 b_j^2),   lower <= b <= upper
//
// A Model knows Q: how strongly a coefficient is pulled (- dQ/db_j), its curvature, and how to move it. Cyclic
// descent (Friedman, Hastie and Tibshirani 2010) finds which coefficients are not zero; where it is slow, a
// direct step solves for those that are free to move: a Newton step, cut at the first coefficient that would
// change its sign or leave the box.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cholesky.hpp"
#include "penalty.hpp"

namespace rightfit {

// Model: size(), pull(j), curvature(j), move(j, step), moments(free, matrix) for the lower triangle of the second
// derivatives of the free coefficients, and patience(n): sweeps over n coefficients that cost as much as a direct step.
template <class Model>
class Descent {
 public:
  Descent(Model& model, const double* start) : model_(model), b_(start, start + model.size()), coordinates_(model.size()) {}

  const std::vector<double>& coefficients() const { return b_; }
  const std::vector<Coordinate>& coordinates() const { return coordinates_; }
  Coordinate& coordinate(std::size_t j) { return coordinates_[j]; }
  std::int64_t sweeps() const { return sweeps_; }
  void restart_count() { sweeps_ = 0; }

  // Descends until no coordinate promises a decrease of more than `small`; true where nothing moves beyond
  // rounding any more.
  bool run(double small, std::int64_t most_sweeps) {
    std::int64_t patience = 3;
    for (;;) {
      const double most = sweep_all();
      if (!moved_) return true;
      if (most <= small || sweeps_ >= most_sweeps) return false;
      active_.clear();
      for (std::size_t j = 0; j < b_.size(); ++j)
        if (b_[j] != 0) active_.push_back(j);
      for (std::int64_t tries = 0; sweeps_ < most_sweeps; ++tries) {
        if (sweep_active() <= small || !moved_) break;
        if (tries >= patience) {
          direct();
          patience = 2 + model_.patience(active_.size());
          break;
        }
      }
    }
  }

 private:
  // One coordinate; returns twice the decrease of the objective.
  double visit(std::size_t j) {
    const Coordinate& c = coordinates_[j];
    const double curvature = model_.curvature(j);
    if (c.excluded() || !(curvature + c.l2 > 0)) return 0;
    const double old = b_[j], pull = model_.pull(j);
    if (old == 0 && std::fabs(pull) <= c.l1) return 0;
    const double fresh = c.minimize(curvature, pull + curvature * old);
    const double step = fresh - old;
    if (step == 0) return 0;
    move(j, fresh);
    if (std::fabs(step) > 1e-14 * std::fabs(fresh)) moved_ = true;
    return (curvature + c.l2) * step * step;
  }

  void move(std::size_t j, double fresh) {
    const double step = fresh - b_[j];
    if (step == 0) return;
    b_[j] = fresh;
    model_.move(j, step);
  }

  double sweep_all() {
    ++sweeps_;
    moved_ = false;
    double most = 0;
    for (std::size_t j = 0; j < b_.size(); ++j) most = std::max(most, visit(j));
    return most;
  }

  double sweep_active() {
    ++sweeps_;
    moved_ = false;
    double most = 0;
    for (std::size_t j : active_) most = std::max(most, visit(j));
    return most;
  }

  // The coefficients that are free to move: inside the box and not zero, or unpenalized; with `entering` also
  // those at zero that are pulled harder than their l1.
  void choose_free(bool entering) {
    free_.clear();
    pulls_.clear();
    for (std::size_t j = 0; j < b_.size(); ++j) {
      const Coordinate& c = coordinates_[j];
      if (c.excluded() || !(model_.curvature(j) + c.l2 > 0)) continue;
      const bool inside = b_[j] > c.lower && b_[j] < c.upper && (b_[j] != 0 || c.l1 == 0);
      if (!inside && !(entering && b_[j] == 0 && c.l1 > 0)) continue;
      const double pull = model_.pull(j);
      if (!inside && !(std::fabs(pull) > c.l1 && (pull > 0 ? c.upper : c.lower) != 0)) continue;
      free_.push_back(j);
      pulls_.push_back(pull);
    }
  }

  // The Newton step of the free coefficients, in `step_`; false if one that enters would go the wrong way.
  bool newton_step() {
    const std::size_t n = free_.size();
    matrix_.resize(n * n);
    step_.resize(n);
    sign_.resize(n);
    model_.moments(free_, matrix_);
    for (std::size_t a = 0; a < n; ++a) {
      const Coordinate& c = coordinates_[free_[a]];
      const double b = b_[free_[a]];
      sign_[a] = b > 0 || (b == 0 && pulls_[a] > 0) ? 1.0 : -1.0;
      matrix_[a * n + a] += c.l2;
      step_[a] = pulls_[a] - c.l2 * b - sign_[a] * c.l1;
    }
    cholesky_.factor(matrix_, n);
    cholesky_.solve(step_);
    for (std::size_t a = 0; a < n; ++a)
      if (b_[free_[a]] == 0 && coordinates_[free_[a]].l1 > 0 && step_[a] * sign_[a] < 0) return false;
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
      const Coordinate& c = coordinates_[free_[a]];
      const double b = b_[free_[a]], target = b + step_[a];
      const double limit = c.l1 > 0 && b * target < 0 ? 0.0 : std::clamp(target, c.lower, c.upper);
      const double reach = limit == target ? 1.0 : (limit - b) / step_[a];
      if (reach < share) {
        share = reach;
        first = a;
      }
    }
    for (std::size_t a = 0; a < n; ++a) {
      const Coordinate& c = coordinates_[free_[a]];
      const double b = b_[free_[a]];
      const bool crosses = a == first && c.l1 > 0 && b * (b + step_[a]) < 0;
      move(free_[a], crosses ? 0.0 : std::clamp(b + share * step_[a], c.lower, c.upper));
    }
  }

  Model& model_;
  std::vector<double> b_;
  std::vector<Coordinate> coordinates_;
  std::vector<std::size_t> active_, free_;
  std::vector<double> pulls_, sign_, matrix_, step_;
  Cholesky cholesky_;
  std::int64_t sweeps_ = 0;
  bool moved_ = false;
};

}  // namespace rightfit
