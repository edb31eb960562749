#include "io/records.h"

#include <c10/util/Exception.h>

#include <utility>

#include "io/json.h"

namespace mkt::io {
namespace {

bool ends_mid_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file.good() || file.tellg() <= 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

}  // namespace

RecordWriter::RecordWriter(std::string path) : path_(std::move(path)) {
  const bool broken = ends_mid_line(path_);
  file_.open(path_, std::ios::app);
  TORCH_CHECK(file_.good(), path_, ": cannot be opened for writing. Check the folder and its permissions.");
  if (broken) file_ << '\n';
}

void RecordWriter::write(const nlohmann::ordered_json& record) {
  file_ << json_text(record) << '\n' << std::flush;
  TORCH_CHECK(file_.good(), path_, ": a record could not be written. Check the free disk space.");
}

}  // namespace mkt::io
