#include "metrics/ties.h"

#include <cstring>
#include <vector>

#include "metrics/class_columns.h"

namespace mkt::metrics {
namespace {

/// Counts how often equal scores occur: a hash table with open addressing, reused for all classes of a group.
class ScoreCounts {
 public:
  explicit ScoreCounts(std::int64_t images) {
    std::size_t size = 16;
    while (size < 2 * static_cast<std::size_t>(images)) size *= 2;
    slots_.resize(size);
  }

  /// Returns the share of images that tie, of those with |label| = 1.
  double tied_share(const float* scores, const std::int8_t* labels, std::int64_t images) {
    ++round_;
    std::int64_t counted = 0;
    std::int64_t tied = 0;
    for (std::int64_t i = 0; i < images; ++i) {
      if (labels[i] == 0) continue;
      ++counted;
      Slot& slot = slot_of(scores[i]);
      if (slot.count == 1) ++tied;  // the first image with this score, which now ties
      if (slot.count > 0) ++tied;
      slot.count = slot.count == 0 ? 1 : 2;
    }
    return counted == 0 ? 0 : static_cast<double>(tied) / static_cast<double>(counted);
  }

 private:
  struct Slot {
    std::uint32_t score = 0;  // bits of the score
    std::uint16_t round = 0;  // round in which the slot was used last
    std::uint16_t count = 0;  // 0, 1, or 2 for more
  };

  /// Returns the slot of a score, emptied if it was last used in another round.
  Slot& slot_of(float score) {
    const float value = score == 0 ? 0.0F : score;  // -0 equals 0
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = (bits * 0x9E3779B97F4A7C15ULL) >> 32U & mask;
    while (slots_[i].round == round_ && slots_[i].score != bits) i = (i + 1) & mask;
    if (slots_[i].round != round_) slots_[i] = {bits, round_, 0};
    return slots_[i];
  }

  std::vector<Slot> slots_;
  std::uint16_t round_ = 0;
};

}  // namespace

torch::Tensor tied_share(const torch::Tensor& scores, const torch::Tensor& labels) {
  torch::Tensor shares = torch::zeros({scores.dim() == 2 ? scores.size(1) : 0}, torch::kFloat64);
  auto* result = shares.data_ptr<double>();
  each_class_group(scores, labels, [&](const ClassColumns& group) {
    ScoreCounts counts(group.images);
    for (std::int64_t c = 0; c < group.count; ++c) {
      result[group.first + c] = counts.tied_share(group.scores_of(c), group.labels_of(c), group.images);
    }
  });
  return shares;
}

}  // namespace mkt::metrics
