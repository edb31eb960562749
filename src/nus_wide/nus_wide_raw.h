#pragma once
// NUS-WIDE as its authors release it: lists of pictures, tags and concepts in text files. Source: Chua et
// al., CIVR 2009; docs/nus-wide.md tells the files.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mkt::nus_wide {

/// Labels in {-1, 1}: absent, present; a row a picture.
struct LabelTable {
  std::size_t columns = 0;
  std::vector<std::int8_t> values;

  std::int8_t* row(std::size_t i) { return values.data() + i * columns; }
  const std::int8_t* row(std::size_t i) const { return values.data() + i * columns; }
};

/// A picture as the lists name it: "actor\0001_2124494179.jpg".
struct RawPicture {
  std::string folder;  ///< "actor"
  std::string file;    ///< "0001_2124494179.jpg"

  std::string name() const { return folder + "_" + file; }  ///< as the NUS-WIDE layout has it
};

struct RawSplit {
  std::vector<RawPicture> pictures;  ///< N, in the order of the list
  LabelTable seen;                   ///< (N, S)
  LabelTable unseen;                 ///< (N, U); no columns for training
};

struct RawNusWide {
  std::vector<std::string> seen;         ///< S: the tags that are no concept, in their order
  std::vector<std::string> unseen;       ///< U: the concepts
  std::size_t tags = 0;                  ///< of the tag list
  std::vector<std::string> without_tag;  ///< concepts that are no tag
  std::vector<std::string> sources;      ///< the files read, relative to the raw folder; one of each kind
  std::size_t in_no_split = 0;           ///< pictures of the whole list that neither split's has
  RawSplit train;
  RawSplit test;
};

struct RawOptions {
  std::string root;
  std::string pictures;  ///< folder not to look for lists in
  bool human = true;     ///< test labels of the concepts: Groundtruth; else the tags
  int workers = 8;
};

/// Reads the lists and labels wherever they lie under the root; upper and lower case of file names are one.
/// Tags come from AllTags1k.txt, or else Train_Tags1k.dat and Test_Tags1k.dat; concepts from
/// Labels_<concept>.txt, or else Labels_<concept>_Test.txt. Throws one c10::Error naming file and line for
/// what is missing, cut off or does not fit.
RawNusWide read_raw_nus_wide(const RawOptions& options);

}  // namespace mkt::nus_wide
