// Columns against a bundle of tasks: what each task keeps of a row lies side by side, so that one read of a column serves
// all of them. A bundle of one keeps its rows in a line instead; the others are padded to a multiple of four.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lanes.hpp"
#include "products.hpp"
#include "vectors.hpp"

namespace rightfit {

// out (4 G) = sum_i x_i s[rows_i]; rows 0, 1, .. where `rows` is null
template <std::size_t G>
RIGHTFIT_INLINE void bundle_dot(const double* x, const std::int64_t* rows, std::size_t count, const double* s, double* out) {
  constexpr std::size_t apart = 4;  // rows whose sums are kept apart, so that no addition waits for another
  Lanes sums[apart][G], each;
  for (auto& lane : sums)
    for (Lanes& sum : lane) fill(sum, 0.0);
  std::size_t i = 0;
  const auto row = [&](std::size_t k) { return s + (rows ? static_cast<std::size_t>(rows[k]) : k) * width * G; };
  for (; i + apart <= count; i += apart)
    for (std::size_t k = 0; k < apart; ++k) {
      const double* at = row(i + k);
      Lanes value;
      fill(value, x[i + k]);
      for (std::size_t g = 0; g < G; ++g) {
        load(each, at + g * width);
        sums[k][g] += value * each;
      }
    }
  for (; i < count; ++i) {
    Lanes value;
    fill(value, x[i]);
    for (std::size_t g = 0; g < G; ++g) {
      load(each, row(i) + g * width);
      sums[0][g] += value * each;
    }
  }
  for (std::size_t g = 0; g < G; ++g) {
    sums[0][g] += sums[1][g];
    sums[2][g] += sums[3][g];
    sums[0][g] += sums[2][g];
    store(out + g * width, sums[0][g]);
  }
}

// s[rows_i] += x_i step, times h[rows_i] where there is an h
template <std::size_t G>
RIGHTFIT_INLINE void bundle_add(const double* x, const std::int64_t* rows, std::size_t count, const double* step, const double* h,
                                double* s) {
  Lanes steps[G], each, curved;
  for (std::size_t g = 0; g < G; ++g) load(steps[g], step + g * width);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = (rows ? static_cast<std::size_t>(rows[i]) : i) * width * G;
    Lanes value;
    fill(value, x[i]);
    for (std::size_t g = 0; g < G; ++g) {
      load(each, s + at + g * width);
      if (h) {
        load(curved, h + at + g * width);
        each += value * steps[g] * curved;
      } else {
        each += value * steps[g];
      }
      store(s + at + g * width, each);
    }
  }
}

RIGHTFIT_CLONES
inline void bundle_dot(std::size_t groups, const double* x, const std::int64_t* rows, std::size_t count, const double* s,
                       double* out) {
  groups == 1 ? bundle_dot<1>(x, rows, count, s, out) : bundle_dot<2>(x, rows, count, s, out);
}

RIGHTFIT_CLONES
inline void bundle_add(std::size_t groups, const double* x, const std::int64_t* rows, std::size_t count, const double* step,
                       const double* h, double* s) {
  groups == 1 ? bundle_add<1>(x, rows, count, step, h, s) : bundle_add<2>(x, rows, count, step, h, s);
}

// Some columns of a matrix, and the bundle's products with them.
struct Columns {  // q_dense columns of n numbers, by their addresses, then q_sparse columns, by their places in CSC form
  std::size_t n, q_dense, q_sparse;
  const double* const* dense;
  const std::size_t* sparse;
  const std::int64_t* starts;
  const std::int64_t* rows;
  const double* values;

  static constexpr std::size_t most = 2 * width;  // tasks of a bundle

  std::size_t size() const { return q_dense + q_sparse; }
  static std::size_t padded(std::size_t tasks) { return tasks == 1 ? 1 : (tasks + width - 1) / width * width; }

  // out (lanes) = x_j' s, for s (n, lanes)
  void dot(std::size_t j, std::size_t lanes, const double* s, double* out) const {
    const auto [x, at, count] = column(j);
    if (lanes > 1) return bundle_dot(lanes / width, x, at, count, s, out);
    if (!at) {
      *out = rightfit::dot(x, s, n);
      return;
    }
    double sum = 0;
    for (std::size_t e = 0; e < count; ++e) sum += x[e] * s[at[e]];
    *out = sum;
  }

  // out (lanes) = sums of h x_j^2, for h (n, lanes)
  void squares(std::size_t j, std::size_t lanes, const double* h, double* out) const {
    const auto [x, at, count] = column(j);
    if (lanes == 1 && !at) {
      *out = weighted_square(h, x, n);
      return;
    }
    std::fill_n(out, lanes, 0.0);
    for (std::size_t e = 0; e < count; ++e)
      for (std::size_t t = 0; t < lanes; ++t) out[t] += x[e] * x[e] * h[(at ? static_cast<std::size_t>(at[e]) : e) * lanes + t];
  }

  // s += x_j step, times h where there is one; h and s (n, lanes), step (lanes)
  void add(std::size_t j, std::size_t lanes, const double* step, const double* h, double* s) const {
    const auto [x, at, count] = column(j);
    if (lanes > 1) return bundle_add(lanes / width, x, at, count, step, h, s);
    if (!at) return h ? subtract_weighted(s, h, x, -*step, n) : rightfit::add(s, x, *step, n);
    for (std::size_t e = 0; e < count; ++e) s[at[e]] += x[e] * *step * (h ? h[at[e]] : 1.0);
  }

  // The same for some columns: out (size(), lanes), and steps (size(), lanes) without h. One lane of dense columns goes by
  // blocks.
  void dots(const std::vector<std::size_t>& some, std::size_t lanes, const double* s, double* out) const {
    if (lanes > 1 || q_sparse > 0) {
      for (std::size_t j : some) dot(j, lanes, s, out + j * lanes);
      return;
    }
    std::vector<double> sums(some.size());
    rightfit::dots(addresses(some).data(), some.size(), n, s, n, 1, sums.data());
    for (std::size_t k = 0; k < some.size(); ++k) out[some[k]] = sums[k];
  }
  void adds(const std::vector<std::size_t>& some, std::size_t lanes, const double* steps, double* s) const {
    if (lanes > 1 || q_sparse > 0) {
      for (std::size_t j : some) add(j, lanes, steps + j * lanes, nullptr, s);
      return;
    }
    std::vector<double> own;
    for (std::size_t j : some) own.push_back(steps[j]);
    axpys(addresses(some).data(), some.size(), n, own.data(), 1, s, n);
  }

  std::vector<const double*> addresses(const std::vector<std::size_t>& some) const {
    std::vector<const double*> out;
    for (std::size_t j : some) out.push_back(dense[j]);
    return out;
  }

  struct Column {
    const double* values;
    const std::int64_t* rows;
    std::size_t count;
  };
  Column column(std::size_t j) const {
    if (j < q_dense) return {dense[j], nullptr, n};
    const std::size_t place = sparse[j - q_dense];
    const std::int64_t first = starts[place], last = starts[place + 1];
    return {values + first, rows + first, static_cast<std::size_t>(last - first)};
  }
};

}  // namespace rightfit
