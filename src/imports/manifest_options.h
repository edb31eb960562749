#pragma once
// Options of the commands that write manifests, and of `prepare to-csv`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/csv.h"
#include "mkt/core/enum_names.h"

namespace mkt::imports {

/// State of a label that an image does not list.
enum class Unlisted { kAbsent, kUnknown };
/// What to do with an image without a file.
enum class MissingFile { kDrop, kError };
/// State of a class whose objects are all difficult.
enum class Difficult { kUnknown, kPresent };

/// The manifest to write, and what the source leaves open.
struct ManifestOptions {
  std::string out;      ///< TOML file; the other files are written beside it
  std::string seen;     ///< file with one label per line; empty: all labels that are not unseen, sorted
  std::string unseen;   ///< file with one label per line; empty: a random share of the labels
  double unseen_share;  ///< share of the labels that are unseen, drawn
  double test_share;    ///< share of the images with a seen label that are for test, drawn
  std::int64_t seed;
  Unlisted unlisted;
  std::int64_t workers;
};

struct FoldersOptions {
  std::string folders;  ///< has one subfolder per label
  ManifestOptions manifest;
};

struct CsvOptions {
  std::string csv;
  std::string images;  ///< image paths are relative to this folder
  std::string image_column;
  std::string labels_column;
  std::string absent_column;               ///< empty: no such column
  std::string split_column;                ///< contains "train" or "test"; empty: the split is drawn
  std::optional<io::Delimiter> delimiter;  ///< between columns; nullopt: found in the first line
  std::string separator;                   ///< between labels
  ManifestOptions manifest;
};

struct CocoOptions {
  std::string instances;       ///< instances JSON of the training images, or of all images
  std::string test_instances;  ///< instances JSON of the test images; empty: the split is drawn
  std::string images;          ///< folder with the images, or with their folders
  ManifestOptions manifest;
};

struct OpenImagesOptions {
  std::string train;       ///< train-annotations-human-imagelabels.csv
  std::string test;        ///< test-annotations-human-imagelabels.csv
  std::string validation;  ///< validation-annotations-human-imagelabels.csv, also for training; empty: none
  std::string classes;     ///< class-descriptions.csv
  std::string trainable;   ///< classes-trainable.txt: the seen labels; not read if manifest.seen is given
  std::string images;      ///< folder with the folders train, validation and test
  std::int64_t unseen_count;  ///< number of unseen labels if manifest.unseen is empty: the most frequent ones
  MissingFile missing;
  ManifestOptions manifest;  ///< its lists may contain class ids; its shares and seed are not used
};

struct VocOptions {
  std::string voc;                 ///< folder with the releases: VOCdevkit
  std::vector<std::string> train;  ///< release/set, for files <class>_trainval.txt
  std::vector<std::string> test;
  Difficult difficult;
  ManifestOptions manifest;  ///< its test_share is not used
};

struct ToCsvOptions {
  std::string data_path;
  std::string out;
  std::string separator;
};

}  // namespace mkt::imports

template <>
struct mkt::Names<mkt::imports::Unlisted> {
  static constexpr NameTable<imports::Unlisted, 2> kTable{
      {{imports::Unlisted::kAbsent, "absent"}, {imports::Unlisted::kUnknown, "unknown"}}};
};

template <>
struct mkt::Names<mkt::imports::MissingFile> {
  static constexpr NameTable<imports::MissingFile, 2> kTable{
      {{imports::MissingFile::kDrop, "drop"}, {imports::MissingFile::kError, "error"}}};
};

template <>
struct mkt::Names<mkt::imports::Difficult> {
  static constexpr NameTable<imports::Difficult, 2> kTable{
      {{imports::Difficult::kUnknown, "unknown"}, {imports::Difficult::kPresent, "present"}}};
};
