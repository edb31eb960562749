#include "nus_wide/raw_labels.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <string_view>

#include "io/numbered_lines.h"

namespace mkt::nus_wide {
namespace {

constexpr const char* kWhatToDo = ". Unpack or download the archive again.";

/// Iterates over the values on a line, separated by spaces or tabs.
class Values {
 public:
  explicit Values(const io::NumberedLines& lines) : lines_(lines), left_(lines.text()) {}

  bool next(bool* value) {
    const auto start = left_.find_first_not_of(" \t");
    if (start == std::string_view::npos) return false;
    left_.remove_prefix(start);
    const std::string_view text = left_.substr(0, left_.find_first_of(" \t"));
    left_.remove_prefix(text.size());
    ++column_;
    TORCH_CHECK(text == "0" || text == "1", lines_.where(), ": expected 0 or 1 in column ", column_,
                ", got '", text.substr(0, 20), "'", kWhatToDo);
    *value = text == "1";
    return true;
  }

 private:
  const io::NumberedLines& lines_;
  std::string_view left_;
  std::size_t column_ = 0;
};

/// Sets a label. Does nothing if the table of the image's split lacks the column: training has no concepts.
void set(const Place& place, LabelTable RawSplit::*table, std::size_t column, bool present) {
  if (place.split == nullptr) return;
  LabelTable& labels = place.split->*table;
  if (column < labels.columns) labels.row(place.row)[column] = present ? 1 : -1;
}

/// Calls read(lines, place) for each line in a table; `place` is the split and row of the image.
template <typename Read>
void along(const std::string& path, const ImageList& list, Read read) {
  io::NumberedLines lines(path);
  std::size_t count = 0;
  const auto expected =
      fmt::format(": expected {} lines, one per image of {}, got ", list.places.size(), list.path);
  for (; lines.next(); ++count) {
    TORCH_CHECK(count < list.places.size(), lines.where(), expected, "more", kWhatToDo);
    read(lines, list.places[count]);
  }
  TORCH_CHECK(count == list.places.size(), lines.where(), expected, count, kWhatToDo);
}

}  // namespace

void read_table(const std::string& path, const std::string& names_file, const std::vector<int>& into,
                const ImageList& list, LabelTable RawSplit::*table) {
  along(path, list, [&](const io::NumberedLines& lines, const Place& place) {
    Values values(lines);
    std::size_t count = 0;
    for (bool present = false; values.next(&present); ++count) {
      if (count < into.size() && into[count] >= 0)
        set(place, table, static_cast<std::size_t>(into[count]), present);
    }
    TORCH_CHECK(count == into.size(), lines.where(), ": expected ", into.size(), " values, one per label of ",
                names_file, ", got ", count, kWhatToDo);
  });
}

void read_column(const std::string& path, std::size_t column, const ImageList& list,
                 LabelTable RawSplit::*table) {
  along(path, list, [&](const io::NumberedLines& lines, const Place& place) {
    Values values(lines);
    bool present = false;
    bool more = false;
    TORCH_CHECK(values.next(&present) && !values.next(&more), lines.where(),
                ": expected one value, 0 or 1, got '", lines.text().substr(0, 20), "'", kWhatToDo);
    set(place, table, column, present);
  });
}

}  // namespace mkt::nus_wide
