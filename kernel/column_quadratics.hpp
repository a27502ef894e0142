// Quadratics given by their columns, of many tasks side by side:
//
//     Q(b) = sum_i [ -u_i m_i + h_i/2 m_i^2 ],    m_i = intercept + sum_j x_ij (b_j - start_j)
//
// Kept is s = u - h m; a pull and a move cost a pass over one column for all tasks. The intercept is profiled out: a
// column acts as its deviation from its h-weighted mean, and what that takes from s (h times a number) is the `lag`.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "bundle.hpp"

namespace rightfit {

class ColumnQuadratics {
 public:
  struct Kept {
    std::vector<double> s, lag;  // (n, lanes), (lanes)
  };

  // h, s (n, lanes), padded lanes 0. Means and curvatures (q, lanes), NaN where they are not known, belong to h.
  ColumnQuadratics(const Columns& columns, std::size_t tasks, bool intercept, std::vector<double> h, std::vector<double> s,
                   std::vector<double> means, std::vector<double> curvatures)
      : x_(columns), tasks_(tasks), lanes_(Columns::padded(tasks)), profiled_(intercept), h_(std::move(h)), total_(lanes_),
        mean_(std::move(means)), curvature_(std::move(curvatures)), pull_(lanes_), against_(lanes_),
        kept_{std::move(s), std::vector<double>(lanes_)}, way_{std::vector<double>(x_.n * lanes_), std::vector<double>(lanes_)} {
    std::vector<double> sums(lanes_);
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        total_[t] += h_[i * lanes_ + t];
        sums[t] += kept_.s[i * lanes_ + t];
      }
    if (!profiled_) mean_.assign(size() * lanes_, 0.0);
    for (std::size_t t = 0; profiled_ && t < tasks_; ++t)
      if (total_[t] > 0) kept_.lag[t] = -sums[t] / total_[t];
    std::vector<std::size_t> fresh;
    for (std::size_t j = 0; profiled_ && j < size(); ++j)
      if (!known(&mean_[j * lanes_])) fresh.push_back(j);
    x_.dots(fresh, lanes_, h_.data(), mean_.data());
    for (std::size_t j : fresh)
      for (std::size_t t = 0; t < lanes_; ++t) mean_[j * lanes_ + t] = total_[t] > 0 ? mean_[j * lanes_ + t] / total_[t] : 0.0;
  }

  std::size_t size() const { return x_.size(); }
  std::size_t lanes() const { return lanes_; }
  std::size_t tasks() const { return tasks_; }
  const Columns& columns() const { return x_; }
  const Kept& kept() const { return kept_; }
  const std::vector<double>& means() const { return mean_; }
  const std::vector<double>& curvatures() const { return curvature_; }
  double total(std::size_t t) const { return total_[t]; }
  double mean(std::size_t j, std::size_t t) const { return mean_[j * lanes_ + t]; }

  // The second derivatives along column j, computed once.
  const double* curvature(std::size_t j) {
    double* out = &curvature_[j * lanes_];
    if (known(out)) return out;
    x_.squares(j, lanes_, h_.data(), out);
    for (std::size_t t = 0; t < lanes_; ++t) {
      const double own = out[t] - mean(j, t) * mean(j, t) * total_[t];
      out[t] = own <= 1e-13 * out[t] ? 0.0 : own;
    }
    return out;
  }

  // How strongly each task's coefficient j is pulled.
  const std::vector<double>& pulls(std::size_t j) {
    x_.dot(j, lanes_, kept_.s.data(), pull_.data());
    for (std::size_t t = 0; t < lanes_; ++t) pull_[t] += kept_.lag[t] * mean(j, t) * total_[t];
    return pull_;
  }

  // The same of some columns, out (q, lanes).
  void pulls(const std::vector<std::size_t>& some, std::vector<double>& out) const { pulls(some, kept_, out); }

  void move(std::size_t j, const std::vector<double>& step) {
    for (std::size_t t = 0; t < lanes_; ++t) {
      kept_.lag[t] += step[t] * mean(j, t);
      against_[t] = -step[t];
    }
    x_.add(j, lanes_, against_.data(), h_.data(), kept_.s.data());
  }

  // Looks along a way (q, lanes) of some columns: `bends` and `go` then speak of it.
  void set_out(const std::vector<std::size_t>& some, const std::vector<double>& way) {
    std::fill(way_.s.begin(), way_.s.end(), 0.0);
    std::fill(way_.lag.begin(), way_.lag.end(), 0.0);
    x_.adds(some, lanes_, way.data(), way_.s.data());
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) {
        way_.s[i * lanes_ + t] *= h_[i * lanes_ + t];
        way_.lag[t] -= way_.s[i * lanes_ + t];
      }
    for (std::size_t t = 0; t < lanes_; ++t) way_.lag[t] = profiled_ && total_[t] > 0 ? way_.lag[t] / total_[t] : 0.0;
  }

  // By how much the pulls on some coefficients fall along the way, out (q, lanes).
  void bends(const std::vector<std::size_t>& some, std::vector<double>& out) const { pulls(some, way_, out); }

  void go(const std::vector<double>& share) {
    for (std::size_t i = 0; i < x_.n; ++i)
      for (std::size_t t = 0; t < lanes_; ++t) kept_.s[i * lanes_ + t] -= share[t] * way_.s[i * lanes_ + t];
    for (std::size_t t = 0; t < lanes_; ++t) kept_.lag[t] -= share[t] * way_.lag[t];
  }

  // Puts task t at this share of the way between two places.
  void put_between(std::size_t t, const Kept& near, const Kept& far, double share) {
    for (std::size_t k = t; k < h_.size(); k += lanes_) kept_.s[k] = near.s[k] + share * (far.s[k] - near.s[k]);
    kept_.lag[t] = near.lag[t] + share * (far.lag[t] - near.lag[t]);
  }

  // Up to a constant: with s = u - h m, h/2 m^2 - u m is (s^2 - u^2) / 2h.
  std::vector<double> values() const {
    std::vector<double> out(lanes_);
    for (std::size_t k = 0; k < h_.size(); ++k) {
      const std::size_t t = k % lanes_;
      const double s = kept_.s[k] + kept_.lag[t] * h_[k];
      if (h_[k] > 0) out[t] += 0.5 * s * s / h_[k];
    }
    return out;
  }

  // Adds the first and second derivatives from one place towards another.
  void derive(const Kept& near, const Kept& far, std::vector<double>& slope, std::vector<double>& bend) const {
    for (std::size_t k = 0; k < h_.size(); ++k) {
      const std::size_t t = k % lanes_;
      if (!(h_[k] > 0)) continue;
      const double here = near.s[k] + near.lag[t] * h_[k], way = far.s[k] + far.lag[t] * h_[k] - here;
      slope[t] += here * way / h_[k];
      bend[t] += way * way / h_[k];
    }
  }

  // (n) of task t
  std::vector<double> row_curvatures(std::size_t t) const {
    std::vector<double> out(x_.n);
    for (std::size_t i = 0; i < x_.n; ++i) out[i] = h_[i * lanes_ + t];
    return out;
  }

 private:
  bool known(const double* of) const {
    return std::none_of(of, of + tasks_, [](double one) { return std::isnan(one); });
  }

  void pulls(const std::vector<std::size_t>& some, const Kept& from, std::vector<double>& out) const {
    x_.dots(some, lanes_, from.s.data(), out.data());
    for (std::size_t j : some)
      for (std::size_t t = 0; t < lanes_; ++t) out[j * lanes_ + t] += from.lag[t] * mean(j, t) * total_[t];
  }

  Columns x_;
  std::size_t tasks_, lanes_;
  bool profiled_;
  std::vector<double> h_, total_, mean_, curvature_, pull_, against_;
  Kept kept_, way_;
};

}  // namespace rightfit
