// Products of a few columns with a few vectors at once, and the updates that follow: what a block of columns asks of
// several tasks. Every sum runs over the rows in four (float: eight) fixed lanes, whatever is computed beside it, so
// that a task's numbers do not depend on its neighbours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "lanes.hpp"
#include "vectors.hpp"

#if defined(__GNUC__)
#define RIGHTFIT_UNROLL _Pragma("GCC unroll 16")
#else
#define RIGHTFIT_UNROLL
#endif

namespace rightfit {

constexpr std::size_t TILE_ROWS = 128;  // rows of a block that stay in the first cache
constexpr std::size_t LANES = width;

RIGHTFIT_INLINE void multiply_add(Lanes& sum, const Lanes& a, const Lanes& b) { sum += a * b; }

// out[(i * stride + j) * LANES + k] += x[i] * s[j] over the rows first..last of lane k
template <std::size_t I, std::size_t J>
RIGHTFIT_INLINE void product_tile(const double* const* x, const double* const* s, std::size_t first, std::size_t last, double* out,
                                  std::size_t stride) {
  Lanes sum[I][J];
  const double *from[I], *by[J];
  RIGHTFIT_UNROLL
  for (std::size_t i = 0; i < I; ++i) from[i] = x[i];
  RIGHTFIT_UNROLL
  for (std::size_t j = 0; j < J; ++j) by[j] = s[j];
  RIGHTFIT_UNROLL
  for (std::size_t i = 0; i < I; ++i)
    RIGHTFIT_UNROLL
    for (std::size_t j = 0; j < J; ++j) load(sum[i][j], out + (i * stride + j) * LANES);
  std::size_t r = first;
  for (; r + LANES <= last; r += LANES) {
    Lanes b[J];
    RIGHTFIT_UNROLL
    for (std::size_t j = 0; j < J; ++j) load(b[j], by[j] + r);
    RIGHTFIT_UNROLL
    for (std::size_t i = 0; i < I; ++i) {
      Lanes a;
      load(a, from[i] + r);
      RIGHTFIT_UNROLL
      for (std::size_t j = 0; j < J; ++j) multiply_add(sum[i][j], a, b[j]);
    }
  }
  RIGHTFIT_UNROLL
  for (std::size_t i = 0; i < I; ++i)
    RIGHTFIT_UNROLL
    for (std::size_t j = 0; j < J; ++j) std::memcpy(out + (i * stride + j) * LANES, &sum[i][j], sizeof(Lanes));
  for (std::size_t k = 0; r + k < last; ++k)
    for (std::size_t i = 0; i < I; ++i)
      for (std::size_t j = 0; j < J; ++j) out[(i * stride + j) * LANES + k] += x[i][r + k] * s[j][r + k];
}

template <std::size_t I>
RIGHTFIT_INLINE void product_row(const double* const* x, const double* const* s, std::size_t vectors, std::size_t first,
                                 std::size_t last, double* out) {
  std::size_t j = 0;
  for (; j + 3 <= vectors; j += 3) product_tile<I, 3>(x, s + j, first, last, out + j * LANES, vectors);
  for (; j + 2 <= vectors; j += 2) product_tile<I, 2>(x, s + j, first, last, out + j * LANES, vectors);
  if (j < vectors) product_tile<I, 1>(x, s + j, first, last, out + j * LANES, vectors);
}

// lanes[(i * vectors + j) * LANES + k]: partial sums of x[i] . s[j]; they start at zero
RIGHTFIT_CLONES
inline void products(const double* const* x, std::size_t columns, const double* const* s, std::size_t vectors, std::size_t n,
                     double* lanes) {
  for (std::size_t first = 0; first < n; first += TILE_ROWS) {
    const std::size_t last = std::min(first + TILE_ROWS, n);
    std::size_t i = 0;
    for (; i + 4 <= columns; i += 4) product_row<4>(x + i, s, vectors, first, last, lanes + i * vectors * LANES);
    for (; i + 2 <= columns; i += 2) product_row<2>(x + i, s, vectors, first, last, lanes + i * vectors * LANES);
    if (i < columns) product_row<1>(x + i, s, vectors, first, last, lanes + i * vectors * LANES);
  }
}

inline double sum_lanes(const double* lane) { return (lane[0] + lane[2]) + (lane[1] + lane[3]); }

template <std::size_t I>
RIGHTFIT_INLINE void add_some(const double* const* x, std::size_t first, std::size_t rows, const double* step, std::size_t stride,
                              double* moved) {
  const double* from[I];
  double by[I];
  RIGHTFIT_UNROLL
  for (std::size_t i = 0; i < I; ++i) {
    from[i] = x[i] + first;
    by[i] = step[i * stride];
  }
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    RIGHTFIT_UNROLL
    for (std::size_t i = 0; i < I; ++i) sum += by[i] * from[i][r];
    moved[r] += sum;
  }
}

// s[j] -= h[j] * (sum_i x[i] step[i * vectors + j]), row by row
RIGHTFIT_CLONES
inline void subtract_products(const double* const* x, std::size_t columns, const double* step, std::size_t vectors,
                              const double* const* h, double* const* s, std::size_t n) {
  double moved[TILE_ROWS];
  for (std::size_t first = 0; first < n; first += TILE_ROWS) {
    const std::size_t rows = std::min(TILE_ROWS, n - first);
    for (std::size_t j = 0; j < vectors; ++j) {
      std::size_t i = 0;
      for (std::size_t r = 0; r < rows; ++r) moved[r] = 0;
      for (; i + 10 <= columns; i += 10) add_some<10>(x + i, first, rows, step + i * vectors + j, vectors, moved);
      for (; i + 5 <= columns; i += 5) add_some<5>(x + i, first, rows, step + i * vectors + j, vectors, moved);
      for (; i < columns; ++i) {
        const double a = step[i * vectors + j];
        const double* xa = x[i] + first;
        for (std::size_t r = 0; r < rows; ++r) moved[r] += a * xa[r];
      }
      double* to = s[j] + first;
      const double* by = h[j] + first;
      for (std::size_t r = 0; r < rows; ++r) to[r] -= by[r] * moved[r];
    }
  }
}

}  // namespace rightfit
