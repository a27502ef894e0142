// Lasso-like quadratics given by their columns, many tasks in step:
//
//     minimize  sum_i [ -u_i m_i + h_i/2 m_i^2 ]  +  sum_j penalty_j(b_j),    m_i = intercept + sum_j x_ij (b_j - start_j)
//
// Coordinate descent (Friedman, Hastie and Tibshirani 2010) finds which coefficients are not zero, visiting a column once
// for all tasks; conjugate gradients then solve for those (with their signs, each stopped where it would change its
// own), which descent does slowly where columns depend on each other. Where a task has a factor of their second moments
// (task_factor.hpp), that is the preconditioner; and where it is exact, active sets come first, which need little else.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "column_quadratics.hpp"
#include "penalty.hpp"
#include "task_factor.hpp"

namespace rightfit {

class Lockstep {
 public:
  // boxes and coef (q, lanes), padded lanes excluded; small (tasks). All tasks have a factor or none does; a factor holds
  // what was free in an earlier call and is `exact` where h and l2 are still the same.
  Lockstep(ColumnQuadratics& model, std::vector<Coordinate> boxes, std::vector<double> coef, const double* small,
           std::vector<TaskFactor> factors, bool exact)
      : model_(model), tasks_(model.tasks()), lanes_(model.lanes()), q_(model.size()), exact_(exact && !factors.empty()), boxes_(std::move(boxes)),
        b_(std::move(coef)), small_(small, small + tasks_), factors_(std::move(factors)), live_(lanes_), visits_(q_ * lanes_),
        most_(lanes_), changes_(lanes_), step_(lanes_), left_(q_ * lanes_), way_(left_), curved_(left_), ready_(left_) {
    std::fill_n(live_.begin(), tasks_, 1);
  }

  const std::vector<double>& coefficients() const { return b_; }

  // Until every task rests, or so many sweeps are done.
  void run(std::int64_t most_sweeps) {
    std::vector<std::size_t> every(q_);
    for (std::size_t j = 0; j < q_; ++j) every[j] = j;
    if (exact_) {
      pursue(every);
      if (!any_live()) return;
    } else if (!factors_.empty()) {
      foresee(every);
    }
    std::vector<char> unsettled(lanes_, 1);
    std::vector<double> least(lanes_, INFINITY);
    std::vector<int> idle(lanes_);  // rounds in which the objective fell by rounding at most
    for (std::int64_t sweeps = 0; sweeps < most_sweeps; ++sweeps) {
      look(every);
      const std::vector<double> now = objective(every);
      for (std::size_t t = 0; t < tasks_; ++t) {
        idle[t] = now[t] < least[t] - 1e-15 * std::fabs(least[t]) ? 0 : idle[t] + 1;
        least[t] = std::min(least[t], now[t]);
        live_[t] = live_[t] && most_[t] > small_[t] && idle[t] < most_idle;
      }
      if (!any_live()) break;
      const std::vector<char> moving = live_;
      const std::vector<std::size_t> free = free_columns(every);
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && unsettled[t];
      const bool descends = any_live();
      if (descends) descend(free, sweeps);
      live_ = moving;
      if (descends) look(free);
      solve(free_columns(free));
      unsettled = live_;
      // as many as there can be, if they take no longer than those of a large problem
      const std::size_t most_stops = stops + (factors_.empty() ? 0 : std::min(enough / free.size(), 2 * free.size()));
      for (std::size_t tries = 1; tries < most_stops && any_live(); ++tries) {
        look(free, false);
        solve(free_columns(free));
      }
      live_ = moving;
    }
  }

 private:
  static constexpr std::size_t stops = 6, enough = 10'000;  // direct steps before descent has its turn; times coefficients
  static constexpr int most_tries = 8;        // sweeps over the same coefficients
  static constexpr int most_iterations = 60;  // of conjugate gradients
  static constexpr int most_idle = 20;        // rounds that gain nothing
  static constexpr int most_rounds = 20;      // of those that join, and of those that have to stop

  // Where the coefficients that are not zero would go by themselves: from there few more leave zero or become it.
  void foresee(const std::vector<std::size_t>& every) {
    look(every, false);
    solve(free_columns(every));
    std::fill_n(live_.begin(), tasks_, 1);
  }

  // By factors that are exact: those that are not zero go to where none of them is pulled any more, and who would change its
  // sign stays at zero; then whoever is pulled out of zero joins them (a primal-dual active set; Ito and Kunisch 2003, Fan,
  // Jiao and Lu 2014), as long as that lowers the objective. Tasks that are still live then need something slower.
  void pursue(const std::vector<std::size_t>& every) {
    std::vector<char> failed(lanes_);
    for (int round = 0; round < most_rounds; ++round) {
      look(every, round > 0);
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && (most_[t] > small_[t] || round == 0);
      if (!any_live()) break;
      const std::vector<std::size_t> free = free_columns(every);
      if (free.empty()) continue;
      const std::vector<double> before = objective(every);
      const State near{b_, model_.kept()};
      for (std::size_t t = 0; t < tasks_; ++t) {
        if (!live_[t]) continue;
        renew(free, t);
        settle(t);
      }
      for (std::size_t j : free)
        for (std::size_t t = 0; t < lanes_; ++t) way_[j * lanes_ + t] = b_[j * lanes_ + t] - near.b[j * lanes_ + t];
      model_.set_out(free, way_);
      model_.go(std::vector<double>(lanes_, 1.0));
      const std::vector<double> after = objective(every);
      for (std::size_t t = 0; t < tasks_; ++t) {
        if (!live_[t] || after[t] < before[t] || most_[t] <= small_[t]) continue;
        failed[t] = 1;
        live_[t] = 0;
        model_.put_between(t, near.kept, model_.kept(), 0.0);
        for (std::size_t j : free) b_[j * lanes_ + t] = near.b[j * lanes_ + t];
      }
    }
    for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] || failed[t];
  }

  // Sends task t's free coefficients to where they are not pulled, again and again without those that have to stop.
  void settle(std::size_t t) {
    TaskFactor& factor = factors_[t];
    for (int round = 0; round < most_rounds && !factor.places().empty(); ++round) {
      const std::vector<std::size_t>& places = factor.places();
      std::vector<double> step;
      for (std::size_t j : places) step.push_back(left_[j * lanes_ + t]);
      factor.solve(step);
      std::vector<char> goes(places.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        const std::size_t k = places[i] * lanes_ + t;
        const double target = b_[k] + step[i], place = boxes_[k].stop(b_[k] != 0 ? b_[k] : left_[k], target);
        step[i] = target - place;
        goes[i] = step[i] == 0;
        b_[k] = place;
      }
      if (std::all_of(goes.begin(), goes.end(), [](char one) { return one; })) return;
      factor.multiply(step);
      for (std::size_t i = 0; i < places.size(); ++i) left_[places[i] * lanes_ + t] = step[i];
      factor.keep(goes);
    }
  }

  bool any_live() const { return std::any_of(live_.begin(), live_.end(), [](char one) { return one; }); }

  // Sweeps over the free coefficients, then over those that are not zero, until few more become zero or leave it.
  void descend(const std::vector<std::size_t>& free, std::int64_t& sweeps) {
    const std::vector<char> moving = live_;
    sweep(free);
    ++sweeps;
    for (std::size_t k = 0; k < b_.size(); ++k) visits_[k] = b_[k] != 0;
    const std::vector<std::size_t> active = free_columns(free);
    for (int tries = 0; tries < most_tries; ++tries) {
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && most_[t] > small_[t] && 64 * changes_[t] > active.size();
      if (!any_live()) break;
      sweep(active);
      ++sweeps;
    }
    live_ = moving;
  }

  // Those that some live task visits.
  std::vector<std::size_t> free_columns(const std::vector<std::size_t>& some) const {
    std::vector<std::size_t> out;
    for (std::size_t j : some)
      for (std::size_t t = 0; t < tasks_; ++t)
        if (live_[t] && visits_[j * lanes_ + t]) {
          out.push_back(j);
          break;
        }
    return out;
  }

  // Which coefficients of live tasks are free to move, to what they are pulled (left_), and the most that one promises; those
  // at zero only where they may be `entering`.
  void look(const std::vector<std::size_t>& some, bool entering = true) {
    std::fill(most_.begin(), most_.end(), 0.0);
    std::vector<std::size_t> asked;
    for (std::size_t j : some) {
      const auto here = b_.begin() + static_cast<std::ptrdiff_t>(j * lanes_);
      if (entering || std::any_of(here, here + static_cast<std::ptrdiff_t>(lanes_), [](double b) { return b != 0; })) {
        asked.push_back(j);
      } else {
        std::fill_n(visits_.begin() + static_cast<std::ptrdiff_t>(j * lanes_), lanes_, 0);
        std::fill_n(left_.begin() + static_cast<std::ptrdiff_t>(j * lanes_), lanes_, 0.0);
      }
    }
    model_.pulls(asked, curved_);
    for (std::size_t j : asked) {
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        const double pull = curved_[k];
        const Coordinate& c = boxes_[k];
        const double b = b_[k], side = b != 0 ? b : pull;
        left_[k] = pull - c.l2 * b - std::copysign(c.l1, side);
        const bool inside = left_[k] > 0 ? b < c.upper : b > c.lower;
        visits_[k] = live_[t] && !c.excluded() && inside && (b != 0 || (entering && left_[k] * side > 0));
        if (visits_[k] && bend(k) > 0) {
          most_[t] = std::max(most_[t], left_[k] * left_[k] / bend(k));
        } else {
          visits_[k] = 0;
          left_[k] = 0;
        }
      }
    }
  }

  // The second derivative of task t's objective along coefficient j, at k = j * lanes + t.
  double bend(std::size_t k) { return model_.curvature(k / lanes_)[k % lanes_] + boxes_[k].l2; }

  void sweep(const std::vector<std::size_t>& some) {
    std::fill(most_.begin(), most_.end(), 0.0);
    std::fill(changes_.begin(), changes_.end(), 0);
    for (std::size_t j : some) visit(j);
  }

  void visit(std::size_t j) {
    const std::vector<double>& pulls = model_.pulls(j);
    bool moves = false;
    for (std::size_t t = 0; t < lanes_; ++t) {
      const std::size_t k = j * lanes_ + t;
      const Coordinate& c = boxes_[k];
      const double old = b_[k];
      step_[t] = 0;
      if (!live_[t] || !visits_[k] || c.excluded() || (old == 0 && std::fabs(pulls[t]) <= c.l1)) continue;
      const double curved = model_.curvature(j)[t];
      if (!(curved + c.l2 > 0)) continue;
      const double fresh = c.minimize(curved, pulls[t] + curved * old), step = fresh - old;
      if (step == 0) continue;
      changes_[t] += (fresh == 0) != (old == 0);
      if (std::fabs(step) > 1e-14 * std::fabs(fresh)) most_[t] = std::max(most_[t], (curved + c.l2) * step * step);
      b_[k] = fresh;
      step_[t] = step;
      moves = true;
    }
    if (moves) model_.move(j, step_);
  }

  // The objectives up to a constant.
  std::vector<double> objective(const std::vector<std::size_t>& active) const {
    std::vector<double> out = model_.values();
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t)
        if (b_[j * lanes_ + t] != 0) out[t] += boxes_[j * lanes_ + t].value(b_[j * lanes_ + t]);
    return out;
  }

  // Conjugate gradients on the free coefficients of all live tasks, then each is stopped by itself; where that does not
  // lower the objective all stop with the first.
  void solve(const std::vector<std::size_t>& active) {
    const std::vector<double> before = objective(active), side = left_;  // where coefficients go that are zero
    const State near{b_, model_.kept()};
    conjugate_gradients(active);
    const State far{b_, model_.kept()};
    std::vector<char> going = live_;
    std::fill(live_.begin(), live_.end(), 0);
    for (const double share : {1.0, 0.25, 0.0}) {
      const std::vector<double> reach = share > 0 ? std::vector<double>(lanes_, share) : least(active, near, far, side);
      for (std::size_t t = 0; share < 1 && t < tasks_; ++t)
        if (going[t]) model_.put_between(t, near.kept, far.kept, reach[t]);
      std::vector<char> stopped(lanes_);
      for (std::size_t j : active) {
        bool moves = false;
        for (std::size_t t = 0; t < lanes_; ++t) {
          const std::size_t k = j * lanes_ + t;
          step_[t] = 0;
          if (!going[t] || far.b[k] == near.b[k]) continue;
          const double way = far.b[k] - near.b[k], target = reach[t] < 1 ? near.b[k] + reach[t] * way : far.b[k];
          double place = boxes_[k].stop(near.b[k] != 0 ? near.b[k] : side[k], target);
          if (share == 0 && boxes_[k].l1 > 0 && std::fabs(place) <= 1e-14 * std::fabs(way)) place = 0;  // it stopped here
          step_[t] = place - target;
          b_[k] = place;
          stopped[t] = stopped[t] || place != target || reach[t] < 1;
          moves = moves || step_[t] != 0;
        }
        if (moves) model_.move(j, step_);
      }
      const std::vector<double> after = objective(active);
      bool again = false;
      for (std::size_t t = 0; t < tasks_; ++t) {
        if (!going[t]) continue;
        live_[t] = stopped[t];
        going[t] = after[t] > before[t];
        again = again || going[t];
      }
      if (!again) break;
    }
  }

  struct State {
    std::vector<double> b;
    ColumnQuadratics::Kept kept;
  };

  // The share of the way at which the objective is least, before the first coefficient has to stop.
  std::vector<double> least(const std::vector<std::size_t>& active, const State& near, const State& far,
                            const std::vector<double>& side) const {
    std::vector<double> slope(lanes_), bend(lanes_), reach(lanes_, 1.0);
    model_.derive(near.kept, far.kept, slope, bend);
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        const double way = far.b[k] - near.b[k], from = near.b[k] != 0 ? near.b[k] : side[k];
        if (way == 0) continue;
        slope[t] += (boxes_[k].l2 * near.b[k] + std::copysign(boxes_[k].l1, from)) * way;
        bend[t] += boxes_[k].l2 * way * way;
        reach[t] = std::min(reach[t], (boxes_[k].stop(from, far.b[k]) - near.b[k]) / way);
      }
    for (std::size_t t = 0; t < lanes_; ++t)
      reach[t] = slope[t] < 0 && bend[t] > 0 ? std::min(reach[t], -slope[t] / bend[t]) : 0.0;
    return reach;
  }

  // Preconditioned by the task's factor or the diagonal; a task rests where no coefficient promises more than its small, or
  // much less than at first.
  void conjugate_gradients(const std::vector<std::size_t>& active) {
    std::vector<double> product(lanes_), diagonal(lanes_), before(lanes_), share(lanes_), most(lanes_), now(lanes_);
    std::vector<char> going = live_;
    for (std::size_t t = 0; t < factors_.size(); ++t)
      if (live_[t]) renew(active, t);
    precondition(active, going, before, most);
    const std::vector<double> first = most;
    way_ = ready_;
    for (int count = 0; count < most_iterations; ++count) {
      for (std::size_t t = 0; t < tasks_; ++t) going[t] = going[t] && before[t] > 0;
      if (std::none_of(going.begin(), going.end(), [](char one) { return one; })) return;
      model_.set_out(active, way_);
      std::fill(product.begin(), product.end(), 0.0);
      std::fill(diagonal.begin(), diagonal.end(), 0.0);
      model_.bends(active, curved_);
      for (std::size_t j : active) {
        for (std::size_t t = 0; t < lanes_; ++t) {
          const std::size_t k = j * lanes_ + t;
          curved_[k] += boxes_[k].l2 * way_[k];
          product[t] += way_[k] * curved_[k];
          if (way_[k] != 0) diagonal[t] += way_[k] * way_[k] * bend(k);
        }
      }
      for (std::size_t t = 0; t < lanes_; ++t) {
        // along columns that depend on each other the way leads far, to where something has to stop
        const double least = 1e-10 * diagonal[t];
        share[t] = going[t] ? before[t] / std::max(product[t], least) : 0.0;
        going[t] = going[t] && product[t] > least;
      }
      advance(active, share);
      for (std::size_t j : active)
        for (std::size_t t = 0; t < lanes_; ++t)
          if (visits_[j * lanes_ + t]) left_[j * lanes_ + t] -= share[t] * curved_[j * lanes_ + t];
      precondition(active, going, now, most);
      for (std::size_t t = 0; t < tasks_; ++t) going[t] = going[t] && most[t] > std::max(0.1 * small_[t], 1e-16 * first[t]);
      for (std::size_t j : active)
        for (std::size_t t = 0; t < lanes_; ++t) {
          const std::size_t k = j * lanes_ + t;
          way_[k] = going[t] && visits_[k] ? ready_[k] + now[t] / before[t] * way_[k] : 0.0;
        }
      before = now;
    }
  }

  // Some of the way.
  void advance(const std::vector<std::size_t>& active, const std::vector<double>& share) {
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) b_[j * lanes_ + t] += share[t] * way_[j * lanes_ + t];
    model_.go(share);
  }

  // ready_ = what is left, preconditioned, and the product of both; the most that a coefficient promises
  void precondition(const std::vector<std::size_t>& active, const std::vector<char>& going, std::vector<double>& product,
                    std::vector<double>& most) {
    std::fill(product.begin(), product.end(), 0.0);
    std::fill(most.begin(), most.end(), 0.0);
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        ready_[k] = visits_[k] ? left_[k] / bend(k) : 0.0;
        most[t] = std::max(most[t], left_[k] * ready_[k]);
      }
    for (std::size_t t = 0; t < tasks_; ++t) {
      if (factors_.empty() || !going[t]) continue;
      for (std::size_t j : active) ready_[j * lanes_ + t] = 0;
      factors_[t].solve(left_.data() + t, ready_.data() + t, lanes_);
    }
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) product[t] += left_[j * lanes_ + t] * ready_[j * lanes_ + t];
  }

  // Task t's factor holds what is free in it.
  void renew(const std::vector<std::size_t>& active, std::size_t t) {
    std::vector<std::size_t> free;
    for (std::size_t j : active)
      if (visits_[j * lanes_ + t]) free.push_back(j);
    factors_[t].renew(model_.columns(), free, model_.row_curvatures(t), model_.total(t),
                      [&](std::size_t j) { return model_.mean(j, t); }, [&](std::size_t j) { return boxes_[j * lanes_ + t].l2; });
  }

  ColumnQuadratics& model_;
  std::size_t tasks_, lanes_, q_;
  bool exact_;
  std::vector<Coordinate> boxes_;
  std::vector<double> b_, small_;
  std::vector<TaskFactor> factors_;
  std::vector<char> live_, visits_;
  std::vector<double> most_;
  std::vector<std::size_t> changes_;
  std::vector<double> step_, left_, way_, curved_, ready_;
};

}  // namespace rightfit
