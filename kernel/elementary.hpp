// exp, 1 / (1 + exp(-x)) and log(1 + exp(x)) for many numbers, within two units in the last place: loops without
// branches, which compilers turn into vector code.
//
// exp(x) = 2^k exp(r) with |r| <= log(2)/2 and a Taylor sum of degree 13; log(1 + z) = log(1 + c) +
// 2 artanh((z - c) / (2 + z + c)) for z in [0, 1], with c = 0 or 1/2 so that the argument stays below 1/7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "lanes.hpp"
#include "vectors.hpp"

namespace rightfit {

RIGHTFIT_INLINE double exponential(double x) {
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to a whole number
  constexpr double least = -708.0, most = 709.7827128933840;
  const double inside = x < least ? least : x > most ? most : x;
  const double shifted = inside * 1.4426950408889634 + magic;
  const double k = shifted - magic;
  double r = inside - k * 6.93147180369123816490e-01;
  r -= k * 1.90821492927058770002e-10;
  double sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r * r + r + 1.0;
  // 2^k in two factors, as 2^1024 has no representation
  std::uint64_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  const std::uint64_t scale_bits = (bits + 1022) << 52;
  double scale;
  std::memcpy(&scale, &scale_bits, sizeof scale);
  const double value = sum * scale * 2.0;
  const double bounded = x < least ? 0.0 : x > most ? std::numeric_limits<double>::infinity() : value;
  return x == x ? bounded : x;
}

// 1 / (1 + exp(-x)); both tails keep their relative accuracy
RIGHTFIT_INLINE double sigmoid(double x) {
  const double z = exponential(x < 0 ? x : -x);
  const double top = x < 0 ? z : 1.0;
  const double value = top / (1.0 + z);
  return x == x ? value : x;
}

RIGHTFIT_INLINE double softplus(double x) {
  const double z = exponential(x < 0 ? x : -x);
  const double c = z < 0.2 ? 0.0 : 0.5;
  const double base = z < 0.2 ? 0.0 : 0.40546510810816438;  // log(3/2)
  const double s = (z - c) / (2.0 + z + c), q = s * s;
  double sum = 1.0 / 23.0;
  sum = sum * q + 1.0 / 21.0;
  sum = sum * q + 1.0 / 19.0;
  sum = sum * q + 1.0 / 17.0;
  sum = sum * q + 1.0 / 15.0;
  sum = sum * q + 1.0 / 13.0;
  sum = sum * q + 1.0 / 11.0;
  sum = sum * q + 1.0 / 9.0;
  sum = sum * q + 1.0 / 7.0;
  sum = sum * q + 1.0 / 5.0;
  sum = sum * q + 1.0 / 3.0;
  sum = 2.0 * (s * q * sum + s) + base;
  return (x > 0 ? x : 0.0) + (x == x ? sum : x);
}

RIGHTFIT_CLONES
inline void exponentials(const double* x, double* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = exponential(x[i]);
}

RIGHTFIT_CLONES
inline void sigmoids(const double* x, double* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = sigmoid(x[i]);
}

// Of C numbers a row, x[c * ld + i]: their exponentials over `total`, the sum of these, all relative to the `peak`.
RIGHTFIT_CLONES
inline void softmaxes(const double* x, std::size_t ld, std::size_t outputs, std::size_t n, double* share, double* peak, double* total) {
  constexpr std::size_t stretch = 256;  // rows that stay in the first cache
  for (std::size_t from = 0; from < n; from += stretch) {
    const std::size_t to = from + stretch < n ? from + stretch : n;
    for (std::size_t i = from; i < to; ++i) {
      peak[i] = x[i];
      total[i] = 0;
    }
    for (std::size_t c = 1; c < outputs; ++c)
      for (std::size_t i = from; i < to; ++i) peak[i] = x[c * ld + i] > peak[i] ? x[c * ld + i] : peak[i];
    for (std::size_t c = 0; c < outputs; ++c)
      for (std::size_t i = from; i < to; ++i) {
        share[c * ld + i] = exponential(x[c * ld + i] - peak[i]);
        total[i] += share[c * ld + i];
      }
    for (std::size_t c = 0; c < outputs; ++c)
      for (std::size_t i = from; i < to; ++i) share[c * ld + i] /= total[i];
  }
}

RIGHTFIT_CLONES
inline void softpluses(const double* x, double* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = softplus(x[i]);
}

}  // namespace rightfit
