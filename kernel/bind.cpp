// The door to Python. Python checks every argument (rightfit/solvers/quadratic.py); this file trusts.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <vector>

#include "column_descent.hpp"
#include "gram_descent.hpp"
#include "threads.hpp"

namespace nb = nanobind;
using namespace rightfit;

template <class Scalar, std::size_t Rank>
using Array = nb::ndarray<Scalar, nb::ndim<Rank>, nb::c_contig, nb::device::cpu>;
using In1 = Array<const double, 1>;
using In2 = Array<const double, 2>;
using In3 = Array<const double, 3>;

// Paths of T tasks over K strengths; a single Gram matrix may serve all tasks.
static void gram_paths(In3 gram, In2 linear, In1 constant, In2 l1, In2 l2, In2 lower, In2 upper, In1 strengths, In1 tolerance,
                       std::int64_t most_sweeps, std::size_t threads, In2 start, Array<double, 3> coef, Array<double, 2> gap,
                       Array<std::int64_t, 2> sweeps, Array<std::uint8_t, 2> converged) {
  nb::gil_scoped_release release;
  const std::size_t tasks = linear.shape(0), q = linear.shape(1), steps = strengths.shape(0);
  const bool shared = gram.shape(0) == 1;
  for_each_task(tasks, threads, [&](std::size_t t) {
    const GramProblem problem{q,
                              gram.data() + (shared ? 0 : t * q * q),
                              linear.data() + t * q,
                              constant.data()[t],
                              l1.data() + t * q,
                              l2.data() + t * q,
                              lower.data() + t * q,
                              upper.data() + t * q};
    GramDescent descent(problem, start.data() + t * q);
    for (std::size_t k = 0; k < steps; ++k) {
      const Outcome outcome = descent.solve(strengths.data()[k], tolerance.data()[t], most_sweeps);
      std::copy(descent.coefficients().begin(), descent.coefficients().end(), coef.data() + (t * steps + k) * q);
      gap.data()[t * steps + k] = outcome.gap;
      sweeps.data()[t * steps + k] = outcome.sweeps;
      converged.data()[t * steps + k] = outcome.converged;
    }
  });
}

// One quadratic for each of T tasks that share columns; `coef` (T, q) holds the start and receives the end.
static void column_solutions(In2 dense, Array<const std::int64_t, 1> starts, Array<const std::int64_t, 1> rows, In1 values, In2 h,
                             In2 u, bool intercept, In2 l1, In2 l2, In2 lower, In2 upper, In1 small, std::int64_t most_sweeps,
                             std::size_t threads, Array<double, 2> coef, Array<std::int64_t, 1> sweeps) {
  nb::gil_scoped_release release;
  const std::size_t tasks = h.shape(0), n = h.shape(1), q = coef.shape(1);
  const Columns columns{n, dense.shape(0), starts.shape(0) - 1, dense.data(), starts.data(), rows.data(), values.data()};
  for_each_task(tasks, threads, [&](std::size_t t) {
    std::vector<Coordinate> coordinates(q);
    for (std::size_t j = 0; j < q; ++j)
      coordinates[j] = {l1.data()[t * q + j], l2.data()[t * q + j], lower.data()[t * q + j], upper.data()[t * q + j]};
    ColumnDescent descent(columns, h.data() + t * n, u.data() + t * n, intercept, coordinates.data(), coef.data() + t * q);
    sweeps.data()[t] = descent.solve(small.data()[t], most_sweeps);
  });
}

NB_MODULE(_kernel, m) {
  m.doc() = "Quadratics with a weighted elastic net in a box, for many tasks at once.";
  m.def("gram_paths", &gram_paths);
  m.def("column_solutions", &column_solutions);
}
