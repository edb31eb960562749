#pragma once
// Selects the images to keep in a split; each dropped image is counted under a rule.

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "check/image_facts.h"
#include "mkt/data/dataset.h"
#include "nus_wide/nus_wide_options.h"
#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Image faults, in the order in which the rules are applied.
enum class Fault { kMissing, kBroken, kUnavailable, kCutShort, kUnlabelled };
inline constexpr std::array<Fault, 5> kFaults = {Fault::kMissing, Fault::kBroken, Fault::kUnavailable,
                                                 Fault::kCutShort, Fault::kUnlabelled};

struct FaultCount {
  std::size_t found = 0;     ///< images with the fault
  std::size_t left_out = 0;  ///< images dropped for this fault, which is their first
};

struct Selection {
  std::vector<std::size_t> kept;  ///< rows in the split, ascending
  std::array<FaultCount, kFaults.size()> counts;
  std::vector<nlohmann::ordered_json> left_out;  ///< {"name", "split", "rule", "reason" (if known)}
};

/// Applies the rules in `options` to each image in `split`, which is the split `which`; `facts` has one entry
/// per row. Throws c10::Error if an image has a fault whose rule is kError, or if no image is left.
Selection select(const RawSplit& split, data::Split which, const std::vector<check::ImageFacts>& facts,
                 const NusWideImportOptions& options);

}  // namespace mkt::nus_wide

template <>
struct mkt::Names<mkt::nus_wide::Fault> {
  static constexpr NameTable<nus_wide::Fault, 5> kTable{{{nus_wide::Fault::kMissing, "missing"},
                                                         {nus_wide::Fault::kBroken, "broken"},
                                                         {nus_wide::Fault::kUnavailable, "unavailable"},
                                                         {nus_wide::Fault::kCutShort, "cut_short"},
                                                         {nus_wide::Fault::kUnlabelled, "unlabelled"}}};
};
