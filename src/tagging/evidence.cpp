#include "tagging/evidence.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include "codecs/encode.h"
#include "core/log.h"
#include "core/text.h"
#include "core/utf8.h"
#include "image/drawing.h"
#include "image/heatmap.h"
#include "image/lettering.h"
#include "io/atomic_file.h"
#include "mkt/model/scores.h"

namespace mkt::tagging {
namespace {

constexpr std::size_t kNameLength = 48;
constexpr std::size_t kCharacters = 8;  // at most, that a warning names
constexpr std::int64_t kLeastSide = 384;
constexpr std::int64_t kFont = 15;  // height in pixels
constexpr std::int64_t kMargin = 8;
constexpr std::int64_t kRow = 24;
constexpr std::int64_t kLine = 3;  // thickness of an outline, in pixels
constexpr image::Colour kPaper{24, 26, 31};
constexpr image::Colour kInk{240, 240, 240};
constexpr image::Colour kQuiet{150, 155, 165};
constexpr image::Colour kShadow{0, 0, 0};
// Based on Okabe and Ito's palette, which colour-blind people can distinguish.
constexpr std::array<image::Colour, 6> kColours = {
    {{230, 159, 0}, {86, 180, 233}, {0, 190, 140}, {240, 228, 66}, {213, 94, 0}, {204, 121, 167}}};

void save_image(const std::string& path, const torch::Tensor& image) {
  const std::string bytes = image::encode_png(image);
  io::write_atomically(
      path, [&](std::ostream& out) { out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); });
}

/// Formats `number` with leading zeros.
std::string counted(std::int64_t number, int digits) {
  return fmt::format("{:0{}}", number, digits);
}

/// Draws a row of the label list: number, name, score. `top`: the row's upper edge.
void draw_row(torch::Tensor& sheet, std::int64_t top, std::size_t rank, const ScoredLabel& label) {
  const bool outlined = rank < kColours.size();
  const image::Lettering number(std::to_string(rank + 1), kFont);
  const image::Lettering score(fixed_text(label.score, 3), kFont);
  const std::int64_t right = sheet.size(1) - kMargin - score.width();
  const std::int64_t left = kMargin + image::Lettering("00", kFont).width() + kMargin;
  const image::Lettering name(label.label, kFont, std::max<std::int64_t>(right - left - kMargin, 1));
  const auto centred = [&](const image::Lettering& text) { return top + (kRow - text.height()) / 2; };
  number.draw(sheet, kMargin, centred(number), outlined ? kColours[rank] : kQuiet);
  name.draw(sheet, left, centred(name), kInk);
  score.draw(sheet, right, centred(score), kQuiet);
}

/// Outlines and numbers a label's brightest patch. `inside`: number of outlines that the patch already has;
/// the new outline is drawn inside them.
void outline(torch::Tensor& sheet, image::Box box, std::size_t rank, std::int64_t inside) {
  const std::int64_t inset = inside * (kLine + 1);
  const image::Lettering number(std::to_string(rank + 1), kFont);
  const image::Box frame{box.left + inset, box.top + inset,
                         std::max<std::int64_t>(box.width - 2 * inset, kLine),
                         std::max<std::int64_t>(box.height - 2 * inset, kLine)};
  image::draw_frame(sheet, {frame.left - 1, frame.top - 1, frame.width + 2, frame.height + 2}, 1, kShadow);
  image::draw_frame(sheet, frame, kLine, kColours[rank]);
  const image::Box tag{box.left + inside * (number.width() + kMargin), box.top - number.height(),
                       number.width() + 6, number.height()};
  const image::Box placed{tag.left, tag.top < 0 ? box.top + box.height : tag.top, tag.width, tag.height};
  image::fill_box(sheet, placed, kColours[rank]);
  number.draw(sheet, placed.left + 3, placed.top, kShadow);
}

/// Warns once of the characters in `labels` that no installed font has.
void check_fonts(const std::vector<std::string>& labels) {
  image::require_fonts();
  std::set<char32_t> used;
  for (const std::string& label : labels) {
    for (const char32_t c : decode_utf8(label)) used.insert(c);
  }
  std::set<char32_t> missing;
  for (const char32_t c : used) {
    if (c > U'~' && !image::Lettering(encode_utf8({&c, 1}), kFont).missing().empty()) missing.insert(c);
  }
  if (missing.empty()) return;
  std::vector<std::string> shown;
  for (const char32_t c : missing) {
    std::string text;
    append_utf8(c, text);
    shown.push_back(fmt::format("{} U+{:04X}", text, static_cast<std::uint32_t>(c)));
  }
  log::warning(
      "annotate: no installed font has {} of the labels: {}. Install one, such as fonts-noto-core or "
      "fonts-noto-cjk; boxes are drawn instead.",
      missing.size() == 1 ? "1 character" : fmt::format("{} characters", missing.size()),
      join(shown, ", ", kCharacters));
}

}  // namespace

std::string safe_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
    if (plain) {
      name += c;
    } else if (name.empty() || name.back() != '_') {
      name += '_';
    }
  }
  return name.empty() ? "_" : name.substr(0, kNameLength);
}

torch::Tensor annotated_image(const torch::Tensor& image, const torch::Tensor& products,
                              const std::vector<ScoredLabel>& labels) {
  const std::int64_t side = image.size(0) * ((kLeastSide + image.size(0) - 1) / image.size(0));
  const auto rows = static_cast<std::int64_t>(labels.size());
  torch::Tensor sheet = image::blank_image(side + (rows > 0 ? 2 * kMargin + rows * kRow : 0), side, kPaper);
  sheet.slice(0, 0, side).copy_(image::resize(image, side, side));
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> taken;
  for (std::size_t rank = 0; rank < labels.size(); ++rank) {
    const auto row = static_cast<std::int64_t>(rank);
    draw_row(sheet, side + kMargin + row * kRow, rank, labels[rank]);
    if (rank >= kColours.size()) continue;
    const image::Box box = image::brightest_patch(products[row], side);
    outline(sheet, box, rank, taken[{box.left, box.top}]++);
  }
  return sheet;
}

EvidenceWriter::EvidenceWriter(std::string heatmaps, std::string annotations,
                               const std::vector<std::string>& labels, torch::Tensor label_features)
    : heatmaps_(std::move(heatmaps)),
      annotations_(std::move(annotations)),
      label_features_(std::move(label_features)) {
  for (std::size_t i = 0; i < labels.size(); ++i) places_.emplace(labels[i], static_cast<std::int64_t>(i));
  if (!annotations_.empty()) check_fonts(labels);
}

void EvidenceWriter::write(const TaggedImage& tagged, std::int64_t index, const torch::Tensor& image,
                           const torch::Tensor& patches) {
  if (heatmaps_.empty() && annotations_.empty()) return;
  std::vector<std::int64_t> rows;
  for (const ScoredLabel& label : tagged.labels) rows.push_back(places_.at(label.label));
  const torch::Tensor chosen =
      label_features_.index_select(0, torch::tensor(rows, torch::kInt64).to(label_features_.device()));
  const torch::Tensor products = model::patch_products(patches.unsqueeze(0), chosen)[0].cpu();  // (k, P)
  const torch::Tensor pixels = image::as_interleaved(image);                                    // (S, S, 3)
  const std::string name =
      counted(index + 1, 6) + "_" + safe_name(std::filesystem::path(tagged.image).stem().string());
  for (std::size_t i = 0; i < rows.size() && !heatmaps_.empty(); ++i) {
    const auto rank = static_cast<std::int64_t>(i);
    const std::string label = counted(rank + 1, 2) + "_" + safe_name(tagged.labels[i].label);
    save_image(fmt::format("{}/{}_{}.png", heatmaps_, name, label),
               image::blend_heatmap(pixels, products[rank]));
  }
  if (annotations_.empty()) return;
  save_image(fmt::format("{}/{}.png", annotations_, name), annotated_image(pixels, products, tagged.labels));
}

}  // namespace mkt::tagging
