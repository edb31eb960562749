#pragma once
// Positives per test image: a figure that depends on the labels alone, and that published results imply.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mkt/data/dataset.h"

namespace mkt::check {

/// Present labels per image of one setting.
struct PositivesPerImage {
  double all = 0;             ///< over all test images
  double with_positives = 0;  ///< over the images with a present label of the setting; 0 if there is none
};

/// Figures of a published evaluation. In published F1, k · precision / recall is positives per image,
/// whatever the model.
struct PublishedFigures {
  const char* name = "";
  double zsl = 0;
  int zsl_digits = 0;  ///< known decimals
  double gzsl = 0;
  int gzsl_digits = 0;
  bool with_positives = false;  ///< whether images without a positive of the setting were left out
};

struct Fingerprint {
  PositivesPerImage zsl;                      ///< unseen labels
  PositivesPerImage gzsl;                     ///< all labels
  std::optional<PublishedFigures> published;  ///< nullopt for other data sets
};

/// Counts the positives of a test split. Throws ValueError if it has no images.
Fingerprint fingerprint_of(const data::Dataset& test);

/// Returns the published figures for a data set: a folder in the NUS-WIDE layout, or a manifest whose key
/// origin names a published data set.
std::optional<PublishedFigures> published_figures(const std::string& data_path);

/// A fingerprint's figures over one choice of images, as text, with the published ones in brackets.
struct FingerprintRow {
  std::string images;  ///< images that count
  std::string zsl;
  std::string gzsl;
};
std::vector<FingerprintRow> rows_of(const Fingerprint& fingerprint);

/// Formats a line per choice of images: "positives per image: ZSL 1.876 (NUS-WIDE as published: 1.876),
/// GZSL 6.80 (6.80)".
std::string to_text(const Fingerprint& fingerprint);
nlohmann::ordered_json to_json(const Fingerprint& fingerprint);

}  // namespace mkt::check
