#pragma once
// Options of `prepare check`.

#include <cstdint>
#include <string>

namespace mkt::check {

struct CheckOptions {
  std::string data_path;
  std::string report;  ///< HTML file to write; empty: none
  std::string json;    ///< JSON file to write; empty: none
  std::int64_t workers;
};

}  // namespace mkt::check
