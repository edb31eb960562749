#pragma once
// Values of PKWARE's APPNOTE.TXT that both the reader and the writer of zip archives need.

#include <cstdint>

namespace mkt::weights {

inline constexpr std::uint64_t kIn64 = 0xFFFFFFFF;   ///< 4-byte field: the number is in the zip64 field
inline constexpr std::uint64_t kIn64Short = 0xFFFF;  ///< 2-byte field: the number is in the zip64 record

}  // namespace mkt::weights
