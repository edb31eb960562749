#pragma once
// What a user can set of `prepare check`, with its defaults.

#include <cstdint>
#include <string>

namespace mkt::check {

struct CheckOptions {
  std::string data_path;
  std::string report;  ///< HTML file; empty: none
  std::string json;    ///< result file; empty: none
  std::int64_t workers = 8;
};

}  // namespace mkt::check
