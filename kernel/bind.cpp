// The door to Python. Python checks every argument (rightfit/solvers/quadratic.py); this file trusts.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "block_descent.hpp"
#include "block_models.hpp"
#include "bundles.hpp"
#include "elementary.hpp"
#include "gram_model.hpp"
#include "lockstep.hpp"
#include "products.hpp"
#include "threads.hpp"

namespace nb = nanobind;
using namespace rightfit;

template <class Scalar, std::size_t Rank>
using Array = nb::ndarray<Scalar, nb::ndim<Rank>, nb::c_contig, nb::device::cpu>;
using In1 = Array<const double, 1>;
using In2 = Array<const double, 2>;
using In3 = Array<const double, 3>;

// One task's weighted elastic net in a box.
struct Penalties {
  const double *l1, *l2, *lower, *upper;

  Penalties(const In2& l1_, const In2& l2_, const In2& lower_, const In2& upper_, std::size_t task)
      : l1(l1_.data() + task * l1_.shape(1)),
        l2(l2_.data() + task * l1_.shape(1)),
        lower(lower_.data() + task * l1_.shape(1)),
        upper(upper_.data() + task * l1_.shape(1)) {}

  Coordinate at(std::size_t j, double strength) const {
    return {std::isinf(l1[j]) ? l1[j] : strength * l1[j], strength * l2[j], lower[j], upper[j]};
  }
};

// Descends to a duality gap of `tolerance`; without a constant (negative), until no coordinate promises more.
static bool solve_gram(Descent<GramModel>& descent, const GramModel& model, double constant, double tolerance,
                       std::int64_t most_sweeps, double* gap) {
  if (constant < 0) {
    descent.run(tolerance, most_sweeps);
    *gap = std::numeric_limits<double>::quiet_NaN();
    return descent.sweeps() < most_sweeps;
  }
  for (double small = 0.1 * tolerance;; small *= 0.01) {
    const bool still = descent.run(small, most_sweeps);
    *gap = model.gap(descent, constant);
    if (*gap <= tolerance || still) return true;
    if (descent.sweeps() >= most_sweeps) return false;
  }
}

// Paths of T tasks over K strengths; a single Gram matrix may serve all tasks.
static void gram_paths(In3 gram, In2 linear, In1 constant, In2 l1, In2 l2, In2 lower, In2 upper, In1 strengths, In1 tolerance,
                       std::int64_t most_sweeps, std::size_t threads, In2 start, Array<double, 3> coef, Array<double, 2> gap,
                       Array<std::int64_t, 2> sweeps, Array<std::uint8_t, 2> converged) {
  nb::gil_scoped_release release;
  const std::size_t tasks = linear.shape(0), q = linear.shape(1), steps = strengths.shape(0);
  const bool shared = gram.shape(0) == 1;
  for_each_task(tasks, threads, [&](std::size_t t) {
    const double* first = start.data() + t * q;
    GramModel model(q, gram.data() + (shared ? 0 : t * q * q), q, linear.data() + t * q);
    for (std::size_t j = 0; j < q; ++j)
      if (first[j] != 0) model.move(j, first[j]);
    Descent<GramModel> descent(model, first);
    const Penalties penalties(l1, l2, lower, upper, t);
    for (std::size_t k = 0; k < steps; ++k) {
      const std::size_t cell = t * steps + k;
      for (std::size_t j = 0; j < q; ++j) descent.coordinate(j) = penalties.at(j, strengths.data()[k]);
      descent.restart_count();
      converged.data()[cell] =
          solve_gram(descent, model, constant.data()[t], tolerance.data()[t], most_sweeps, gap.data() + cell);
      sweeps.data()[cell] = descent.sweeps();
      std::copy(descent.coefficients().begin(), descent.coefficients().end(), coef.data() + cell * q);
    }
  });
}

// One quadratic about `start`, where it pulls by `pull`; the matrix may be larger than it.
static std::int64_t gram_solution(In2 gram, In1 pull, In1 start, In1 l1, In1 l2, In1 lower, In1 upper, double small,
                                  std::int64_t most_sweeps, Array<double, 1> coef) {
  nb::gil_scoped_release release;
  const std::size_t q = pull.shape(0);
  GramModel model(q, gram.data(), gram.shape(1), pull.data(), start.data());
  Descent<GramModel> descent(model, start.data());
  for (std::size_t j = 0; j < q; ++j)
    descent.coordinate(j) = {l1.data()[j], l2.data()[j], lower.data()[j], upper.data()[j]};
  descent.run(small, most_sweeps);
  std::copy(descent.coefficients().begin(), descent.coefficients().end(), coef.data());
  return descent.sweeps();
}

// One quadratic for each of T tasks that share columns, `index` of `dense` and then the sparse ones; `coef` (T, q) holds the
// start and receives the end, `shift` (T) the intercepts.
static void column_solutions(In2 dense, Array<const std::int64_t, 1> index, Array<const std::int64_t, 1> starts,
                             Array<const std::int64_t, 1> rows, In1 values, In2 h, In2 u, bool intercept, In2 l1, In2 l2,
                             In2 lower, In2 upper, In1 small, std::int64_t most_sweeps, std::size_t threads,
                             Array<const std::int64_t, 1> names, nb::list kept, bool exact, Array<double, 2> means,
                             Array<double, 2> curvatures, Array<double, 2> coef, Array<double, 1> shift) {
  std::vector<ActiveFactor*> factors;
  for (nb::handle one : kept) factors.push_back(nb::cast<ActiveFactor*>(one));
  nb::gil_scoped_release release;
  const std::size_t n = h.shape(1), q = coef.shape(1);
  const auto box = [&](std::size_t t, std::size_t j) { return Penalties(l1, l2, lower, upper, t).at(j, 1.0); };
  const std::vector<Bundle> bundles =
      bundles_of(h.shape(0), q, index.shape(0) == q ? 2 : 5,
                 [&](std::size_t t, std::size_t j) { return !box(t, j).excluded() || coef.data()[t * q + j] != 0; });
  for_each_task(bundles.size(), threads, [&](std::size_t k) {
    const auto& [first, count, own] = bundles[k];
    const std::size_t lanes = Columns::padded(count), size = own.size();
    std::vector<const double*> addresses;
    std::vector<std::size_t> thin;
    std::vector<std::int64_t> called;
    for (std::size_t j : own) {
      called.push_back(names.data()[j]);
      if (j < index.shape(0)) {
        addresses.push_back(dense.data() + index.data()[j] * n);
      } else {
        thin.push_back(j - index.shape(0));
      }
    }
    const Columns columns{n, addresses.size(), thin.size(), addresses.data(), thin.data(), starts.data(), rows.data(), values.data()};
    // (length, lanes) from (T, length), and of what belongs to the columns, (size, lanes) from (T, q) and back
    const auto side_by_side = [&](const double* from) {
      std::vector<double> out(n * lanes);
      for (std::size_t t = 0; t < count; ++t)
        for (std::size_t i = 0; i < n; ++i) out[i * lanes + t] = from[(first + t) * n + i];
      return out;
    };
    const auto gathered = [&](const double* from) {
      std::vector<double> out(size * lanes);
      for (std::size_t t = 0; t < count; ++t)
        for (std::size_t j = 0; j < size; ++j) out[j * lanes + t] = from[(first + t) * q + own[j]];
      return out;
    };
    const auto scatter = [&](const std::vector<double>& from, double* to) {
      for (std::size_t t = 0; t < count; ++t)
        for (std::size_t j = 0; j < size; ++j) to[(first + t) * q + own[j]] = from[j * lanes + t];
    };
    std::vector<Coordinate> boxes(size * lanes, Coordinate{0, 0, 0, 0});
    std::vector<TaskFactor> known;
    for (std::size_t t = 0; t < count; ++t) {
      for (std::size_t j = 0; j < size; ++j) boxes[j * lanes + t] = box(first + t, own[j]);
      if (!factors.empty()) known.emplace_back(factors[first + t], called.data(), size);
    }
    ColumnQuadratics model(columns, count, intercept, side_by_side(h.data()), side_by_side(u.data()), gathered(means.data()),
                           gathered(curvatures.data()));
    Lockstep lockstep(model, std::move(boxes), gathered(coef.data()), small.data() + first, std::move(known), exact);
    lockstep.run(most_sweeps);
    scatter(lockstep.coefficients(), coef.data());
    scatter(model.means(), means.data());
    scatter(model.curvatures(), curvatures.data());
    for (std::size_t t = 0; t < count; ++t) shift.data()[first + t] = -model.kept().lag[t];
  });
}

constexpr std::size_t at_once = 4096;  // vectors, or places of them, that one thread works on: the same for any number

template <class Scalar>
static std::vector<const Scalar*> addresses(const Array<const Scalar, 2>& vectors, const Array<const std::int64_t, 1>& index,
                                            std::size_t from) {
  std::vector<const Scalar*> out(index.shape(0));
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = vectors.data() + index.data()[j] * vectors.shape(1) + from;
  return out;
}

// out (q, m) = dot products of some vectors, at the places from `from` on, with r (m, length)
template <class Scalar>
static void dots_of(Array<const Scalar, 2> vectors, Array<const std::int64_t, 1> index, std::size_t from, In2 r,
                    std::size_t threads, Array<double, 2> out) {
  nb::gil_scoped_release release;
  const std::vector<const Scalar*> x = addresses(vectors, index, from);
  const std::size_t q = x.size(), m = r.shape(0), length = r.shape(1), at_most = at_once / 16;
  // chunks enough for all threads where there is work for them; each sum is by itself, whatever stands beside it
  const std::size_t chunk = threads > 1 && q * length > 64 * at_once ? std::clamp((q / (2 * threads) + 7) / 8 * 8, std::size_t{8}, at_most) : at_most;
  std::fill(out.data(), out.data() + q * m, 0.0);
  for_each_task((q + chunk - 1) / chunk, threads, [&](std::size_t k) {
    const std::size_t first = k * chunk;
    dots(x.data() + first, std::min(chunk, q - first), length, r.data(), length, m, out.data() + first * m);
  });
}

// out (m, length) = sums of some vectors, at the places from `from` on, times b (q, m)
template <class Scalar>
static void axpys_of(Array<const Scalar, 2> vectors, Array<const std::int64_t, 1> index, std::size_t from, In2 b,
                     std::size_t threads, Array<double, 2> out) {
  nb::gil_scoped_release release;
  const std::size_t m = b.shape(1), length = out.shape(1);
  std::fill(out.data(), out.data() + m * length, 0.0);
  for_each_task((length + at_once - 1) / at_once, threads, [&](std::size_t k) {
    const std::size_t first = k * at_once;
    const std::vector<const Scalar*> x = addresses(vectors, index, from + first);
    axpys(x.data(), x.size(), std::min(at_once, length - first), b.data(), m, out.data() + first, length);
  });
}

// Rows `from` .. `from` + n of some columns, less their shift and times `root` (n), each row to its place, its own where `place` is empty: out (q, n).
// `values` holds columns as its rows, or where `turned`, rows.
template <class Scalar>
static void weighted_of(Array<const Scalar, 2> values, bool turned, Array<const std::int64_t, 1> columns, In1 shift, std::size_t from,
                        In1 root, Array<const std::int64_t, 1> place, Array<double, 2> out) {
  nb::gil_scoped_release release;
  const std::size_t length = values.shape(1), row_step = turned ? length : 1;
  weigh(values.data() + from * row_step, row_step, turned ? 1 : length, columns.data(), columns.shape(0), shift.data(), root.data(),
        place.shape(0) ? place.data() : nullptr, root.shape(0), out.data());
}

using Loop = void (*)(const double*, double*, std::size_t);
template <Loop loop>
static void each(In1 x, std::size_t threads, Array<double, 1> out) {
  nb::gil_scoped_release release;
  const std::size_t n = x.shape(0);
  for_each_task((n + at_once - 1) / at_once, threads, [&](std::size_t k) {
    const std::size_t first = k * at_once;
    loop(x.data() + first, out.data() + first, std::min(at_once, n - first));
  });
}

static void softmax(In2 x, std::size_t threads, Array<double, 2> share, Array<double, 1> peak, Array<double, 1> total) {
  nb::gil_scoped_release release;
  const std::size_t n = x.shape(1);
  for_each_task((n + at_once - 1) / at_once, threads, [&](std::size_t k) {
    const std::size_t first = k * at_once;
    softmaxes(x.data() + first, n, x.shape(0), std::min(at_once, n - first), share.data() + first, peak.data() + first,
              total.data() + first);
  });
}

// Slopes and curvatures (T, n) of rows `from` to `from` + n of some tasks: their duals among those of all (all tasks,
// all rows), and `sums` (T, 3) of what they add up to.
static void gather(In2 weight, In2 slope, In2 curvature, Array<const std::int64_t, 1> tasks, std::size_t from,
                   Array<double, 2> dual, Array<double, 2> sums) {
  nb::gil_scoped_release release;
  const std::size_t n = slope.shape(1), all = weight.shape(1);
  for (std::size_t k = 0; k < slope.shape(0); ++k) {
    const std::size_t start = tasks.data()[k] * all + from;
    gather_rows(weight.data() + start, slope.data() + k * n, curvature.data() + k * n, n, dual.data() + start,
                sums.data() + 3 * k);
  }
}

using In1i = Array<const std::int64_t, 1>;

// The penalties and blocks of T tasks.
struct BlockInputs {
  In1i starts, corners;
  In2 spectra, l1, l2, norm, inverse;
  Array<double, 1> small;  // receives the size of the last round
  Array<double, 2> coef;

  Blocks blocks() const { return {starts.shape(0) - 1, coef.shape(1), starts.data(), corners.data()}; }

  BlockTask task(std::size_t t) const {
    const std::size_t q = coef.shape(1), B = starts.shape(0) - 1;
    return {spectra.data() + t * spectra.shape(1), l1.data() + t * q, l2.data() + t * B, norm.data() + t * B,
            inverse.data() + t * q,                small.data()[t],   coef.data() + t * q};
  }
};

// One quadratic for each of T tasks from second moments; `coef` (T, q) holds the start and receives the end.
static void block_gram_solutions(In3 gram, In2 linear, In1i starts, In1i corners, In2 spectra, In2 l1, In2 l2, In2 norm,
                                 In2 inverse, Array<double, 1> small, std::int64_t most_rounds, std::size_t threads,
                                 Array<double, 2> coef, Array<std::int64_t, 1> rounds) {
  nb::gil_scoped_release release;
  const BlockInputs in{starts, corners, spectra, l1, l2, norm, inverse, small, coef};
  const Blocks blocks = in.blocks();
  const std::size_t q = blocks.q;
  for_each_task(coef.shape(0), threads, [&](std::size_t t) {
    BlockGram model(q, gram.data() + (gram.shape(0) == 1 ? 0 : t * q * q), linear.data() + t * q, coef.data() + t * q);
    BlockDescent<BlockGram> descent(model, blocks, {in.task(t)});
    rounds.data()[t] = descent.run(most_rounds);
    small.data()[t] = descent.fell(0);
  });
}

// The same from columns; `pull` (T, n + 1), its end the lag, receives what is left of the rows' pull.
static void block_column_solutions(In2 columns, In1i places, In2 curvature, Array<double, 2> pull, In2 mean, In1 total,
                                   In1i starts, In1i corners, In2 spectra, In2 l1, In2 l2, In2 norm, In2 inverse,
                                   Array<double, 1> small, std::int64_t most_rounds, std::size_t threads, Array<double, 2> coef,
                                   Array<std::int64_t, 1> rounds) {
  nb::gil_scoped_release release;
  const BlockInputs in{starts, corners, spectra, l1, l2, norm, inverse, small, coef};
  const Blocks blocks = in.blocks();
  const std::size_t tasks = coef.shape(0), n = columns.shape(1), q = blocks.q, together = 3;
  for_each_task((tasks + together - 1) / together, threads, [&](std::size_t part) {
    const std::size_t first = part * together, count = std::min(together, tasks - first);
    BlockColumns model(n, q, columns.data(), places.data(), curvature.data() + first * n, pull.data() + first * (n + 1), count,
                       mean.data() + first * q, total.data() + first);
    std::vector<BlockTask> some;
    for (std::size_t t = first; t < first + count; ++t) some.push_back(in.task(t));
    BlockDescent<BlockColumns> descent(model, blocks, some);
    std::fill(rounds.data() + first, rounds.data() + first + count, descent.run(most_rounds));
    for (std::size_t t = 0; t < count; ++t) small.data()[first + t] = descent.fell(t);
  });
}

NB_MODULE(_kernel, m) {
  m.doc() = "Quadratics with a weighted elastic net in a box for many tasks at once, and the products that feed them.";
  m.def("gram_paths", &gram_paths);
  nb::class_<ActiveFactor>(m, "ActiveFactor").def(nb::init<>()).def("clear", &ActiveFactor::clear);
  m.def("gram_solution", &gram_solution);
  m.def("column_solutions", &column_solutions);
  m.def("dots", &dots_of<double>);
  m.def("dots", &dots_of<float>);
  m.def("axpys", &axpys_of<double>);
  m.def("axpys", &axpys_of<float>);
  m.def("weighted", &weighted_of<double>);
  m.def("weighted", &weighted_of<float>);
  m.def("gather", &gather);
  m.def("exponentials", &each<exponentials>);
  m.def("sigmoids", &each<sigmoids>);
  m.def("softpluses", &each<softpluses>);
  m.def("softmax", &softmax);
  m.def("block_gram_solutions", &block_gram_solutions);
  m.def("block_column_solutions", &block_column_solutions);
}
