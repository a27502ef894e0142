// Four doubles that are added and multiplied together: what a register of 256 bits holds, and what compilers
// split where registers are shorter.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__GNUC__) || defined(__clang__)
#define RIGHTFIT_INLINE inline __attribute__((always_inline))
#define RIGHTFIT_PREFETCH(address) __builtin_prefetch(address)
#else
#define RIGHTFIT_PREFETCH(address) static_cast<void>(address)
#define RIGHTFIT_INLINE inline
#endif

namespace rightfit {

constexpr std::size_t width = 4;

#if defined(__GNUC__) || defined(__clang__)
typedef double Lanes __attribute__((vector_size(32)));
typedef double LooseLanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef float LooseFloats __attribute__((vector_size(16), aligned(4), may_alias));

RIGHTFIT_INLINE void load(Lanes& out, const double* from) { out = *reinterpret_cast<const LooseLanes*>(from); }
RIGHTFIT_INLINE void load(Lanes& out, const float* from) {
  out = __builtin_convertvector(*reinterpret_cast<const LooseFloats*>(from), Lanes);
}
RIGHTFIT_INLINE void store(double* to, const Lanes& from) { *reinterpret_cast<LooseLanes*>(to) = from; }
RIGHTFIT_INLINE void fill(Lanes& out, double value) { out = Lanes{value, value, value, value}; }
#else
struct Lanes {
  double v[width];
  double operator[](std::size_t k) const { return v[k]; }
};
template <class Scalar>
inline void load(Lanes& out, const Scalar* from) {
  for (std::size_t k = 0; k < width; ++k) out.v[k] = from[k];
}
inline void store(double* to, const Lanes& from) { std::memcpy(to, from.v, sizeof from.v); }
inline void fill(Lanes& out, double value) {
  for (double& v : out.v) v = value;
}
inline Lanes operator*(const Lanes& a, const Lanes& b) {
  Lanes out;
  for (std::size_t k = 0; k < width; ++k) out.v[k] = a.v[k] * b.v[k];
  return out;
}
inline Lanes& operator+=(Lanes& a, const Lanes& b) {
  for (std::size_t k = 0; k < width; ++k) a.v[k] += b.v[k];
  return a;
}
#endif

RIGHTFIT_INLINE double sum(const Lanes& lanes) { return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]); }

}  // namespace rightfit
