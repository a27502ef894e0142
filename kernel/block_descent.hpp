// Descent block by block on quadratics with group norms (block.hpp), for tasks that share their columns:
//
//     minimize  Q_t(b)  +  sum_g penalty_g(s b_g),      s: what each coefficient is multiplied by before it is penalized
//
// Each block is minimized exactly, in turn; the blocks that are not zero are visited until they rest, then all. A
// Model knows the Q_t: how strongly they pull on a block, and how to move it. Tasks that rest are passed over. What a
// Model keeps is affine in b, so that sweeps can be extrapolated (anderson.hpp) without another pass.
#pragma once

#include <cstdint>
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

struct BlockTask {  // one task's penalty and blocks, all at the present strength
  const double *spectra, *l1, *l2, *norm;  // (all blocks), (q), (B), (B)
  const double* inverse;                   // (q) 1 / s; 0 leaves a coefficient out
  double small;
  double* coef;  // (q) start and end
};

// Model: pulls(first, size, tasks, count, out) -> out[i * count + a] for task tasks[a];
// move(first, size, tasks, count, step) with the same layout; state(task) what it keeps, as a vector, and
// energy(task, coef) = Q_t from it.
template <class Model>
class BlockDescent {
 public:
  BlockDescent(Model& model, const Blocks& blocks, std::vector<BlockTask> tasks)
      : model_(model), blocks_(blocks), tasks_(std::move(tasks)), solver_(blocks.largest()), anderson_(tasks_.size()), most_(tasks_.size()) {
    const std::size_t d = blocks.largest();
    pull_.resize(d * tasks_.size());
    step_.resize(d * tasks_.size());
    one_.resize(d);
    here_.resize(d);
    there_.resize(d);
  }

  // The number of sweeps; below most_sweeps where every task rests.
  std::int64_t run(std::int64_t most_sweeps) {
    std::int64_t sweeps = 0;
    live_.clear();
    for (std::size_t t = 0; t < tasks_.size(); ++t) live_.push_back(t);
    std::vector<std::size_t> every(blocks_.count), active;
    for (std::size_t g = 0; g < blocks_.count; ++g) every[g] = g;
    while (sweeps < most_sweeps) {
      visits_.assign(tasks_.size() * blocks_.count, 1);
      sweep(every);
      ++sweeps;
      rest();
      if (live_.empty()) return sweeps;
      const std::vector<std::size_t> moving = live_;
      active.clear();
      for (std::size_t g : every)
        if (choose(g)) active.push_back(g);
      for (Anderson& one : anderson_) one.restart();
      while (sweeps < most_sweeps && !live_.empty()) {
        for (std::size_t t : live_) anderson_[t].keep(tasks_[t].coef, blocks_.q, model_.state(t));
        sweep(active);
        ++sweeps;
        rest();
        for (std::size_t t : live_) extrapolate(t);
      }
      live_ = moving;
    }
    return sweeps;
  }

 private:
  // Which tasks have this block; each visits its own alone, so that none depends on its neighbours.
  bool choose(std::size_t g) {
    bool some = false;
    for (std::size_t t : live_) {
      const double* b = tasks_[t].coef + blocks_.first(g);
      const bool has = std::any_of(b, b + blocks_.size(g), [](double one) { return one != 0; });
      visits_[t * blocks_.count + g] = has;
      some = some || has;
    }
    return some;
  }

  void extrapolate(std::size_t t) {
    Anderson& past = anderson_[t];
    if (!past.full()) return;
    const std::span<double> state = model_.state(t);
    past.keep(tasks_[t].coef, blocks_.q, state);
    const double before = model_.energy(t, tasks_[t].coef) + cost(t);
    past.extrapolate(tasks_[t].coef, blocks_.q, state);
    if (!(model_.energy(t, tasks_[t].coef) + cost(t) <= before)) past.undo(tasks_[t].coef, blocks_.q, state);
    past.restart();
  }

  double cost(std::size_t task) const {
    const BlockTask& t = tasks_[task];
    double sum = 0;
    for (std::size_t g = 0; g < blocks_.count; ++g) {
      double square = 0;
      for (std::size_t j = blocks_.first(g); j < blocks_.first(g) + blocks_.size(g); ++j) {
        if (t.coef[j] == 0) continue;
        const double b = t.coef[j] / t.inverse[j];
        square += b * b;
        sum += t.l1[j] * std::fabs(b);
      }
      sum += t.norm[g] * std::sqrt(square) + 0.5 * t.l2[g] * square;
    }
    return sum;
  }

  void rest() {
    std::vector<std::size_t> moving;
    for (std::size_t t : live_)
      if (most_[t] > tasks_[t].small) moving.push_back(t);
    live_ = moving;
  }

  void sweep(const std::vector<std::size_t>& some) {
    for (std::size_t t : live_) most_[t] = 0;
    for (std::size_t g : some) visit(g);
  }

  void visit(std::size_t g) {
    const std::size_t first = blocks_.first(g), d = blocks_.size(g), count = live_.size();
    model_.pulls(first, d, live_.data(), count, pull_.data());
    bool moves = false;
    for (std::size_t a = 0; a < count; ++a) {
      const BlockTask& t = tasks_[live_[a]];
      bool zero = true, still = true;
      double square = 0;
      for (std::size_t i = 0; i < d; ++i) {
        const std::size_t j = first + i;
        one_[i] = pull_[i * count + a] * t.inverse[j];
        here_[i] = t.inverse[j] > 0 ? t.coef[j] / t.inverse[j] : 0.0;
        zero = zero && here_[i] == 0;
        square += one_[i] * one_[i];
        step_[i * count + a] = 0;
      }
      if ((zero && square <= t.norm[g] * t.norm[g]) || !visits_[live_[a] * blocks_.count + g]) continue;
      const double* vectors = t.spectra + blocks_.corners[g];
      const Block block{d, vectors + d * d, vectors, t.l1 + first, t.l2[g], t.norm[g]};
      const double size = solver_.minimize(block, one_.data(), here_.data(), there_.data());
      for (std::size_t i = 0; i < d; ++i) {
        const double fresh = there_[i] * t.inverse[first + i], step = fresh - t.coef[first + i];
        step_[i * count + a] = step;
        still = still && std::fabs(step) <= 1e-15 * std::fabs(fresh);
        t.coef[first + i] = fresh;
        moves = moves || step != 0;
      }
      if (!still) most_[live_[a]] = std::max(most_[live_[a]], size);
    }
    if (moves) model_.move(first, d, live_.data(), count, step_.data());
  }

  Model& model_;
  const Blocks& blocks_;
  std::vector<BlockTask> tasks_;
  BlockSolver solver_;
  std::vector<Anderson> anderson_;
  std::vector<double> most_, pull_, step_, one_, here_, there_;
  std::vector<std::size_t> live_;
  std::vector<char> visits_;
};

}  // namespace rightfit
