#pragma once
// Which pictures of a split are kept, and by which rule others are not.

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "check/pictures.h"
#include "nus_wide/nus_wide_options.h"
#include "nus_wide/nus_wide_raw.h"

namespace mkt::nus_wide {

/// What can be said against a picture, in the order in which the rules are asked.
enum class Fault { kMissing, kBroken, kUnavailable, kCutShort, kUnlabelled };
inline constexpr std::array<Fault, 5> kFaults = {Fault::kMissing, Fault::kBroken, Fault::kUnavailable,
                                                 Fault::kCutShort, Fault::kUnlabelled};

/// "missing", "broken", "unavailable", "cut_short", "unlabelled".
const char* fault_name(Fault fault);

struct FaultCount {
  std::size_t found = 0;     ///< pictures that have the fault
  std::size_t left_out = 0;  ///< those that this rule was the first to drop
};

struct Selection {
  std::vector<std::size_t> kept;  ///< rows of the split, in order
  std::array<FaultCount, kFaults.size()> counts;
  std::vector<nlohmann::ordered_json> left_out;  ///< {"name", "split", "rule", "reason" where there is one}
};

/// Asks the rules of `options` about each picture of a split. `facts` follow its rows. Throws c10::Error
/// where a rule says "error" and a picture has the fault, or where no picture is left.
Selection select(const RawSplit& split, const std::string& name,
                 const std::vector<check::PictureFacts>& facts, const NusWideImportOptions& options);

}  // namespace mkt::nus_wide
