#pragma once
// Manifests: data sets of one's own. A TOML file names the parts; JSON lines say what each picture shows:
//
//   train = "pets.train.jsonl"           # {"image": "a/1.jpg", "present": ["cat"], "absent": ["dog"]}
//   test = "pets.test.jsonl"
//   images = "pictures"                  # the folder that images are named from
//   seen = ["cat", "dog"]                # or a text file, a label a line
//   unseen = "pets.unseen.txt"
//   label_emb = "pets.label_emb.pt"      # default: the TOML file's name with this ending
//   unlisted = "absent"                  # labels that a line does not name; default: "unknown"
//   [sets]                               # more labels to evaluate among themselves
//   felines = ["cat", "lynx"]            # or a text file, a label a line
//
// Paths are relative to the TOML file's folder.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mkt/data/label_set.h"

namespace mkt::data {

/// What a manifest's TOML file says, paths put behind its folder.
struct ManifestSet {
  std::string path;
  std::string train;
  std::string test;
  std::string images;
  std::string label_emb;
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  bool unlisted_absent = false;
  std::vector<LabelSet> sets;  ///< in the file's order
};

/// A line of JSON. Labels are numbers: of seen labels, then of unseen ones.
struct ManifestRecord {
  std::string image;  ///< as the line has it
  std::vector<std::int32_t> present;
  std::vector<std::int32_t> absent;
  std::int64_t line = 0;  ///< from 1
};

/// Whether a data set's path is a manifest's: it ends in .toml.
bool is_manifest(const std::string& data_path);

/// Reads the TOML file and the lists of labels. Throws c10::Error naming file and line: no TOML, a key that
/// is missing, unknown or of another type, no label, a label twice, a set's label that is neither seen nor
/// unseen.
ManifestSet read_manifest_set(const std::string& path);

/// Calls `take` with a file's records one after another, at most `limit` of them (0: all). Throws c10::Error
/// naming file and line: no record, no JSON, a key that is missing, unknown or of another type, a label that
/// is not the set's or is named twice. The pictures are not looked for.
void each_manifest_record(const ManifestSet& set, const std::string& file, std::int64_t limit,
                          const std::function<void(ManifestRecord)>& take);

/// The files of `images`, which stand in `lines` of `file`; they are looked for on `workers` threads unless
/// `look` is false. Throws c10::Error naming the line of the first that is not there.
std::vector<std::string> find_manifest_images(const ManifestSet& set, const std::string& file,
                                              const std::vector<std::string>& images,
                                              const std::vector<std::int64_t>& lines, int workers,
                                              bool look = true);

/// A text file's labels, one a line. Throws c10::Error naming file and line where one is there twice, and the
/// file where there is none.
std::vector<std::string> read_label_list(const std::string& path);

}  // namespace mkt::data
