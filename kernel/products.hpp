// Products of a large matrix with a few vectors, which matrix libraries run far below the processor's rate:
//
//     dots:  out[j][t] += sum_i x_j[i] r_t[i]          axpys:  out_t[i] += sum_j x_j[i] b[j][t]
//
// for vectors x_j of n numbers that are given by their addresses, in double or single precision; sums are in
// double. X'R of a matrix in Fortran order is `dots` over its columns and X B is `axpys`; in C order, with rows
// for vectors, it is the other way round. Registers hold a tile of four x by three r (dots) or four x by eight
// places (axpys), the first cache a stretch of the vectors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "lanes.hpp"
#include "vectors.hpp"

namespace rightfit {

// Places of the vectors that are worked on at a time, so that m of them stay in the first cache.
RIGHTFIT_INLINE std::size_t stretch(std::size_t m) { return m >= 10 ? 512 : m >= 4 ? 1024 : 4096; }

// `ahead`: vectors x_J .. x_2J exist and are wanted next
template <std::size_t J, std::size_t T, class Scalar>
RIGHTFIT_INLINE void dots_tile(const Scalar* const* x, bool ahead, std::size_t from, std::size_t to, const double* r, std::size_t ld,
                               double* out, std::size_t m) {
  Lanes acc[J][T];
  for (std::size_t j = 0; j < J; ++j)
    for (std::size_t t = 0; t < T; ++t) fill(acc[j][t], 0.0);
  std::size_t i = from;
  for (; i + width <= to; i += width) {
    if (ahead && i % (64 / sizeof(Scalar)) == 0)
      for (std::size_t j = 0; j < J; ++j) RIGHTFIT_PREFETCH(x[J + j] + i);
    Lanes rs[T];  // sixteen registers: J T sums, T of these and one of x
    for (std::size_t t = 0; t < T; ++t) load(rs[t], r + t * ld + i);
    for (std::size_t j = 0; j < J; ++j) {
      Lanes xs;
      load(xs, x[j] + i);
      for (std::size_t t = 0; t < T; ++t) acc[j][t] += xs * rs[t];
    }
  }
  for (std::size_t j = 0; j < J; ++j)
    for (std::size_t t = 0; t < T; ++t) {
      double total = sum(acc[j][t]);
      for (std::size_t k = i; k < to; ++k) total += static_cast<double>(x[j][k]) * r[t * ld + k];
      out[j * m + t] += total;
    }
}

template <std::size_t J, class Scalar>
RIGHTFIT_INLINE void dots_columns(const Scalar* const* x, bool ahead, std::size_t from, std::size_t to, const double* r, std::size_t ld,
                                  double* out, std::size_t m) {
  std::size_t t = 0;
  if constexpr (J <= 4)
    for (; t + 3 <= m; t += 3) dots_tile<J, 3>(x, ahead && t == 0, from, to, r + t * ld, ld, out + t, m);
  if (m - t == 2) dots_tile<J, 2>(x, ahead && t == 0, from, to, r + t * ld, ld, out + t, m);
  if (m - t == 1) dots_tile<J, 1>(x, ahead && t == 0, from, to, r + t * ld, ld, out + t, m);
}

// r: m vectors, ld apart; out: (q, m)
template <class Scalar>
RIGHTFIT_INLINE void dots_any(const Scalar* const* x, std::size_t q, std::size_t n, const double* r, std::size_t ld,
                              std::size_t m, double* out) {
  const std::size_t step = stretch(m);
  for (std::size_t from = 0; from < n; from += step) {
    const std::size_t to = std::min(from + step, n);
    std::size_t j = 0;
    for (; m < 3 && j + 8 <= q; j += 8) dots_columns<8>(x + j, j + 16 <= q, from, to, r, ld, out + j * m, m);
    for (; j + 4 <= q; j += 4) dots_columns<4>(x + j, j + 8 <= q, from, to, r, ld, out + j * m, m);
    for (; j + 2 <= q; j += 2) dots_columns<2>(x + j, false, from, to, r, ld, out + j * m, m);
    for (; j < q; ++j) dots_columns<1>(x + j, false, from, to, r, ld, out + j * m, m);
  }
}

RIGHTFIT_CLONES
inline void dots(const double* const* x, std::size_t q, std::size_t n, const double* r, std::size_t ld, std::size_t m,
                 double* out) {
  dots_any(x, q, n, r, ld, m, out);
}

RIGHTFIT_CLONES
inline void dots(const float* const* x, std::size_t q, std::size_t n, const double* r, std::size_t ld, std::size_t m,
                 double* out) {
  dots_any(x, q, n, r, ld, m, out);
}

// b: (J, m); columns that enter a path late have zeros first, which are passed over
template <std::size_t J, class Scalar>
RIGHTFIT_INLINE void axpys_tile(const Scalar* const* x, std::size_t from, std::size_t to, const double* b, std::size_t m,
                                double* out, std::size_t ld) {
  std::size_t start = 0;
  const auto idle = [&](std::size_t t) {
    for (std::size_t j = 0; j < J; ++j)
      if (b[j * m + t] != 0) return false;
    return true;
  };
  while (start < m && idle(start)) ++start;
  std::size_t i = from;
  for (; i + 2 * width <= to; i += 2 * width) {
    Lanes low[J], high[J];
    for (std::size_t j = 0; j < J; ++j) {
      load(low[j], x[j] + i);
      load(high[j], x[j] + i + width);
    }
    for (std::size_t t = start; t < m; ++t) {
      double* place = out + t * ld + i;
      Lanes first, second, step;
      load(first, place);
      load(second, place + width);
      for (std::size_t j = 0; j < J; ++j) {
        fill(step, b[j * m + t]);
        first += low[j] * step;
        second += high[j] * step;
      }
      store(place, first);
      store(place + width, second);
    }
  }
  for (; i < to; ++i)
    for (std::size_t t = start; t < m; ++t) {
      double total = out[t * ld + i];
      for (std::size_t j = 0; j < J; ++j) total += static_cast<double>(x[j][i]) * b[j * m + t];
      out[t * ld + i] = total;
    }
}

// b: (q, m); out: m vectors, ld apart
template <class Scalar>
RIGHTFIT_INLINE void axpys_any(const Scalar* const* x, std::size_t q, std::size_t n, const double* b, std::size_t m,
                               double* out, std::size_t ld) {
  const std::size_t step = stretch(m) / 2;
  for (std::size_t from = 0; from < n; from += step) {
    const std::size_t to = std::min(from + step, n);
    std::size_t j = 0;
    for (; j + 4 <= q; j += 4) axpys_tile<4>(x + j, from, to, b + j * m, m, out, ld);
    for (; j + 2 <= q; j += 2) axpys_tile<2>(x + j, from, to, b + j * m, m, out, ld);
    for (; j < q; ++j) axpys_tile<1>(x + j, from, to, b + j * m, m, out, ld);
  }
}

RIGHTFIT_CLONES
inline void axpys(const double* const* x, std::size_t q, std::size_t n, const double* b, std::size_t m, double* out,
                  std::size_t ld) {
  axpys_any(x, q, n, b, m, out, ld);
}

RIGHTFIT_CLONES
inline void axpys(const float* const* x, std::size_t q, std::size_t n, const double* b, std::size_t m, double* out,
                  std::size_t ld) {
  axpys_any(x, q, n, b, m, out, ld);
}

// A block of columns made ready for a Gram matrix: out[j][place[i]] = (x[i][j] - shift[j]) root[i] for rows i, with x[i][j]
// at values[i * row_step + columns[j] * column_step]. Rows keep their order where there is no `place`.
template <class Scalar>
RIGHTFIT_INLINE void weigh_any(const Scalar* values, std::size_t row_step, std::size_t column_step, const std::int64_t* columns,
                               std::size_t q, const double* shift, const double* root, const std::int64_t* place,
                               std::size_t n, double* out) {
  if (row_step == 1 && !place) {
    for (std::size_t j = 0; j < q; ++j) {
      const Scalar* x = values + static_cast<std::size_t>(columns[j]) * column_step;
      for (std::size_t i = 0; i < n; ++i) out[j * n + i] = (static_cast<double>(x[i]) - shift[j]) * root[i];
    }
    return;
  }
  const std::size_t tile = row_step == 1 ? n : 32;  // rows and columns that share their cache lines
  for (std::size_t top = 0; top < n; top += tile)
    for (std::size_t j = 0; j < q; ++j) {
      const Scalar* x = values + static_cast<std::size_t>(columns[j]) * column_step;
      for (std::size_t i = top; i < std::min(top + tile, n); ++i)
        out[j * n + (place ? static_cast<std::size_t>(place[i]) : i)] = (static_cast<double>(x[i * row_step]) - shift[j]) * root[i];
    }
}

RIGHTFIT_CLONES
inline void weigh(const double* values, std::size_t row_step, std::size_t column_step, const std::int64_t* columns,
                  std::size_t q, const double* shift, const double* root, const std::int64_t* place, std::size_t n, double* out) {
  weigh_any(values, row_step, column_step, columns, q, shift, root, place, n, out);
}

RIGHTFIT_CLONES
inline void weigh(const float* values, std::size_t row_step, std::size_t column_step, const std::int64_t* columns, std::size_t q,
                  const double* shift, const double* root, const std::int64_t* place, std::size_t n, double* out) {
  weigh_any(values, row_step, column_step, columns, q, shift, root, place, n, out);
}

}  // namespace rightfit
