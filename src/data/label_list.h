#pragma once
// Label lists: text files with one label per line.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::data {

/// The labels of a file with their line numbers.
struct LabelList {
  std::string path;
  std::vector<std::string> labels;
  std::vector<std::int64_t> lines;  ///< line number of each label, from 1

  /// "<file>:<line>" of label `i`.
  std::string where(std::size_t i) const;
};

/// Reads a label list. White space around labels, blank lines and a UTF-8 byte order mark are dropped;
/// duplicates stay. Throws c10::Error naming the file if it cannot be read.
LabelList read_label_list(const std::string& path);

/// The labels of a list that must not be empty and must not hold duplicates. Throws c10::Error naming the
/// file, and both lines of a duplicate.
std::vector<std::string> read_distinct_labels(const std::string& path);

/// Warnings about a list that can still be used, one line each with file and line number: labels that
/// are duplicated or differ only in (ASCII) case, and blank lines before the last label.
std::vector<std::string> label_list_problems(const LabelList& list);

/// Collects labels from several places and refuses duplicates.
class DistinctLabels {
 public:
  /// Adds a label that stands at `where`. Throws c10::Error naming both places if it was added before, or if
  /// it is empty.
  void add(const std::string& label, const std::string& where);
  /// Adds a list's labels. Throws c10::Error if it has none, too.
  void add(const LabelList& list);

  /// The labels added since the last call, in order. Their places stay known.
  std::vector<std::string> take();
  const std::string& place_of(const std::string& label) const { return places_.at(label); }

 private:
  std::unordered_map<std::string, std::string> places_;
  std::vector<std::string> labels_;
};

}  // namespace mkt::data
