#pragma once
// Options of the commands that write manifests, and of `prepare to-csv`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/manifest.h"
#include "io/csv.h"
#include "mkt/core/enum_names.h"

namespace mkt::imports {

/// Handling of an image without a file: skip the image or report an error.
enum class MissingFile { kDrop, kError };
/// State of a class in an image if all its objects there are marked difficult.
enum class Difficult { kUnknown, kPresent };

/// State of a label if the rows of an image contradict each other: that of the last row, or unknown.
enum class Contradictory { kLast, kUnknown };

/// The manifest to write, and choices that the source does not determine.
struct ManifestOptions {
  std::string out;      ///< TOML file; the other files are written beside it
  std::string seen;     ///< file with one label per line; empty: all other labels, sorted
  std::string unseen;   ///< file with one label per line; empty: a random share of the labels
  double unseen_share;  ///< share of the labels drawn at random as unseen
  double test_share;    ///< share of the images with a seen label drawn at random for test
  std::int64_t seed;
  data::Unlisted unlisted;
  std::int64_t workers;
  std::string seen_ids{};    ///< file with the ids of the labels in `seen`; empty: labels have no ids
  std::string unseen_ids{};  ///< file with the ids of the labels in `unseen`
};

struct FoldersOptions {
  std::string folders;  ///< folder with one subfolder per label
  ManifestOptions manifest;
};

struct CsvOptions {
  std::string csv;
  std::string images;  ///< folder that image paths are relative to
  std::string image_column;
  std::string labels_column;
  std::string absent_column;  ///< empty: the file has no column for absent labels
  std::string split_column;   ///< column with "train" or "test"; empty: the split is drawn at random
  std::optional<io::Delimiter> delimiter;  ///< between columns; nullopt: detected from the first line
  std::string separator;                   ///< separator between the labels in a field
  ManifestOptions manifest;
};

struct CocoOptions {
  std::string instances;       ///< instances JSON of the training images, or of all images
  std::string test_instances;  ///< instances JSON of the test images; empty: the split is drawn at random
  std::string images;          ///< folder with the images or with one subfolder per instances file
  ManifestOptions manifest;
};

struct OpenImagesOptions {
  std::string train;       ///< train-annotations-human-imagelabels.csv
  std::string test;        ///< test-annotations-human-imagelabels.csv
  std::string validation;  ///< validation-annotations-human-imagelabels.csv, also for training; empty: none
  std::string classes;     ///< class-descriptions.csv
  std::string trainable;   ///< classes-trainable.txt: seen labels; not read if manifest.seen is given
  std::string images;      ///< image folder with the subfolders train, validation and test
  std::int64_t unseen_count;  ///< number of unseen labels (the most frequent) if manifest.unseen is empty
  MissingFile missing;
  ManifestOptions manifest;   ///< `seen` and `unseen` may contain class ids; shares and seed are not used
  std::string unseen_places;  ///< BiAM's top_400_unseen.csv: places in unseen_pool; empty: none
  std::string unseen_pool;    ///< BiAM's unseen_labels.pkl: a pickled list of ids
  Contradictory contradictory;
  std::int64_t max_positives;  ///< training images with more seen labels are left out; 0: no limit
};

struct VocOptions {
  std::string voc;                 ///< folder VOCdevkit, which contains one subfolder per release
  std::vector<std::string> train;  ///< sets such as VOC2007/trainval, for files <class>_trainval.txt
  std::vector<std::string> test;
  Difficult difficult;
  ManifestOptions manifest;  ///< `test_share` is not used
};

struct ToCsvOptions {
  std::string data_path;
  std::string out;
  std::string separator;
};

}  // namespace mkt::imports

template <>
struct mkt::Names<mkt::imports::MissingFile> {
  static constexpr NameTable<imports::MissingFile, 2> kTable{
      {{imports::MissingFile::kDrop, "drop"}, {imports::MissingFile::kError, "error"}}};
};

template <>
struct mkt::Names<mkt::imports::Contradictory> {
  static constexpr NameTable<imports::Contradictory, 2> kTable{
      {{imports::Contradictory::kLast, "last"}, {imports::Contradictory::kUnknown, "unknown"}}};
};

template <>
struct mkt::Names<mkt::imports::Difficult> {
  static constexpr NameTable<imports::Difficult, 2> kTable{
      {{imports::Difficult::kUnknown, "unknown"}, {imports::Difficult::kPresent, "present"}}};
};
