// Lasso-like quadratics given by their columns, many tasks in step:
//
//     minimize  sum_i [ -u_i m_i + h_i/2 m_i^2 ]  +  sum_j penalty_j(b_j),    m_i = intercept + sum_j x_ij (b_j - start_j)
//
// Coordinate descent (Friedman, Hastie and Tibshirani 2010) finds which coefficients are not zero, visiting a column once
// for all tasks; conjugate gradients then solve for those (with their signs, each stopped where it would change its
// own), which descent does slowly where columns depend on each other. Where a task has a factor of their second moments
// (task_factor.hpp), that is the preconditioner and one step is enough.
//
// Kept is s = u - h m; a pull and a move cost a pass over one column. The intercept is profiled out: a column acts as
// its deviation from its h-weighted mean, and what that takes from s (h times a number) is in `lag_`.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "bundle.hpp"
#include "penalty.hpp"
#include "task_factor.hpp"

namespace rightfit {

class Lockstep {
 public:
  // h, s (n, lanes), padded lanes 0; boxes and coef (q, lanes), padded lanes excluded; small (tasks). All tasks have a factor
  // or none does; a factor holds what was free in an earlier call and is `exact` where h and l2 are still the same. Means
  // and curvatures (q, lanes), NaN where they are not known, belong to h.
  Lockstep(const Columns& columns, std::size_t tasks, bool intercept, std::vector<double> h, std::vector<double> s,
           std::vector<Coordinate> boxes, std::vector<double> coef, const double* small, std::vector<TaskFactor> factors,
           bool exact, std::vector<double> means, std::vector<double> curvatures)
      : x_(columns), tasks_(tasks), lanes_(Columns::padded(tasks)), q_(columns.size()), profiled_(intercept), exact_(exact),
        h_(std::move(h)), s_(std::move(s)), boxes_(std::move(boxes)), b_(std::move(coef)), small_(small, small + tasks),
        factors_(std::move(factors)), total_(lanes_), lag_(lanes_), mean_(std::move(means)),
        curvature_(std::move(curvatures)), live_(lanes_), visits_(q_ * lanes_), most_(lanes_), changes_(lanes_), pull_(lanes_),
        step_(lanes_), rows_(x_.n * lanes_), left_(q_ * lanes_), way_(left_), curved_(left_), ready_(left_) {
    std::vector<double> sums(lanes_);
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        total_[t] += h_[i * lanes_ + t];
        sums[t] += s_[i * lanes_ + t];
      }
    if (!profiled_) mean_.assign(q_ * lanes_, 0.0);
    for (std::size_t t = 0; t < tasks_; ++t) {
      live_[t] = 1;
      if (profiled_ && total_[t] > 0) lag_[t] = -sums[t] / total_[t];
    }
    if (profiled_)
      for (std::size_t j = 0; j < q_; ++j) {
        if (known(&mean_[j * lanes_])) continue;
        x_.dot(j, lanes_, h_.data(), &mean_[j * lanes_]);
        for (std::size_t t = 0; t < lanes_; ++t) mean_[j * lanes_ + t] = total_[t] > 0 ? mean_[j * lanes_ + t] / total_[t] : 0.0;
      }
  }

  const std::vector<double>& coefficients() const { return b_; }
  const std::vector<double>& means() const { return mean_; }
  const std::vector<double>& curvatures() const { return curvature_; }

  // The number of sweeps; below most_sweeps where every task rests.
  std::int64_t run(std::int64_t most_sweeps) {
    std::vector<std::size_t> every(q_);
    for (std::size_t j = 0; j < q_; ++j) every[j] = j;
    std::int64_t sweeps = 0;
    if (!factors_.empty()) foresee(every);
    std::vector<char> unsettled(lanes_, 1);
    for (; sweeps < most_sweeps; ++sweeps) {
      std::vector<char> moving = live_;
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && unsettled[t];
      if (any_live()) descend(every, sweeps);
      live_ = moving;
      look(every);
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && most_[t] > small_[t];
      if (!any_live()) break;
      moving = live_;
      const std::vector<std::size_t> active = free_columns(every);
      solve(active);
      unsettled = live_;
      // as many as take no longer than those of a large problem
      const std::size_t most_stops = stops + (factors_.empty() ? 0 : enough / active.size());
      for (std::size_t tries = 1; tries < most_stops && any_live(); ++tries) {
        look(every, false);
        solve(free_columns(every));
      }
      live_ = moving;
    }
    return sweeps;
  }

 private:
  static constexpr std::size_t stops = 6, enough = 10'000;  // direct steps before descent has its turn; times coefficients
  static constexpr int most_tries = 8;        // sweeps over the same coefficients
  static constexpr int most_iterations = 60;  // of conjugate gradients

  // Where the coefficients that are not zero would go by themselves: from there few more leave zero or become it.
  void foresee(const std::vector<std::size_t>& every) {
    look(every, false);
    solve(free_columns(every));
    std::fill(live_.begin(), live_.begin() + static_cast<std::ptrdiff_t>(tasks_), 1);
  }

  bool any_live() const { return std::any_of(live_.begin(), live_.end(), [](char one) { return one; }); }

  // Sweeps over all coefficients, then over those that are not zero, until few more become zero or leave it.
  void descend(const std::vector<std::size_t>& every, std::int64_t& sweeps) {
    const std::vector<char> moving = live_;
    std::fill(visits_.begin(), visits_.end(), 1);
    sweep(every);
    ++sweeps;
    for (std::size_t k = 0; k < b_.size(); ++k) visits_[k] = b_[k] != 0;
    const std::vector<std::size_t> active = free_columns(every);
    for (int tries = 0; tries < most_tries; ++tries) {
      for (std::size_t t = 0; t < tasks_; ++t) live_[t] = live_[t] && most_[t] > small_[t] && 64 * changes_[t] > active.size();
      if (!any_live()) break;
      sweep(active);
      ++sweeps;
    }
    live_ = moving;
  }

  // Those that some live task visits.
  std::vector<std::size_t> free_columns(const std::vector<std::size_t>& every) const {
    std::vector<std::size_t> out;
    for (std::size_t j : every)
      for (std::size_t t = 0; t < tasks_; ++t)
        if (live_[t] && visits_[j * lanes_ + t]) {
          out.push_back(j);
          break;
        }
    return out;
  }

  // Which coefficients of live tasks are free to move, to what they are pulled (left_), and the most that one promises; those
  // at zero only where they may be `entering`.
  void look(const std::vector<std::size_t>& every, bool entering = true) {
    std::fill(most_.begin(), most_.end(), 0.0);
    for (std::size_t j : every) {
      const auto here = b_.begin() + static_cast<std::ptrdiff_t>(j * lanes_);
      if (!entering && std::all_of(here, here + static_cast<std::ptrdiff_t>(lanes_), [](double b) { return b == 0; })) {
        std::fill_n(visits_.begin() + static_cast<std::ptrdiff_t>(j * lanes_), lanes_, 0);
        std::fill_n(left_.begin() + static_cast<std::ptrdiff_t>(j * lanes_), lanes_, 0.0);
        continue;
      }
      pull(j, s_, lag_);
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        const Coordinate& c = boxes_[k];
        const double b = b_[k], side = b != 0 ? b : pull_[t];
        left_[k] = pull_[t] - c.l2 * b - std::copysign(c.l1, side);
        visits_[k] = live_[t] && !c.excluded() && (b != 0 || (entering && left_[k] * side > 0)) && (left_[k] > 0 ? b < c.upper : b > c.lower);
        if (visits_[k] && curvature(j)[t] + c.l2 > 0) {
          most_[t] = std::max(most_[t], left_[k] * left_[k] / (curvature_[k] + c.l2));
        } else {
          visits_[k] = 0;
          left_[k] = 0;
        }
      }
    }
  }

  bool known(const double* of) const {
    return std::none_of(of, of + tasks_, [](double one) { return std::isnan(one); });
  }

  const double* curvature(std::size_t j) {
    double* out = &curvature_[j * lanes_];
    if (known(out)) return out;
    const std::vector<double> ones(lanes_, 1.0);
    std::fill(rows_.begin(), rows_.end(), 0.0);
    x_.add(j, lanes_, ones.data(), nullptr, rows_.data());
    for (std::size_t k = 0; k < rows_.size(); ++k) rows_[k] *= h_[k];
    x_.dot(j, lanes_, rows_.data(), out);
    for (std::size_t t = 0; t < lanes_; ++t) {
      const double own = out[t] - mean_[j * lanes_ + t] * mean_[j * lanes_ + t] * total_[t];
      out[t] = own <= 1e-13 * out[t] ? 0.0 : own;
    }
    return out;
  }

  // pull_ of column j on every task's coefficient, from the rows' s with a lag
  void pull(std::size_t j, const std::vector<double>& s, const std::vector<double>& lag) {
    x_.dot(j, lanes_, s.data(), pull_.data());
    for (std::size_t t = 0; t < lanes_; ++t) pull_[t] += lag[t] * mean_[j * lanes_ + t] * total_[t];
  }

  void sweep(const std::vector<std::size_t>& some) {
    std::fill(most_.begin(), most_.end(), 0.0);
    std::fill(changes_.begin(), changes_.end(), 0);
    for (std::size_t j : some) visit(j);
  }

  void visit(std::size_t j) {
    const std::size_t at = j * lanes_;
    pull(j, s_, lag_);
    bool moves = false;
    for (std::size_t t = 0; t < lanes_; ++t) {
      const Coordinate& c = boxes_[at + t];
      double& b = b_[at + t];
      step_[t] = 0;
      if (!live_[t] || !visits_[at + t] || c.excluded() || (b == 0 && std::fabs(pull_[t]) <= c.l1)) continue;
      const double curved = curvature(j)[t];
      if (!(curved + c.l2 > 0)) continue;
      const double fresh = c.minimize(curved, pull_[t] + curved * b), step = fresh - b;
      if (step == 0) continue;
      changes_[t] += (fresh == 0) != (b == 0);
      if (std::fabs(step) > 1e-14 * std::fabs(fresh)) most_[t] = std::max(most_[t], (curved + c.l2) * step * step);
      b = fresh;
      step_[t] = step;
      moves = true;
    }
    if (moves) move(j);
  }

  // column j by step_
  void move(std::size_t j) {
    for (std::size_t t = 0; t < lanes_; ++t) {
      lag_[t] += step_[t] * mean_[j * lanes_ + t];
      step_[t] = -step_[t];
    }
    x_.add(j, lanes_, step_.data(), h_.data(), s_.data());
  }

  // The objectives up to a constant: with s = u - h m, u m - h/2 m^2 is (u^2 - s^2) / 2h.
  std::vector<double> objective(const std::vector<std::size_t>& active) const {
    std::vector<double> out(lanes_);
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const double h = h_[i * lanes_ + t], s = s_[i * lanes_ + t] + lag_[t] * h;
        if (h > 0) out[t] += 0.5 * s * s / h;
      }
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t)
        if (b_[j * lanes_ + t] != 0) out[t] += boxes_[j * lanes_ + t].value(b_[j * lanes_ + t]);
    return out;
  }

  // Conjugate gradients on the free coefficients of all live tasks, then each is stopped by itself; where that does not
  // lower the objective all stop with the first.
  void solve(const std::vector<std::size_t>& active) {
    const std::vector<double> before = objective(active), side = left_;  // where coefficients go that are zero
    const State near{b_, s_, lag_};
    conjugate_gradients(active);
    const State far{b_, s_, lag_};
    std::vector<char> going = live_;
    std::fill(live_.begin(), live_.end(), 0);
    for (const double share : {1.0, 0.25, 0.0}) {
      const std::vector<double> reach = share > 0 ? std::vector<double>(lanes_, share) : least(active, near, far, side);
      if (share < 1) go_back(going, near, far, reach);
      std::vector<char> stopped(lanes_);
      for (std::size_t j : active) {
        bool moves = false;
        for (std::size_t t = 0; t < lanes_; ++t) {
          const std::size_t k = j * lanes_ + t;
          step_[t] = 0;
          if (!going[t] || far.b[k] == near.b[k]) continue;
          const double way = far.b[k] - near.b[k], target = reach[t] < 1 ? near.b[k] + reach[t] * way : far.b[k];
          double place = stop(k, near.b[k] != 0 ? near.b[k] : side[k], target);
          if (share == 0 && boxes_[k].l1 > 0 && std::fabs(place) <= 1e-14 * std::fabs(way)) place = 0;  // it stopped here
          step_[t] = place - target;
          b_[k] = place;
          stopped[t] = stopped[t] || place != target || reach[t] < 1;
          moves = moves || step_[t] != 0;
        }
        if (moves) move(j);
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
    std::vector<double> b, s, lag;
  };

  void go_back(const std::vector<char>& going, const State& near, const State& far, const std::vector<double>& reach) {
    for (std::size_t t = 0; t < tasks_; ++t) {
      if (!going[t]) continue;
      for (std::size_t k = t; k < s_.size(); k += lanes_) s_[k] = near.s[k] + reach[t] * (far.s[k] - near.s[k]);
      lag_[t] = near.lag[t] + reach[t] * (far.lag[t] - near.lag[t]);
    }
  }

  // The share of the way at which the objective is least, before the first coefficient has to stop.
  std::vector<double> least(const std::vector<std::size_t>& active, const State& near, const State& far,
                            const std::vector<double>& side) const {
    std::vector<double> slope(lanes_), bend(lanes_), reach(lanes_, 1.0);
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = i * lanes_ + t;
        if (!(h_[k] > 0)) continue;
        const double here = near.s[k] + near.lag[t] * h_[k], way = far.s[k] + far.lag[t] * h_[k] - here;
        slope[t] += here * way / h_[k];
        bend[t] += way * way / h_[k];
      }
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        const double way = far.b[k] - near.b[k], from = near.b[k] != 0 ? near.b[k] : side[k];
        if (way == 0) continue;
        slope[t] += (boxes_[k].l2 * near.b[k] + std::copysign(boxes_[k].l1, from)) * way;
        bend[t] += boxes_[k].l2 * way * way;
        reach[t] = std::min(reach[t], (stop(k, from, far.b[k]) - near.b[k]) / way);
      }
    for (std::size_t t = 0; t < lanes_; ++t)
      reach[t] = slope[t] < 0 && bend[t] > 0 ? std::min(reach[t], -slope[t] / bend[t]) : 0.0;
    return reach;
  }

  double stop(std::size_t k, double from, double target) const {
    const Coordinate& c = boxes_[k];
    return c.l1 > 0 && from * target < 0 ? 0.0 : std::clamp(target, c.lower, c.upper);
  }

  // Preconditioned by the task's factor or the diagonal; a task rests where no coefficient promises more than its small, or
  // much less than at first.
  void conjugate_gradients(const std::vector<std::size_t>& active) {
    std::vector<double> product(lanes_), diagonal(lanes_), before(lanes_), share(lanes_), lag(lanes_), most(lanes_), now(lanes_);
    std::vector<char> going = live_;
    for (std::size_t t = 0; t < factors_.size(); ++t)
      if (live_[t]) renew(active, t);
    precondition(active, going, before, most);
    const std::vector<double> first = most;
    way_ = ready_;
    for (int count = 0; count < most_iterations; ++count) {
      for (std::size_t t = 0; t < tasks_; ++t) going[t] = going[t] && before[t] > 0;
      if (std::none_of(going.begin(), going.end(), [](char one) { return one; })) return;
      times_way(active, lag);
      if (exact_) {  // nothing would be left
        share.assign(lanes_, 1.0);
        return advance(active, share, lag);
      }
      std::fill(product.begin(), product.end(), 0.0);
      std::fill(diagonal.begin(), diagonal.end(), 0.0);
      for (std::size_t j : active) {
        pull(j, rows_, lag);
        for (std::size_t t = 0; t < lanes_; ++t) {
          const std::size_t k = j * lanes_ + t;
          curved_[k] = pull_[t] + boxes_[k].l2 * way_[k];
          product[t] += way_[k] * curved_[k];
          if (way_[k] != 0) diagonal[t] += way_[k] * way_[k] * (curvature_[k] + boxes_[k].l2);
        }
      }
      for (std::size_t t = 0; t < lanes_; ++t) {
        // along columns that depend on each other the way leads far, to where something has to stop
        const double least = 1e-10 * diagonal[t];
        share[t] = going[t] ? before[t] / std::max(product[t], least) : 0.0;
        going[t] = going[t] && product[t] > least;
      }
      advance(active, share, lag);
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
  void advance(const std::vector<std::size_t>& active, const std::vector<double>& share, const std::vector<double>& lag) {
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) b_[j * lanes_ + t] += share[t] * way_[j * lanes_ + t];
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) s_[i * lanes_ + t] -= share[t] * rows_[i * lanes_ + t];
    for (std::size_t t = 0; t < lanes_; ++t) lag_[t] -= share[t] * lag[t];
  }

  // ready_ = what is left, preconditioned, and the product of both; the most that a coefficient promises
  void precondition(const std::vector<std::size_t>& active, const std::vector<char>& going, std::vector<double>& product,
                    std::vector<double>& most) {
    std::fill(product.begin(), product.end(), 0.0);
    std::fill(most.begin(), most.end(), 0.0);
    for (std::size_t j : active)
      for (std::size_t t = 0; t < lanes_; ++t) {
        const std::size_t k = j * lanes_ + t;
        ready_[k] = visits_[k] ? left_[k] / (curvature_[k] + boxes_[k].l2) : 0.0;
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
    std::vector<double> h(x_.n);
    for (std::size_t i = 0; i < x_.n; ++i) h[i] = h_[i * lanes_ + t];
    factors_[t].renew(x_, free, h, total_[t], [&](std::size_t j) { return mean_[j * lanes_ + t]; },
                      [&](std::size_t j) { return boxes_[j * lanes_ + t].l2; });
  }

  // rows_ = h times X way, and the lag that profiles the intercept out of it
  void times_way(const std::vector<std::size_t>& active, std::vector<double>& lag) {
    std::fill(rows_.begin(), rows_.end(), 0.0);
    std::fill(lag.begin(), lag.end(), 0.0);
    for (std::size_t j : active) x_.add(j, lanes_, &way_[j * lanes_], nullptr, rows_.data());
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        rows_[i * lanes_ + t] *= h_[i * lanes_ + t];
        lag[t] -= rows_[i * lanes_ + t];
      }
    for (std::size_t t = 0; t < lanes_; ++t) lag[t] = profiled_ && total_[t] > 0 ? lag[t] / total_[t] : 0.0;
  }

  Columns x_;
  std::size_t tasks_, lanes_, q_;
  bool profiled_, exact_;
  std::vector<double> h_, s_;
  std::vector<Coordinate> boxes_;
  std::vector<double> b_, small_;
  std::vector<TaskFactor> factors_;
  std::vector<double> total_, lag_, mean_, curvature_;
  std::vector<char> live_, visits_;
  std::vector<double> most_;
  std::vector<std::size_t> changes_;
  std::vector<double> pull_, step_, rows_, left_, way_, curved_, ready_;
};

}  // namespace rightfit
