#pragma once
// What a user can set of `prepare folders`, `prepare csv`, `prepare coco` and `prepare to-csv`, with its
// defaults.

#include <cstdint>
#include <string>

namespace mkt::prepare {

/// The manifest to write, and what the source does not say.
struct ManifestOptions {
  std::string out;            ///< TOML file; the other files lie beside it
  std::string seen;           ///< file, a label a line; empty: all labels that are not unseen, sorted
  std::string unseen;         ///< file, a label a line; empty: a share of the labels
  double unseen_share = 0.2;  ///< of the labels, drawn
  double test_share = 0.2;    ///< of the pictures with a seen label, drawn
  std::int64_t seed = 1;
  std::string unlisted = "absent";  ///< or "unknown": labels that a picture does not name
  std::int64_t workers = 8;
};

struct FoldersOptions {
  std::string folders;  ///< holds a folder a label
  ManifestOptions manifest;
};

struct CsvOptions {
  std::string csv;
  std::string images;  ///< folder that pictures are named from
  std::string image_column = "image";
  std::string labels_column = "labels";
  std::string absent_column;  ///< empty: none
  std::string split_column;   ///< of "train" and "test"; empty: drawn
  std::string separator = ";";
  ManifestOptions manifest;
};

struct CocoOptions {
  std::string instances;       ///< instances JSON of the pictures to train on, or of all
  std::string test_instances;  ///< of those to test on; empty: drawn
  std::string images;          ///< folder of the pictures, or of the folders that hold them
  ManifestOptions manifest;
};

struct ToCsvOptions {
  std::string data_path;
  std::string out;
  std::string separator = ";";
};

}  // namespace mkt::prepare
