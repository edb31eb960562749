#pragma once
// What a user can set of the commands that make manifests, and of `prepare to-csv`, with its defaults.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::imports {

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
  std::string absent_column;       ///< empty: none
  std::string split_column;        ///< of "train" and "test"; empty: drawn
  std::string delimiter = "auto";  ///< between columns: comma, semicolon, tab, or what the first line has
  std::string separator = ";";     ///< between labels
  ManifestOptions manifest;
};

struct CocoOptions {
  std::string instances;       ///< instances JSON of the pictures to train on, or of all
  std::string test_instances;  ///< of those to test on; empty: drawn
  std::string images;          ///< folder of the pictures, or of the folders that hold them
  ManifestOptions manifest;
};

struct OpenImagesOptions {
  std::string train;       ///< train-annotations-human-imagelabels.csv
  std::string test;        ///< test-annotations-human-imagelabels.csv
  std::string validation;  ///< validation-annotations-human-imagelabels.csv, to train on too; empty: none
  std::string classes;     ///< class-descriptions.csv
  std::string trainable;   ///< classes-trainable.txt, the seen ones; not read where manifest.seen is given
  std::string images;      ///< folder of the folders train, validation and test
  std::int64_t unseen_count = 400;  ///< the most frequent ones in the test labels, without manifest.unseen
  std::string missing = "drop";     ///< or "error": pictures without a file
  ManifestOptions manifest;         ///< its lists may hold ids too; its shares and seed are not looked at

  OpenImagesOptions() { manifest.unlisted = "unknown"; }
};

struct VocOptions {
  std::string voc;                                        ///< folder of the releases: VOCdevkit
  std::vector<std::string> train = {"VOC2007/trainval"};  ///< release/set: <class>_trainval.txt there
  std::vector<std::string> test = {"VOC2007/test"};
  std::string difficult = "unknown";  ///< or "present": a class of which all objects are difficult
  ManifestOptions manifest;           ///< its share of pictures is not looked at

  VocOptions() { manifest.unlisted = "unknown"; }
};

struct ToCsvOptions {
  std::string data_path;
  std::string out;
  std::string separator = ";";
};

}  // namespace mkt::imports
