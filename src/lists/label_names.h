#pragma once
// Checks that labels are different texts for the tokenizer.

#include <string>
#include <vector>

#include "mkt/core/enum_names.h"

namespace mkt::data {

/// Identity of classes: by the labels' names, or by ids that may share a name, as in Open Images.
enum class Classes { kNames, kIds };

/// Returns a warning that names pairs of labels which the tokenizer encodes alike and which therefore get the
/// same scores (they differ only in case, white space, Unicode form or HTML references), or "" if there are
/// none. `where` is the source of the labels.
std::string like_labels_warning(const std::vector<std::string>& labels, const std::string& where);

/// Returns why a label cannot be used, or "": it is empty, not UTF-8, or the tokenizer keeps nothing of it.
std::string label_text_problem(const std::string& label);

/// Checks a data set's labels, whose source is `where`. Throws c10::Error for a label with a problem
/// (label_text_problem()), and one naming the pairs if classes are names and a seen and an unseen label are
/// encoded alike: the split would leak. Logs like_labels_warning() for all other pairs. `remedy` ends the
/// second message.
void check_label_names(const std::vector<std::string>& seen, const std::vector<std::string>& unseen,
                       Classes classes, const std::string& where, const std::string& remedy);

/// Checks the labels of a data set whose classes have ids; `ids` lists the labels' ids in the same order.
/// Throws c10::Error for a label with a problem (label_text_problem()). Logs one warning that counts the
/// labels which the tokenizer encodes like an earlier one: their scores are equal.
void check_class_names(const std::vector<std::string>& labels, const std::vector<std::string>& ids,
                       const std::string& where);

}  // namespace mkt::data

template <>
struct mkt::Names<mkt::data::Classes> {
  static constexpr NameTable<data::Classes, 2> kTable{
      {{data::Classes::kNames, "names"}, {data::Classes::kIds, "ids"}}};
};
