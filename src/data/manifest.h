#pragma once
// Manifests describe custom data sets: a TOML file names the files, JSON Lines files list each image's
// labels.
//
//   train = "pets.train.jsonl"           # {"image": "a/1.jpg", "present": ["cat"], "absent": ["dog"]}
//   test = "pets.test.jsonl"
//   images = "pictures"                  # image paths are relative to this folder
//   seen = ["cat", "dog"]                # or a text file with one label per line
//   unseen = "pets.unseen.txt"
//   label_emb = "pets.label_emb.pt"      # default: the TOML file's name with the extension .label_emb.pt
//   classes = "ids"                      # labels with the same text are different classes; default: "names"
//   origin = "open-images"               # release whose published figures prepare check shows; default: none
//   unlisted = "absent"                  # state of labels that an image does not list; default: "unknown"
//   seen_ids = "pets.seen-ids.txt"       # ids of the seen labels, in their order; with unseen_ids
//   unseen_ids = ["/m/04g3"]
//   [sets]                               # further label sets, each evaluated on its own
//   felines = ["cat", "lynx"]            # or a text file with one label per line
//
// With seen_ids and unseen_ids a class is its id: lines and sets list ids, and names may be the same.
// Paths are relative to the TOML file's folder.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lists/label_names.h"
#include "mkt/core/enum_names.h"
#include "mkt/data/dataset.h"

namespace mkt::data {

/// Meaning of a label that an image does not list: absent from the image, or not annotated.
enum class Unlisted { kAbsent, kUnknown };

/// Published data set that a manifest was made from.
enum class Origin { kOpenImages };

/// The contents of a manifest's TOML file, with paths resolved against its folder.
struct ManifestSet {
  std::string path;
  std::string train;
  std::string test;
  std::string images;
  std::string label_emb;
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  Unlisted unlisted = Unlisted::kUnknown;
  Classes classes = Classes::kNames;
  std::vector<LabelSet> sets;           ///< in file order
  std::vector<std::string> seen_ids;    ///< one per seen label; empty if the manifest has no ids
  std::vector<std::string> unseen_ids;  ///< one per unseen label; empty if the manifest has no ids
  std::optional<Origin> origin;         ///< nullopt if the file does not say
};

/// One record (image) in a split's JSON Lines file. Labels are indices into the seen labels followed by the
/// unseen ones.
struct ManifestRecord {
  std::string image;  ///< path as written in the file, relative to ManifestSet::images
  std::vector<std::int32_t> present;
  std::vector<std::int32_t> absent;
  std::int64_t line = 0;  ///< line number, from 1
};

/// Whether `data_path` is a manifest: its name ends in .toml.
bool is_manifest(const std::string& data_path);

/// Reads the TOML file and the label lists. Throws c10::Error naming file and line: invalid TOML; a key that
/// is missing, unknown or of the wrong type; an empty list; a duplicate label or id; a list of ids that is
/// longer or shorter than its labels; a set with a label that is neither seen nor unseen.
ManifestSet read_manifest_set(const std::string& path);

/// Returns the texts by which lines name labels, seen ones first: ids, or names if the manifest has no ids.
std::vector<std::string> label_keys(const ManifestSet& set);

/// Calls `take` for each of the first `limit` records in a file (0: all records). Throws c10::Error naming
/// file and line: an empty file; invalid JSON; a key that is missing, unknown or of the wrong type; a label
/// that the manifest does not list or that the record lists twice. Does not check that the images exist.
void each_manifest_record(const ManifestSet& set, const std::string& file, std::int64_t limit,
                          const std::function<void(ManifestRecord)>& take);

/// Returns the paths of `images`, which are listed in `lines` of `file`. If `look` is true, `workers` threads
/// check that the image files exist; throws c10::Error naming the line of the first missing one.
std::vector<std::string> find_manifest_images(const ManifestSet& set, const std::string& file,
                                              const std::vector<std::string>& images,
                                              const std::vector<std::int64_t>& lines, int workers,
                                              bool look = true);

}  // namespace mkt::data

template <>
struct mkt::Names<mkt::data::Origin> {
  static constexpr NameTable<data::Origin, 1> kTable{{{data::Origin::kOpenImages, "open-images"}}};
};

template <>
struct mkt::Names<mkt::data::Unlisted> {
  static constexpr NameTable<data::Unlisted, 2> kTable{
      {{data::Unlisted::kAbsent, "absent"}, {data::Unlisted::kUnknown, "unknown"}}};
};
