// The Cholesky factor of second moments of some coefficients, which come and go: taking k in costs k triangular solves,
// letting one go rotates the rows after its own (Golub and Van Loan 2013, section 6.5). Rows are packed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "products.hpp"
#include "vectors.hpp"

namespace rightfit {

class ActiveFactor {
 public:
  static constexpr std::size_t panel = 32;  // coefficients that are taken in together

  std::size_t size() const { return names_.size(); }
  const std::vector<std::int64_t>& names() const { return names_; }
  void clear() {
    names_.clear();
    rows_.clear();
  }

  // Take in k coefficients: `moments` (size() + k, k) with those that are there and with themselves.
  void take(const std::int64_t* names, std::size_t k, const std::vector<double>& moments) {
    const std::size_t old = size();
    std::vector<double> fresh(k * old);  // rows of the factor: L w = a
    std::vector<const double*> addresses;
    std::vector<double> sums;
    for (std::size_t from = 0; from < old; from += panel) {
      const std::size_t to = std::min(from + panel, old);
      addresses.clear();
      for (std::size_t i = from; i < to; ++i) addresses.push_back(row(i));
      sums.assign((to - from) * k, 0.0);
      dots(addresses.data(), to - from, from, fresh.data(), old, k, sums.data());
      for (std::size_t i = from; i < to; ++i)
        for (std::size_t a = 0; a < k; ++a) {
          double* w = fresh.data() + a * old;
          w[i] = (moments[i * k + a] - sums[(i - from) * k + a] - dot(row(i) + from, w + from, i - from)) / row(i)[i];
        }
    }
    for (std::size_t a = 0; a < k; ++a) {
      std::vector<double> w(fresh.data() + a * old, fresh.data() + (a + 1) * old);
      for (std::size_t i = old; i < size(); ++i) {
        const std::size_t b = static_cast<std::size_t>(std::find(names, names + a, names_[i]) - names);
        w.push_back((moments[(old + b) * k + a] - dot(row(i), w.data(), i)) / row(i)[i]);
      }
      // what depends on the others gets a touch of ridge: it goes far then, to where something has to stop
      const double whole = moments[(old + a) * k + a], left = std::max(whole - dot(w.data(), w.data(), w.size()), 1e-10 * whole);
      w.push_back(std::sqrt(left));
      rows_.insert(rows_.end(), w.begin(), w.end());
      names_.push_back(names[a]);
    }
  }

  // Let go of those that are not `wanted` (size()).
  void keep(const std::vector<char>& wanted) {
    for (std::size_t i = size(); i-- > 0;)
      if (!wanted[i]) let_go(i);
  }

  void solve(std::vector<double>& x) const {
    for (std::size_t i = 0; i < size(); ++i) x[i] = (x[i] - dot(row(i), x.data(), i)) / row(i)[i];
    for (std::size_t i = size(); i-- > 0;) {
      x[i] /= row(i)[i];
      add(x.data(), row(i), -x[i], i);
    }
  }

  // x becomes what the moments make of it, cheaply where most of it is zero.
  void multiply(std::vector<double>& x) const {
    std::vector<double> turned(size());
    for (std::size_t i = 0; i < size(); ++i)
      if (x[i] != 0) add(turned.data(), row(i), x[i], i + 1);
    for (std::size_t i = 0; i < size(); ++i) x[i] = dot(row(i), turned.data(), i + 1);
  }

 private:
  double* row(std::size_t i) { return rows_.data() + i * (i + 1) / 2; }
  const double* row(std::size_t i) const { return rows_.data() + i * (i + 1) / 2; }

  // Row `gone` leaves; each later row then has a number too many, which rotations of neighbouring columns remove: those of
  // all rows above, and one of its own. Some rows side by side hide that each rotation waits for the last.
  void let_go(std::size_t gone) {
    constexpr std::size_t beside = 6;
    const std::size_t n = size();
    std::vector<double> c, s;
    for (std::size_t i = gone + 1; i < n; i += beside) {
      const std::size_t count = std::min(beside, n - i), known = c.size();
      double carried[beside];
      double* place[beside + 1];  // where the numbers of each row are from `gone` on, before and after
      place[0] = row(i - 1) + gone;
      for (std::size_t r = 0; r < beside; ++r) place[r + 1] = r < count ? row(i + r) + gone : place[r];
      for (std::size_t r = 0; r < count; ++r) {
        std::copy(row(i + r), row(i + r) + gone, row(i + r - 1));
        carried[r] = *place[r + 1];
      }
      if (count == beside) {
        for (std::size_t k = 0; k < known; ++k)
          for (std::size_t r = 0; r < beside; ++r) rotate(c[k], s[k], carried[r], place[r + 1][k + 1], place[r][k]);
      } else {
        for (std::size_t r = 0; r < count; ++r)
          for (std::size_t k = 0; k < known; ++k) rotate(c[k], s[k], carried[r], place[r + 1][k + 1], place[r][k]);
      }
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t k = known; k < c.size(); ++k) rotate(c[k], s[k], carried[r], place[r + 1][k + 1], place[r][k]);
        const double last = place[r + 1][c.size() + 1], size = std::hypot(carried[r], last);
        place[r][c.size()] = size;
        c.push_back(carried[r] / size);
        s.push_back(last / size);
      }
    }
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(gone));
    rows_.resize((n - 1) * n / 2);
  }

  RIGHTFIT_INLINE static void rotate(double c, double s, double& carried, double next, double& out) {
    out = c * carried + s * next;
    carried = c * next - s * carried;
  }

  std::vector<std::int64_t> names_;
  std::vector<double> rows_;
};

}  // namespace rightfit
