#pragma once
// NUS-WIDE's original release: image lists, tags and concepts in text files. Source: Chua et al., CIVR 2009;
// docs/nus-wide.md describes the files.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mkt::nus_wide {

/// Label matrix with one row per image; 1: present, -1: absent.
struct LabelTable {
  std::size_t columns = 0;
  std::vector<std::int8_t> values;

  std::int8_t* row(std::size_t i) { return values.data() + i * columns; }
  const std::int8_t* row(std::size_t i) const { return values.data() + i * columns; }
};

/// An image in the lists' notation: "actor\0001_2124494179.jpg".
struct RawImage {
  std::string folder;  ///< class folder, such as "actor"
  std::string file;    ///< file name, such as "0001_2124494179.jpg"

  std::string name() const { return folder + "_" + file; }  ///< file name in the NUS-WIDE layout
};

struct RawSplit {
  std::vector<RawImage> images;  ///< N images in list order
  LabelTable seen;               ///< labels, (N, S)
  LabelTable unseen;             ///< labels, (N, U) for test; training has no columns
};

struct RawNusWide {
  std::vector<std::string> seen;         ///< S labels: the tags that are not concepts, in tag order
  std::vector<std::string> unseen;       ///< U labels: the concepts
  std::size_t tags = 0;                  ///< number of tags in the tag list
  std::vector<std::string> without_tag;  ///< concepts that are not tags
  std::vector<std::string> sources;      ///< files read, relative to the raw folder; one per kind
  std::size_t in_no_split = 0;           ///< number of images in the complete list that are in neither split
  RawSplit train;
  RawSplit test;
};

struct RawOptions {
  std::string root;
  std::string images;  ///< image folder; not searched for lists
  bool human =
      true;  ///< true: concepts of test images come from human annotations (Groundtruth); false: from tags
  int workers = 8;
};

/// Reads the lists and labels, which may be in any subfolder of the root; the case of file names is ignored.
/// Tags are read from AllTags1k.txt, or else from Train_Tags1k.dat and Test_Tags1k.dat; concepts are read
/// from Labels_<concept>.txt, or else from Labels_<concept>_Test.txt. Throws c10::Error naming file and line
/// if a file is missing, truncated or inconsistent.
RawNusWide read_raw_nus_wide(const RawOptions& options);

}  // namespace mkt::nus_wide
