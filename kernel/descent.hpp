// Coordinate descent on a quadratic with a weighted elastic net in a box, whatever holds the quadratic:
//
//     minimize  Q(b)  +  sum_j (l1_j |b_j| + l2_j/2 b_j^2),   lower <= b <= upper
//
// A Model knows Q: how strongly a coefficient is pulled (- dQ/db_j), its curvature, and how to move it. Cyclic
// descent (Friedman, Hastie and Tibshirani 2010) finds which coefficients are not zero; where it is slow, a
// direct step solves for those that are free to move: a Newton step, cut at the first coefficient that would
// change its sign or leave the box.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cholesky.hpp"
#include "penalty.hpp"

namespace rightfit {

// Model: value(b) of Q up to a constant, remember(k), combine(shares) and restore(k) for what it holds, size(), pull(j), curvature(j), move(j, step), moments(free, matrix) for the lower triangle of the second
// derivatives of the free coefficients, and patience(n): sweeps over n coefficients that cost as much as a direct step.
// An affine combination's weights that make its mean difference least: U'U w = 1, scaled to sum one.
template <std::size_t K>
bool affine_weights(double (&moments)[K][K], double (&share)[K]) {
  double trace = 0, total = 0;
  for (std::size_t k = 0; k < K; ++k) trace += moments[k][k];
  for (std::size_t k = 0; k < K; ++k) {
    moments[k][k] += 1e-12 * trace;
    share[k] = 1;
    for (std::size_t l = 0; l < k; ++l) {
      const double factor = moments[k][l] / moments[l][l];
      for (std::size_t i = l; i < K; ++i) moments[k][i] -= factor * moments[l][i];
      share[k] -= factor * share[l];
    }
    if (!(moments[k][k] > 0)) return false;
  }
  for (std::size_t k = K; k-- > 0;) {
    for (std::size_t i = k + 1; i < K; ++i) share[k] -= moments[k][i] * share[i];
    share[k] /= moments[k][k];
    total += share[k];
  }
  for (double& each : share) each /= total;
  return std::isfinite(total) && total != 0;
}

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
      for (std::size_t tries = 0; sweeps_ < most_sweeps; ++tries) {
        remember(tries % memory);
        if (sweep_active() <= small || !moved_) break;
        if (tries % memory == memory - 1) extrapolate();
        if (static_cast<std::int64_t>(tries) >= patience) {
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

  // Anderson's extrapolation of the last sweeps (Bertrand and Massias 2021, arXiv 2011.10065): the affine
  // combination of the iterates whose differences nearly cancel, kept where it lowers the objective. What the
  // model holds is affine in the coefficients too, so that no product is needed.
  void remember(std::size_t k) {
    past_.resize(memory + 1);
    past_[k] = b_;
    model_.remember(k);
  }

  void extrapolate() {
    remember(memory);
    double moments[memory][memory], share[memory];
    for (std::size_t k = 0; k < memory; ++k)
      for (std::size_t l = 0; l <= k; ++l) {
        double total = 0;
        for (std::size_t j : active_) total += (past_[k + 1][j] - past_[k][j]) * (past_[l + 1][j] - past_[l][j]);
        moments[k][l] = moments[l][k] = total;
      }
    if (!affine_weights<memory>(moments, share)) return;
    const double before = objective();
    for (std::size_t j : active_) {
      double fresh = 0;
      for (std::size_t k = 0; k < memory; ++k) fresh += share[k] * past_[k + 1][j];
      if (fresh < coordinates_[j].lower || fresh > coordinates_[j].upper) fresh = NAN;
      b_[j] = fresh;
    }
    model_.combine(share, memory);
    if (objective() <= before) return;
    b_ = past_[memory];
    model_.restore(memory);
  }

  double objective() const {
    double total = model_.value(b_);
    for (std::size_t j = 0; j < b_.size(); ++j)
      if (b_[j] != 0) total += coordinates_[j].value(b_[j]);
    return total;
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

  // The Newton step of the free coefficients, in `step_`.
  void newton_step() {
    const std::size_t n = free_.size();
    matrix_.resize(n * n);
    step_.resize(n);
    model_.moments(free_, matrix_);
    for (std::size_t a = 0; a < n; ++a) {
      const Coordinate& c = coordinates_[free_[a]];
      const double b = b_[free_[a]];
      matrix_[a * n + a] += c.l2;
      step_[a] = pulls_[a] - c.l2 * b - (b > 0 || (b == 0 && pulls_[a] > 0) ? c.l1 : -c.l1);
    }
    cholesky_.factor(matrix_, n);
    cholesky_.solve(step_);
  }

  double stop(std::size_t a, double target) const {
    const double b = b_[free_[a]];
    return coordinates_[free_[a]].stop(b != 0 ? b : pulls_[a], target);
  }

  // Newton steps of the free coefficients. At first each is stopped by itself; where that does not lower the
  // objective, or some were stopped and steps are cheap, all stop with the first, which is free no more, and the
  // others go on: then they end at the optimum of their signs, however strongly columns depend on each other.
  void direct() {
    choose_free(true);
    newton_step();
    const double before = objective();
    const std::size_t n = free_.size();
    start_.resize(n);
    bool stopped = false;
    for (std::size_t a = 0; a < n; ++a) {
      const double b = b_[free_[a]], target = b + step_[a], place = stop(a, target);
      start_[a] = b;
      stopped |= place != target;
      move(free_[a], place);
    }
    if (!stopped) return;
    const bool lower = objective() <= before;
    if (!lower)
      for (std::size_t a = 0; a < n; ++a) move(free_[a], start_[a]);
    const std::size_t rounds = n <= cheap ? n : lower ? 0 : 1;
    for (std::size_t round = 0; round < rounds; ++round) {
      choose_free(false);
      newton_step();
      if (!go_to_first_stop()) return;
    }
  }

  // Moves all free coefficients as far as the first of them that has to stop; false where none has.
  bool go_to_first_stop() {
    double share = 1;
    std::size_t first = free_.size();
    for (std::size_t a = 0; a < free_.size(); ++a) {
      const double b = b_[free_[a]], place = stop(a, b + step_[a]);
      const double reach = place == b + step_[a] ? 1.0 : (place - b) / step_[a];
      if (reach < share) {
        share = reach;
        first = a;
      }
    }
    for (std::size_t a = 0; a < free_.size(); ++a) {
      const double b = b_[free_[a]];
      move(free_[a], a == first ? stop(a, b + step_[a]) : stop(a, b + share * step_[a]));
    }
    return first < free_.size();
  }

  static constexpr std::size_t memory = 5;   // sweeps that an extrapolation combines
  static constexpr std::size_t cheap = 200;  // coefficients whose Newton steps cost no more than sweeps

  Model& model_;
  std::vector<double> b_;
  std::vector<std::vector<double>> past_;
  std::vector<Coordinate> coordinates_;
  std::vector<std::size_t> active_, free_;
  std::vector<double> pulls_, start_, matrix_, step_;
  Cholesky cholesky_;
  std::int64_t sweeps_ = 0;
  bool moved_ = false;
};

}  // namespace rightfit
