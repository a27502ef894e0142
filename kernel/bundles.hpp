// Which tasks walk in step.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "bundle.hpp"

namespace rightfit {

// `count` tasks from `first` on, and the columns that one of them may use.
struct Bundle {
  std::size_t first, count;
  std::vector<std::size_t> columns;
};

// The same bundles on any number of threads. Together all tasks look at every column of any of them; where a task has few of
// these it walks alone, which takes about `alone` times as long a column and task.
template <class Uses>
std::vector<Bundle> bundles_of(std::size_t tasks, std::size_t q, std::size_t alone, const Uses& uses) {
  const auto bundle = [&](std::size_t first, std::size_t count) {
    Bundle out{first, count, {}};
    for (std::size_t j = 0; j < q; ++j)
      for (std::size_t t = first; t < first + count; ++t)
        if (uses(t, j)) {
          out.columns.push_back(j);
          break;
        }
    return out;
  };
  const std::size_t parts = (tasks + Columns::most - 1) / Columns::most;
  std::vector<Bundle> out;
  for (std::size_t k = 0; k < parts; ++k) {
    const std::size_t first = k * tasks / parts, last = (k + 1) * tasks / parts;
    Bundle together = bundle(first, last - first);
    std::vector<Bundle> apart;
    std::size_t own = 0;
    for (std::size_t t = first; t < last; ++t) own += apart.emplace_back(bundle(t, 1)).columns.size();
    if (alone * own < together.columns.size() * Columns::padded(last - first)) {
      std::move(apart.begin(), apart.end(), std::back_inserter(out));
    } else {
      out.push_back(std::move(together));
    }
  }
  return out;
}

}  // namespace rightfit
