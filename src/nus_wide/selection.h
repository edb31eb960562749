#pragma once
// Decides which images of a split are kept, and which rule drops the others.

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "check/image_facts.h"
#include "nus_wide/nus_wide_options.h"
#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// Faults of an image, in the order in which the rules are applied.
enum class Fault { kMissing, kBroken, kUnavailable, kCutShort, kUnlabelled };
inline constexpr std::array<Fault, 5> kFaults = {Fault::kMissing, Fault::kBroken, Fault::kUnavailable,
                                                 Fault::kCutShort, Fault::kUnlabelled};

struct FaultCount {
  std::size_t found = 0;     ///< images with the fault
  std::size_t left_out = 0;  ///< images that were dropped for this fault first
};

struct Selection {
  std::vector<std::size_t> kept;  ///< rows of the split, in order
  std::array<FaultCount, kFaults.size()> counts;
  std::vector<nlohmann::ordered_json> left_out;  ///< {"name", "split", "rule", "reason" (if known)}
};

/// Applies the rules of `options` to each image of a split; `facts` are in the order of its rows. Throws
/// c10::Error if an image has a fault whose rule is kError, or if no image is left.
Selection select(const RawSplit& split, const std::string& name, const std::vector<check::ImageFacts>& facts,
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
