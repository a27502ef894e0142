// Descent block by block on quadratics with group norms (block.hpp), for tasks that share their columns:
//
//     minimize  Q_t(b)  +  sum_g penalty_g(s b_g),      s: what each coefficient is multiplied by before it is penalized
//
// A round minimizes every block in turn. Before a task rests, and now and then, how far its blocks reach is brought to
// its optimum for all of them: b_g -> r_g b_g, r_g >= 0, a lasso in the images of the blocks. Then each block is pulled
// along itself by just its price. What its pull still exceeds the price by is the square of what is left of its
// direction, so that the duality gap, of first order in the excess, is of second order in the error.
//
// A Model knows the Q_t: how strongly they pull on a block, and how to move it. Tasks that rest stay where they are.
// What a Model keeps is affine in b, so that rounds can be extrapolated (anderson.hpp) without another pass.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "anderson.hpp"
#include "block.hpp"

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

constexpr double WALL = 1e300;         // the norm's price of a block that stays zero
constexpr double OVER = 1.25;          // steps go on beyond a block's minimum, as in successive over-relaxation
constexpr std::int64_t BETWEEN = 4;    // rounds

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
      : model_(model), blocks_(blocks), tasks_(std::move(tasks)), solver_(blocks.largest()), anderson_(tasks_.size()), fell_(tasks_.size()) {
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
    for (std::size_t a = 0; a < tasks_.size(); ++a) live_.push_back(a);
  }

  // The number of rounds; below most_rounds where every task rests.
  std::int64_t run(std::int64_t most_rounds) {
    for (std::int64_t round = 1; round <= most_rounds; ++round) {
      for (std::size_t t : live_) fell_[t] = 0;
      for (std::size_t g : open_) visit(g, live_);
      for (std::size_t t : live_)
        if (fell_[t] <= tasks_[t].small || round % BETWEEN == 0) reach(t);
      std::erase_if(live_, [&](std::size_t t) { return fell_[t] <= tasks_[t].small; });
      if (live_.empty()) return round;
      for (std::size_t t : live_) extrapolate(t);
    }
    return most_rounds;
  }

 private:
  struct Ray {  // a block along itself: it reaches `reach`, and is pulled there by `price` + `ridge` * `reach`
    std::size_t block;
    double price, ridge, curvature, reach;
  };

  Block block(const BlockTask& t, std::size_t g) const {
    const std::size_t d = blocks_.size(g);
    const double* vectors = t.spectra + blocks_.corners[g];
    return {d, vectors + d * d, vectors, t.l1 + blocks_.first(g), t.l2[g], t.norm[g]};
  }

  // here_ := the block's penalized coefficients; false where all are zero
  bool scaled(const BlockTask& t, std::size_t g) {
    bool some = false;
    for (std::size_t i = 0; i < blocks_.size(g); ++i) {
      const std::size_t j = blocks_.first(g) + i;
      here_[i] = t.inverse[j] > 0 ? t.coef[j] / t.inverse[j] : 0.0;
      some = some || here_[i] != 0;
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
      const bool zero = !scaled(t, g);
      bool still = true;
      double square = 0;
      for (std::size_t i = 0; i < d; ++i) {
        one_[i] = pull_[i * count + a] * t.inverse[first + i];
        square += one_[i] * one_[i];
      }
      if (zero && square <= t.norm[g] * t.norm[g]) continue;
      const double size = solver_.minimize(block(t, g), one_.data(), here_.data(), there_.data());
      const double over = zero ? 0.0 : beyond(t, g);
      for (std::size_t i = 0; i < d; ++i) {
        const double fresh = (there_[i] + over * (there_[i] - here_[i])) * t.inverse[first + i], step = fresh - t.coef[first + i];
        step_[i * count + a] = step;
        still = still && std::fabs(step) <= 1e-15 * std::fabs(fresh);
        t.coef[first + i] = fresh;
        moves = moves || step != 0;
      }
      if (!still) fell_[a] += size;
    }
    if (moves) model_.move(first, d, step_.data());
  }

  // By how much of its step a block goes on: where that is short and the penalty smooth.
  double beyond(const BlockTask& t, std::size_t g) const {
    double step = 0, size = 0, l1 = 0;
    for (std::size_t i = 0; i < blocks_.size(g); ++i) {
      step += (there_[i] - here_[i]) * (there_[i] - here_[i]);
      size += there_[i] * there_[i];
      l1 += t.l1[blocks_.first(g) + i];
    }
    return t.norm[g] > 0 && l1 == 0 && step < 0.1 * size ? OVER - 1 : 0.0;
  }

  // One task's best reaches, one after the other, until what is wrong with them costs less gap than the last steps.
  void reach(std::size_t a) {
    const BlockTask& t = tasks_[a];
    const std::size_t length = model_.length();
    if (!images_) images_.reset(new double[open_.size() * length]);  // touched as they are needed
    rays_.clear();
    double cost = 0;
    for (std::size_t g : open_) {
      if (!scaled(t, g)) continue;
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

  void extrapolate(std::size_t a) {
    Anderson& past = anderson_[a];
    const BlockTask& t = tasks_[a];
    const std::span<double> state = model_.state(a);
    if (past.full()) {
      past.keep(t.coef, blocks_.q, state);
      const double before = model_.energy(a, t.coef) + cost(t);
      past.extrapolate(t.coef, blocks_.q, state);
      if (!(model_.energy(a, t.coef) + cost(t) <= before)) past.undo(t.coef, blocks_.q, state);
      past.restart();
    }
    past.keep(t.coef, blocks_.q, state);
  }

  double cost(const BlockTask& t) {
    double sum = 0;
    for (std::size_t g : open_)
      if (scaled(t, g)) sum += price(block(t, g), here_.data()) + 0.5 * t.l2[g] * dot(here_.data(), here_.data(), blocks_.size(g));
    return sum;
  }

  Model& model_;
  const Blocks& blocks_;
  std::vector<BlockTask> tasks_;
  BlockSolver solver_;
  std::vector<Anderson> anderson_;
  std::vector<double> fell_, pull_, step_, one_, here_, there_;
  std::vector<std::size_t> open_, free_, live_;
  std::vector<Ray> rays_;
  std::unique_ptr<double[]> images_;  // of the rays
};

}  // namespace rightfit
