#pragma once
// Options of the commands that write manifests, and of `prepare to-csv`.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::imports {

/// The manifest to write, and what the source leaves open.
struct ManifestOptions {
  std::string out;            ///< TOML file; the other files are written beside it
  std::string seen;           ///< file with one label per line; empty: all labels that are not unseen, sorted
  std::string unseen;         ///< file with one label per line; empty: a random share of the labels
  double unseen_share = 0.2;  ///< share of the labels that are unseen, drawn
  double test_share = 0.2;    ///< share of the images with a seen label that are for test, drawn
  std::int64_t seed = 1;
  std::string unlisted = "absent";  ///< state of labels that an image does not list: "absent" or "unknown"
  std::int64_t workers = 8;
};

struct FoldersOptions {
  std::string folders;  ///< has one subfolder per label
  ManifestOptions manifest;
};

struct CsvOptions {
  std::string csv;
  std::string images;  ///< image paths are relative to this folder
  std::string image_column = "image";
  std::string labels_column = "labels";
  std::string absent_column;       ///< empty: no such column
  std::string split_column;        ///< contains "train" or "test"; empty: the split is drawn
  std::string delimiter = "auto";  ///< between columns: comma, semicolon, tab, or auto (from the first line)
  std::string separator = ";";     ///< between labels
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
  std::int64_t unseen_count =
      400;  ///< number of unseen labels if manifest.unseen is empty: the most frequent ones
  std::string missing = "drop";  ///< what to do with images without a file: "drop" or "error"
  ManifestOptions manifest;      ///< its lists may contain class ids; its shares and seed are not used

  OpenImagesOptions() { manifest.unlisted = "unknown"; }
};

struct VocOptions {
  std::string voc;                                        ///< folder with the releases: VOCdevkit
  std::vector<std::string> train = {"VOC2007/trainval"};  ///< release/set, for files <class>_trainval.txt
  std::vector<std::string> test = {"VOC2007/test"};
  std::string difficult =
      "unknown";             ///< state of a class whose objects are all difficult: "unknown" or "present"
  ManifestOptions manifest;  ///< its test_share is not used

  VocOptions() { manifest.unlisted = "unknown"; }
};

struct ToCsvOptions {
  std::string data_path;
  std::string out;
  std::string separator = ";";
};

}  // namespace mkt::imports
