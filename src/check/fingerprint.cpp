#include "check/fingerprint.h"

#include <fmt/format.h>

#include "core/text.h"
#include "data/manifest.h"
#include "mkt/torch.h"

namespace mkt::check {
namespace {

using nlohmann::ordered_json;

constexpr int kDigits = 3;  // decimals without a published figure

// Computed from F1, precision and recall at k in BiAM's logs (paper_logs/nus_wide.log and openimages.log),
// which give the same figure at every k and for every model.
constexpr PublishedFigures kNusWide{"NUS-WIDE", 1.876, 3, 6.80, 2, false};
constexpr PublishedFigures kOpenImages{"Open Images", 1.28, 2, 8.68, 2, true};

PositivesPerImage positives_of(const data::LabelTable& labels) {
  const auto positives = labels.count(1).sum().item<double>();
  const std::int64_t with = labels.rows_with(1);
  return {positives / static_cast<double>(labels.rows()),
          with == 0 ? 0 : positives / static_cast<double>(with)};
}

FingerprintRow row_of(const Fingerprint& fingerprint, bool with_positives) {
  const auto figure = [&](const PositivesPerImage& one) {
    return with_positives ? one.with_positives : one.all;
  };
  const std::string images = with_positives ? "images with a positive" : "all images";
  const auto& known = fingerprint.published;
  if (!known || known->with_positives != with_positives) {
    return {images, fixed_text(figure(fingerprint.zsl), kDigits),
            fixed_text(figure(fingerprint.gzsl), kDigits)};
  }
  return {images,
          fmt::format("{} ({} as published: {})", fixed_text(figure(fingerprint.zsl), known->zsl_digits),
                      known->name, fixed_text(known->zsl, known->zsl_digits)),
          fmt::format("{} ({})", fixed_text(figure(fingerprint.gzsl), known->gzsl_digits),
                      fixed_text(known->gzsl, known->gzsl_digits))};
}

ordered_json json_of(const PositivesPerImage& positives) {
  return {{"all_images", positives.all}, {"images_with_positives", positives.with_positives}};
}

}  // namespace

Fingerprint fingerprint_of(const data::Dataset& test) {
  TORCH_CHECK_VALUE(test.labels.rows() > 0, "fingerprint: expected at least one test image, got none.");
  return {positives_of(test.labels_unseen), positives_of(test.labels), std::nullopt};
}

std::optional<PublishedFigures> published_figures(const std::string& data_path) {
  if (!data::is_manifest(data_path)) return kNusWide;
  const std::optional<data::Origin> origin = data::read_manifest_set(data_path).origin;
  if (!origin) return std::nullopt;
  switch (*origin) {
    case data::Origin::kOpenImages:
      return kOpenImages;
  }
  return std::nullopt;
}

std::vector<FingerprintRow> rows_of(const Fingerprint& fingerprint) {
  return {row_of(fingerprint, false), row_of(fingerprint, true)};
}

std::string to_text(const Fingerprint& fingerprint) {
  std::string text;
  const std::vector<FingerprintRow> rows = rows_of(fingerprint);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += fmt::format("positives per image{}: ZSL {}, GZSL {}\n", i == 0 ? "" : ", of " + rows[i].images,
                        rows[i].zsl, rows[i].gzsl);
  }
  return text;
}

ordered_json to_json(const Fingerprint& fingerprint) {
  ordered_json json = {{"zsl", json_of(fingerprint.zsl)}, {"gzsl", json_of(fingerprint.gzsl)}};
  if (const auto& known = fingerprint.published) {
    json["published"] = {{"data", known->name},
                         {"images", known->with_positives ? "images_with_positives" : "all_images"},
                         {"zsl", known->zsl},
                         {"gzsl", known->gzsl}};
  }
  return json;
}

}  // namespace mkt::check
