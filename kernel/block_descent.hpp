// Descent block by block on quadratics with group norms (block.hpp), for tasks that share their columns:
//
//     minimize  Q_t(b)  +  sum_g penalty_g(s b_g),      s: what each coefficient is multiplied by before it is penalized
//
// A round minimizes every block in turn. Before a task rests, and now and then, how far its blocks reach is brought to
// its optimum for all of them: b_g -> r_g b_g, r_g >= 0, a lasso in the images of the blocks. Then each block is pulled
// along itself by just its price. What its pull still exceeds the price by is the square of what is left of its
// direction, so that the duality gap, of first order in the excess, is of second order in the error.
//
// After a round, a Newton step in the plane of the last two rounds' steps (sequential subspace optimization, Narkiss and
// Zibulevsky 2005): what a Model keeps is affine in b, so that this takes no pass.
//
// A Model knows the Q_t: how strongly they pull on a block, and how to move it. Tasks that rest stay where they are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "block.hpp"
#include "vectors.hpp"

namespace rightfit {

struct Blocks {  // B blocks of q coefficients, one after the other
  std::size_t count, q;
  const std::int64_t* starts;   // (B + 1)
  const std::int64_t* corners;  // (B) where each block's d * d eigenvectors begin, then its d eigenvalues

  std::size_t first(std::size_t g) const { return static_cast<std::size_t>(starts[g]); }
  std::size_t size(std::size_t g) const { return static_cast<std::size_t>(starts[g + 1] - starts[g]); }
  std::size_t largest() const {
    std::size_t most = 1;
    for (std::size_t g = 0; g < count; ++g) most = std::max(most, size(g));
    return most;
  }
};

constexpr double WALL = 1e300;       // the norm's price of a block that stays zero
constexpr double OVER = 1.25;        // reaches go on beyond their minimum, as in successive over-relaxation
constexpr std::int64_t BETWEEN = 4;  // rounds

struct BlockTask {  // one task's penalty and blocks, all at the present strength
  const double *spectra, *l1, *l2, *norm;  // (all blocks), (q), (B), (B)
  const double* inverse;                   // (q) 1 / s; 0 leaves a coefficient out
  double small;                            // a task rests when a round's steps sum up to less
  double* coef;                            // (q) start and end
};

template <class Model>
class BlockDescent {
 public:
  BlockDescent(Model& model, const Blocks& blocks, std::vector<BlockTask> tasks)
      : model_(model), blocks_(blocks), tasks_(std::move(tasks)), solver_(blocks.largest()), past_(tasks_.size()), fell_(tasks_.size()) {
    const std::size_t d = blocks.largest();
    pull_.resize(d * tasks_.size());
    step_.resize(d * tasks_.size());
    one_.resize(d);
    here_.resize(d);
    there_.resize(d);
    for (std::size_t g = 0; g < blocks.count; ++g)
      if (std::any_of(tasks_.begin(), tasks_.end(), [&](const BlockTask& t) { return t.norm[g] < WALL; })) open_.push_back(g);
    const BlockTask& t = tasks_[0];
    for (std::size_t g : open_)
      if (t.norm[g] == 0 && t.l2[g] == 0 && std::all_of(t.l1 + blocks.first(g), t.l1 + blocks.first(g + 1), [](double l1) { return l1 == 0; }))
        free_.push_back(g);
    for (std::size_t a = 0; a < tasks_.size(); ++a) {
      live_.push_back(a);
      past_[a].point = point(a);
      for (std::vector<double>& step : past_[a].step) step.assign(past_[a].point.size(), 0.0);
    }
  }

  // The size of a task's last round.
  double fell(std::size_t a) const { return fell_[a]; }

  // The number of rounds; below most_rounds where every task rests.
  std::int64_t run(std::int64_t most_rounds) {
    for (std::int64_t round = 1; round <= most_rounds; ++round) {
      for (std::size_t t : live_) fell_[t] = 0;
      for (std::size_t g : open_) visit(g, live_);
      for (std::size_t t : live_)
        if (fell_[t] <= tasks_[t].small || round % BETWEEN == 0) reach(t);
      std::erase_if(live_, [&](std::size_t t) { return fell_[t] <= tasks_[t].small; });
      if (live_.empty()) return round;
      for (std::size_t t : live_) search(t);
    }
    return most_rounds;
  }

 private:
  struct Ray {  // a block along itself: it reaches `reach`, and is pulled there by `price` + `ridge` * `reach`
    std::size_t block;
    double price, ridge, curvature, reach;
  };

  struct Past {
    std::vector<double> point, step[2];  // after the round before, and the last two steps
  };

  Block block(const BlockTask& t, std::size_t g) const {
    const std::size_t d = blocks_.size(g);
    const double* vectors = t.spectra + blocks_.corners[g];
    return {d, vectors + d * d, vectors, t.l1 + blocks_.first(g), t.l2[g], t.norm[g]};
  }

  // out := a block of b as it is penalized; false where all is zero
  bool scaled(const BlockTask& t, std::size_t g, const double* b, std::vector<double>& out) const {
    bool some = false;
    for (std::size_t i = 0; i < blocks_.size(g); ++i) {
      const std::size_t j = blocks_.first(g) + i;
      out[i] = t.inverse[j] > 0 ? b[j] / t.inverse[j] : 0.0;
      some = some || out[i] != 0;
    }
    return some;
  }

  void visit(std::size_t g, const std::vector<std::size_t>& some) {
    const std::size_t first = blocks_.first(g), d = blocks_.size(g), count = tasks_.size();
    model_.pulls(first, d, pull_.data());
    std::fill(step_.begin(), step_.end(), 0.0);
    bool moves = false;
    for (std::size_t a : some) {
      const BlockTask& t = tasks_[a];
      const bool zero = !scaled(t, g, t.coef, here_);
      bool still = true;
      double square = 0;
      for (std::size_t i = 0; i < d; ++i) {
        one_[i] = pull_[i * count + a] * t.inverse[first + i];
        square += one_[i] * one_[i];
      }
      if (zero && square <= t.norm[g] * t.norm[g]) continue;
      const double size = solver_.minimize(block(t, g), one_.data(), here_.data(), there_.data());
      for (std::size_t i = 0; i < d; ++i) {
        const double fresh = there_[i] * t.inverse[first + i], step = fresh - t.coef[first + i];
        step_[i * count + a] = step;
        still = still && std::fabs(step) <= 1e-15 * std::fabs(fresh);
        t.coef[first + i] = fresh;
        moves = moves || step != 0;
      }
      if (!still) fell_[a] += size;
    }
    if (moves) model_.move(first, d, step_.data());
  }

  // One task's best reaches, one after the other, until what is wrong with them costs less gap than the last steps.
  void reach(std::size_t a) {
    const BlockTask& t = tasks_[a];
    const std::size_t length = model_.length();
    if (!images_) images_.reset(new double[open_.size() * length]);  // touched as they are needed
    rays_.clear();
    double cost = 0;
    for (std::size_t g : open_) {
      if (!scaled(t, g, t.coef, here_)) continue;
      const Block k = block(t, g);
      const Ray ray{g, price(k, here_.data()), k.l2 * dot(here_.data(), here_.data(), k.size), solver_.curvature(k, here_.data()), 1.0};
      if (!(ray.price > 0 && ray.curvature > 1e-12 * k.values[k.size - 1] * ray.ridge)) continue;
      model_.image(blocks_.first(g), k.size, t.coef + blocks_.first(g), &images_[rays_.size() * length]);
      cost += ray.price;
      rays_.push_back(ray);
    }
    const double fell = fell_[a], enough = std::max(fell, t.small);
    for (int tries = 0; tries < 50; ++tries) {
      double wrong = 0;
      const double* image = images_.get();
      for (Ray& ray : rays_) {
        const std::size_t first = blocks_.first(ray.block), d = blocks_.size(ray.block);
        const double excess = model_.pull(a, first, d, t.coef + first, image) - ray.price - ray.ridge * ray.reach;
        const double fresh = std::max(0.0, ray.reach + OVER * excess / (ray.curvature + ray.ridge)), step = fresh - ray.reach;
        if (std::fabs(step) > 1e-15 * fresh) {
          wrong = std::max(wrong, std::fabs(excess) / ray.price);
          model_.stretch(a, first, d, t.coef + first, image, step);
          ray.reach = fresh;
        }
        image += length;
      }
      for (std::size_t g : free_) visit(g, {a});  // what costs nothing must not be pulled at all
      if (!(wrong * cost > enough)) break;
    }
    fell_[a] = fell;
    for (const Ray& ray : rays_)
      for (std::size_t i = 0; i < blocks_.size(ray.block); ++i) t.coef[blocks_.first(ray.block) + i] *= ray.reach;
  }

  static double price(const Block& k, const double* b) {
    double sum = k.norm * std::sqrt(dot(b, b, k.size));
    for (std::size_t i = 0; i < k.size; ++i) sum += k.l1[i] * std::fabs(b[i]);
    return sum;
  }

  // A Newton step in the plane of the last two rounds' steps, where it leads down.
  void search(std::size_t a) {
    const BlockTask& t = tasks_[a];
    Past& past = past_[a];
    const std::vector<double> here = point(a);
    past.step[1].swap(past.step[0]);
    past.step[0] = here;
    add(past.step[0].data(), past.point.data(), -1.0, here.size());
    const double *first = past.step[0].data(), *second = past.step[1].data();
    const std::size_t q = blocks_.q;
    double slope[2] = {model_.paired(a, first, &here[q]), model_.paired(a, second, &here[q])};
    double bend[3] = {model_.paired(a, first, first + q), model_.paired(a, first, second + q), model_.paired(a, second, second + q)};
    for (std::size_t g : open_) {
      if (!scaled(t, g, t.coef, here_)) continue;
      scaled(t, g, first, one_);
      scaled(t, g, second, there_);
      const Block k = block(t, g);
      const double size = std::sqrt(dot(here_.data(), here_.data(), k.size)), curve = k.norm / size;
      const double along[2] = {dot(here_.data(), one_.data(), k.size), dot(here_.data(), there_.data(), k.size)};
      for (std::size_t i = 0; i < 2; ++i) slope[i] += (curve + k.l2) * along[i];
      for (std::size_t i = 0; i < k.size; ++i) {
        slope[0] += std::copysign(k.l1[i], here_[i]) * one_[i];
        slope[1] += std::copysign(k.l1[i], here_[i]) * there_[i];
      }
      const double turn = curve / (size * size), both = curve + k.l2;
      bend[0] += both * dot(one_.data(), one_.data(), k.size) - turn * along[0] * along[0];
      bend[1] += both * dot(one_.data(), there_.data(), k.size) - turn * along[0] * along[1];
      bend[2] += both * dot(there_.data(), there_.data(), k.size) - turn * along[1] * along[1];
    }
    const double before = objective(a), floor = 1e-12 * (bend[0] + bend[2]);
    const double root = (bend[0] + floor) * (bend[2] + floor) - bend[1] * bend[1];
    std::vector<double> there = here;
    const double by[2] = {(bend[1] * slope[1] - (bend[2] + floor) * slope[0]) / root,
                          (bend[1] * slope[0] - (bend[0] + floor) * slope[1]) / root};
    for (std::size_t i = 0; i < 2; ++i) add(there.data(), past.step[i].data(), by[i], here.size());
    go(a, there);
    // long steps make much of the rounding in short ones: only for more than that
    if (!(objective(a) <= before - 1e-15 * (1 + std::fabs(by[0]) + std::fabs(by[1])) * std::fabs(before))) go(a, here);
    past.step[0] = point(a);
    add(past.step[0].data(), past.point.data(), -1.0, here.size());
    past.point = point(a);
  }

  // One task's coefficients, then its state.
  std::vector<double> point(std::size_t a) {
    std::vector<double> out(tasks_[a].coef, tasks_[a].coef + blocks_.q);
    const std::span<double> state = model_.state(a);
    out.insert(out.end(), state.begin(), state.end());
    return out;
  }

  void go(std::size_t a, const std::vector<double>& point) {
    const auto end = point.begin() + static_cast<std::ptrdiff_t>(blocks_.q);
    std::copy(point.begin(), end, tasks_[a].coef);
    std::copy(end, point.end(), model_.state(a).begin());
  }

  double objective(std::size_t a) {
    const BlockTask& t = tasks_[a];
    double sum = model_.energy(a, t.coef);
    for (std::size_t g : open_)
      if (scaled(t, g, t.coef, here_)) sum += price(block(t, g), here_.data()) + 0.5 * t.l2[g] * dot(here_.data(), here_.data(), blocks_.size(g));
    return sum;
  }

  Model& model_;
  const Blocks& blocks_;
  std::vector<BlockTask> tasks_;
  BlockSolver solver_;
  std::vector<Past> past_;
  std::vector<double> fell_, pull_, step_, one_, here_, there_;
  std::vector<std::size_t> open_, free_, live_;
  std::vector<Ray> rays_;
  std::unique_ptr<double[]> images_;  // of the rays
};

}  // namespace rightfit
