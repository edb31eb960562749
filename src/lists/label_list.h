#pragma once
// Reads label lists: text files with one label per line.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mkt::data {

/// Labels read from a file, with their line numbers.
struct LabelList {
  std::string path;
  std::vector<std::string> labels;
  std::vector<std::int64_t> lines;  ///< line number of each label, from 1

  /// Location of label `i` as "<file>:<line>".
  std::string where(std::size_t i) const;
};

/// Reads a label list. Removes white space around labels, blank lines and byte order marks; keeps duplicates.
/// Throws c10::Error naming the file if it cannot be read, and the line if it is not text (io/text_stream.h).
LabelList read_label_list(const std::string& path);

/// Throws c10::Error naming the file if the list is empty.
void require_labels(const LabelList& list);

/// Reads a label list that must not be empty and must not contain duplicates. Throws c10::Error naming the
/// file and, for a duplicate, both lines.
std::vector<std::string> read_distinct_labels(const std::string& path);

/// Returns a warning for each blank line before the last label, with file and line number.
std::vector<std::string> blank_line_problems(const LabelList& list);

/// Returns warnings about a list that can still be used, one line each with file and line number: blank lines
/// before the last label, and labels that are duplicated or that the tokenizer encodes like an earlier one.
std::vector<std::string> label_list_problems(const LabelList& list);

/// The first place at which two lists of labels differ, in words for messages.
struct LabelDifference {
  std::size_t number;    ///< of the place, from 1
  std::string expected;  ///< the label in quotation marks, or "no further label"
  std::string found;     ///< likewise
};

/// Compares lists of labels, order included; nullopt if they are equal.
std::optional<LabelDifference> first_difference(const std::vector<std::string>& expected,
                                                const std::vector<std::string>& found);

/// Collects labels from several sources and rejects duplicates.
class DistinctLabels {
 public:
  /// Adds a label; `where` is its location for messages. Throws c10::Error naming both locations if the label
  /// was added before, or if it is empty.
  void add(const std::string& label, const std::string& where);
  /// Adds all labels of a list. Throws c10::Error also if the list is empty.
  void add(const LabelList& list);

  /// Returns the labels added since the last call, in order. Their locations are kept for place_of() and to
  /// detect duplicates.
  std::vector<std::string> take();
  const std::string& place_of(const std::string& label) const { return places_.at(label); }

 private:
  std::unordered_map<std::string, std::string> places_;
  std::vector<std::string> labels_;
};

}  // namespace mkt::data
