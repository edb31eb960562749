#pragma once
// Zip format constants shared by reader and writer. Source: PKWARE's APPNOTE.TXT.

#include <cstdint>

namespace mkt::weights {

inline constexpr std::uint64_t kIn64 = 0xFFFFFFFF;   ///< 4-byte field: the value is in the zip64 extra field
inline constexpr std::uint64_t kIn64Short = 0xFFFF;  ///< 2-byte field: the value is in the zip64 end record

}  // namespace mkt::weights
