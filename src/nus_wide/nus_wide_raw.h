#pragma once
// NUS-WIDE as its authors release it: image lists, tags and concepts in text files. Source: Chua et al., CIVR
// 2009; docs/nus-wide.md describes the files.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mkt::nus_wide {

/// Labels in {-1, 1}: absent, present; one row per image.
struct LabelTable {
  std::size_t columns = 0;
  std::vector<std::int8_t> values;

  std::int8_t* row(std::size_t i) { return values.data() + i * columns; }
  const std::int8_t* row(std::size_t i) const { return values.data() + i * columns; }
};

/// An image as the lists name it: "actor\0001_2124494179.jpg".
struct RawImage {
  std::string folder;  ///< "actor"
  std::string file;    ///< "0001_2124494179.jpg"

  std::string name() const { return folder + "_" + file; }  ///< its name in the NUS-WIDE layout
};

struct RawSplit {
  std::vector<RawImage> images;  ///< N images in the order of the list
  LabelTable seen;               ///< (N, S)
  LabelTable unseen;             ///< (N, U) for test; no columns for training
};

struct RawNusWide {
  std::vector<std::string> seen;         ///< S labels: the tags that are not concepts, in their order
  std::vector<std::string> unseen;       ///< U labels: the concepts
  std::size_t tags = 0;                  ///< number of tags in the tag list
  std::vector<std::string> without_tag;  ///< concepts that are not tags
  std::vector<std::string> sources;  ///< files that were read, relative to the raw folder; one of each kind
  std::size_t in_no_split = 0;       ///< images of the whole list that are in neither split
  RawSplit train;
  RawSplit test;
};

struct RawOptions {
  std::string root;
  std::string images;  ///< image folder, in which no lists are looked for
  bool human =
      true;  ///< whether the concepts of test images come from people (Groundtruth); otherwise from tags
  int workers = 8;
};

/// Reads the lists and labels from any subfolder of the root; case of file names is ignored. Tags come from
/// AllTags1k.txt, or else from Train_Tags1k.dat and Test_Tags1k.dat; concepts come from Labels_<concept>.txt,
/// or else from Labels_<concept>_Test.txt. Throws c10::Error naming file and line of what is missing, cut off
/// or does not fit.
RawNusWide read_raw_nus_wide(const RawOptions& options);

}  // namespace mkt::nus_wide
