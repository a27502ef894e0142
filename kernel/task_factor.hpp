// One task's factor of the second moments of its free coefficients, made of columns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "active_factor.hpp"
#include "bundle.hpp"
#include "products.hpp"

namespace rightfit {

class TaskFactor {
 public:
  // `names` (q) are those of the columns from call to call
  TaskFactor(ActiveFactor* factor, const std::int64_t* names, std::size_t q) : factor_(factor), names_(names), q_(q) {}

  // Holds these columns, and no others: their moments under h about mean(j), with l2(j) on the diagonal.
  template <class Mean, class L2>
  void renew(const Columns& x, const std::vector<std::size_t>& free, const std::vector<double>& h, double total, Mean mean, L2 l2) {
    std::vector<std::size_t> place(1 + static_cast<std::size_t>(*std::max_element(names_, names_ + q_)), none);
    for (std::size_t j : free) place[name(j)] = j;
    std::vector<char> wanted;
    for (std::int64_t known : factor_->names())
      wanted.push_back(static_cast<std::size_t>(known) < place.size() && place[static_cast<std::size_t>(known)] != none);
    factor_->keep(wanted);
    places_.clear();
    for (std::int64_t known : factor_->names()) {
      places_.push_back(place[static_cast<std::size_t>(known)]);
      place[static_cast<std::size_t>(known)] = none;
    }
    std::vector<std::size_t> fresh;
    for (std::size_t j : free)
      if (place[name(j)] != none) fresh.push_back(j);
    for (std::size_t from = 0; from < fresh.size(); from += ActiveFactor::panel)
      take(x, &fresh[from], std::min(ActiveFactor::panel, fresh.size() - from), h, total, mean, l2);
  }

  // Which of the columns it holds.
  const std::vector<std::size_t>& places() const { return places_; }

  // x, in the order of places(), becomes the inverse of the moments times x, or the moments times x.
  void solve(std::vector<double>& x) const { factor_->solve(x); }
  void multiply(std::vector<double>& x) const { factor_->multiply(x); }

  // Lets go of those that are not `wanted`, in the order of places().
  void keep(const std::vector<char>& wanted) {
    factor_->keep(wanted);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (wanted[i]) places_[kept++] = places_[i];
    places_.resize(kept);
  }

  // x = the inverse of the moments times b, for what it holds; both with a stride.
  void solve(const double* b, double* x, std::size_t stride) const {
    std::vector<double> part(places_.size());
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = b[places_[i] * stride];
    factor_->solve(part);
    for (std::size_t i = 0; i < part.size(); ++i) x[places_[i] * stride] = part[i];
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t name(std::size_t j) const { return static_cast<std::size_t>(names_[j]); }

  template <class Mean, class L2>
  void take(const Columns& x, const std::size_t* fresh, std::size_t k, const std::vector<double>& h, double total, Mean mean,
            L2 l2) {
    std::vector<std::size_t> all = places_;
    all.insert(all.end(), fresh, fresh + k);
    std::vector<double> weighted(k * x.n), moments(all.size() * k);
    const double once = 1;
    for (std::size_t a = 0; a < k; ++a) x.add(fresh[a], 1, &once, h.data(), &weighted[a * x.n]);
    if (x.q_sparse == 0) {
      dots(x.addresses(all).data(), all.size(), x.n, weighted.data(), x.n, k, moments.data());
    } else {
      for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t a = 0; a < k; ++a) x.dot(all[i], 1, &weighted[a * x.n], &moments[i * k + a]);
    }
    std::vector<std::int64_t> names;
    for (std::size_t a = 0; a < k; ++a) {
      names.push_back(names_[fresh[a]]);
      for (std::size_t i = 0; i < all.size(); ++i) moments[i * k + a] -= mean(all[i]) * mean(fresh[a]) * total;
      moments[(places_.size() + a) * k + a] += l2(fresh[a]);
    }
    factor_->take(names.data(), k, moments);
    places_ = all;
  }

  ActiveFactor* factor_;
  const std::int64_t* names_;
  std::size_t q_;
  std::vector<std::size_t> places_;  // where the factor's coefficients are among the columns
};

}  // namespace rightfit
