// Dot products and updates: the two loops in which the time goes.
//
// Each is compiled for several instruction sets and chosen at run time, so that what users install runs on
// any processor of its family and still uses the widest registers that it finds. Sums run in sixteen fixed
// lanes whatever the register width, so that the order of additions does not depend on it.
#pragma once

#include <cstddef>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(RIGHTFIT_NO_CLONES)
#define RIGHTFIT_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define RIGHTFIT_CLONES
#endif

namespace rightfit {

// The sum of sixteen lanes, which are overwritten.
inline double folded(double* lane) {
  for (std::size_t half = 8; half > 0; half /= 2)
    for (std::size_t k = 0; k < half; ++k) lane[k] += lane[k + half];
  return lane[0];
}

RIGHTFIT_CLONES
inline double dot(const double* a, const double* b, std::size_t n) {
  double lane[16] = {0};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (std::size_t k = 0; k < 16; ++k) lane[k] += a[i + k] * b[i + k];
  for (std::size_t k = 0; i < n; ++i, ++k) lane[k] += a[i] * b[i];
  return folded(lane);
}

// sum of h x^2
RIGHTFIT_CLONES
inline double weighted_square(const double* h, const double* x, std::size_t n) {
  double lane[16] = {0};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (std::size_t k = 0; k < 16; ++k) lane[k] += h[i + k] * (x[i + k] * x[i + k]);
  for (std::size_t k = 0; i < n; ++i, ++k) lane[k] += h[i] * (x[i] * x[i]);
  return folded(lane);
}

// y += step * x
RIGHTFIT_CLONES
inline void add(double* y, const double* x, double step, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += step * x[i];
}

// y -= step * h * x, element by element
RIGHTFIT_CLONES
inline void subtract_weighted(double* y, const double* h, const double* x, double step, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] -= step * h[i] * x[i];
}

// What a task's rows add up to: dual = -w slope and its sum, sum w h, and sum w slope^2 / h for curvatures h. A row
// of weight zero counts for nothing, whatever is in it.
RIGHTFIT_CLONES
inline void gather_rows(const double* weight, const double* slope, const double* curvature, std::size_t n, double* dual,
                        double* sums) {
  double total[8] = {0}, curved[8] = {0}, lever[8] = {0};
  for (std::size_t start = 0; start < n; start += 8)
    for (std::size_t k = 0; k < 8 && start + k < n; ++k) {
      const std::size_t i = start + k;
      const double w = weight[i], s = w > 0 ? slope[i] : 0.0, h = w > 0 ? curvature[i] : 0.0;
      dual[i] = -w * s;
      total[k] += dual[i];
      curved[k] += w * h;
      lever[k] += w * s * s / (h > 1e-300 ? h : 1e-300);
    }
  for (std::size_t k = 0; k < 8; ++k) {
    sums[0] += total[k];
    sums[1] += curved[k];
    sums[2] += lever[k];
  }
}

}  // namespace rightfit
