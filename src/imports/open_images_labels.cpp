#include "imports/open_images_labels.h"

#include <c10/util/Exception.h>

#include <algorithm>

namespace mkt::imports {
namespace {

/// Parses an ImageID. Open Images documents ids as 64-bit numbers in hexadecimal, padded with zeros.
std::uint64_t image_number(const std::string& id, const std::string& where) {
  constexpr std::size_t kDigits = 16;
  TORCH_CHECK(id.size() == kDigits && id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos,
              where, ": expected an ImageID of 16 hexadecimal digits, got '", id,
              "'. Download the file again.");
  return std::stoull(id, nullptr, 16);
}

bool is_present(const std::string& confidence, const std::string& where) {
  const bool one = confidence == "1" || confidence == "1.0";
  TORCH_CHECK(one || confidence == "0" || confidence == "0.0", where,
              ": expected a Confidence of 0 or 1, got '", confidence,
              "'. Give the human-verified labels (human-imagelabels).");
  return one;
}

}  // namespace

OpenImagesLabels::Columns::Columns(const io::CsvTable& table) {
  const auto place = [&](const char* name) {
    return table.column(name, "Give Open Images' …-annotations-human-imagelabels.csv.");
  };
  image = place("ImageID");
  label = place("LabelName");
  confidence = place("Confidence");
}

OpenImagesLabels::OpenImagesLabels(std::string path, const OpenImagesClasses& classes,
                                   Contradictory contradictory)
    : path_(std::move(path)),
      classes_(classes),
      contradictory_(contradictory),
      table_(path_),
      columns_(table_),
      has_row_(next_row()) {
  TORCH_CHECK(has_row_, path_, ": expected one label per line, got none. Download the file again.");
}

bool OpenImagesLabels::next_row() {
  if (!table_.next()) return false;
  ++counts_.rows;
  return true;
}

void OpenImagesLabels::take_row() {
  const std::string where = table_.where();
  labels_.emplace_back(classes_.number_of(table_.field(columns_.label), where),
                       is_present(table_.field(columns_.confidence), where));
  has_row_ = next_row();
}

bool OpenImagesLabels::next() {
  if (!has_row_) {
    check_consecutive();
    return false;
  }
  image_.image = table_.field(columns_.image);
  image_.where = table_.where();
  images_.push_back(image_number(image_.image, image_.where));
  labels_.clear();
  while (has_row_ && table_.field(columns_.image) == image_.image) take_row();
  settle();
  return true;
}

void OpenImagesLabels::settle() {
  image_.present.clear();
  image_.absent.clear();
  std::stable_sort(labels_.begin(), labels_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto label = labels_.begin(); label != labels_.end();) {
    const auto end =
        std::find_if(label, labels_.end(), [&](const auto& other) { return other.first != label->first; });
    const bool last = (end - 1)->second;
    const bool agree = std::all_of(label, end, [&](const auto& row) { return row.second == last; });
    counts_.repeated += end - label - (agree ? 1 : 2);
    counts_.contradictory += agree ? 0 : 1;
    if (agree || contradictory_ == Contradictory::kLast)
      (last ? image_.present : image_.absent).push_back(label->first);
    label = end;
  }
}

void OpenImagesLabels::check_consecutive() {
  std::sort(images_.begin(), images_.end());
  const auto again = std::adjacent_find(images_.begin(), images_.end());
  if (again == images_.end()) return;
  io::CsvTable table(path_);
  std::string place;  // position of the image's second group of rows
  for (bool inside = false, before = false; place.empty() && table.next();) {
    const bool here = image_number(table.field(columns_.image), table.where()) == *again;
    if (here && !inside && before) place = table.where();
    before = before || here;
    inside = here;
  }
  TORCH_CHECK(
      false, place,
      ": expected the rows of an image to be consecutive, got another row of an earlier image. Sort the "
      "lines below the first by ImageID alone, which keeps the order of an image's rows.");
}

}  // namespace mkt::imports
