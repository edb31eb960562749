#include "lists/label_names.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "core/log.h"
#include "core/text.h"
#include "core/utf8.h"
#include "text/pieces.h"

namespace mkt::data {
namespace {

constexpr std::size_t kPairsShown = 3;

/// Indices of two labels that the tokenizer encodes alike, the first one first.
using LikePair = std::pair<std::size_t, std::size_t>;

/// Returns a pair for each label that is encoded like an earlier one.
std::vector<LikePair> like_pairs(const std::vector<std::string>& labels) {
  std::unordered_map<std::string, std::size_t> first_with;  // token text → index of its first label
  std::vector<LikePair> pairs;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto [first, is_new] = first_with.try_emplace(text::token_text(labels[i]), i);
    if (!is_new) pairs.emplace_back(first->second, i);
  }
  return pairs;
}

std::string pairs_text(const std::vector<LikePair>& pairs, const std::vector<std::string>& labels) {
  std::vector<std::string> texts;
  texts.reserve(pairs.size());
  for (const auto& [first, again] : pairs)
    texts.push_back(fmt::format("'{}' and '{}'", labels[first], labels[again]));
  return join(texts, ", ", kPairsShown);
}

std::string warning_text(const std::vector<LikePair>& pairs, const std::vector<std::string>& labels,
                         const std::string& where) {
  if (pairs.empty()) return "";
  return fmt::format(
      "{}: labels that the tokenizer cannot tell apart get the same scores: {}. Keep one of each.", where,
      pairs_text(pairs, labels));
}

void check_label_texts(const std::vector<std::string>& labels, const std::string& where) {
  for (const std::string& label : labels) {
    const std::string problem = label_text_problem(label);
    TORCH_CHECK(problem.empty(), where, ": ", problem);
  }
}

}  // namespace

std::string like_labels_warning(const std::vector<std::string>& labels, const std::string& where) {
  return warning_text(like_pairs(labels), labels, where);
}

std::string label_text_problem(const std::string& label) {
  if (trimmed(label).empty()) return "expected a text, got an empty one. Drop it.";
  if (!is_utf8(label))
    return fmt::format("expected UTF-8, got other bytes in '{}'. Convert the text.", label);
  if (!text::token_text(label).empty()) return "";
  return fmt::format("expected a text, got '{}', of which the tokenizer keeps nothing. Drop it.", label);
}

void check_label_names(const std::vector<std::string>& seen, const std::vector<std::string>& unseen,
                       Classes classes, const std::string& where, const std::string& remedy) {
  std::vector<std::string> labels = seen;
  labels.insert(labels.end(), unseen.begin(), unseen.end());
  check_label_texts(labels, where);
  std::vector<LikePair> across;
  std::vector<LikePair> within;
  for (const LikePair& pair : like_pairs(labels)) {
    const bool leaks = classes == Classes::kNames && pair.first < seen.size() && pair.second >= seen.size();
    (leaks ? across : within).push_back(pair);
  }
  TORCH_CHECK(across.empty(), where,
              ": expected seen and unseen labels that the tokenizer can tell apart, got ",
              pairs_text(across, labels), ". ", remedy);
  const std::string warning = warning_text(within, labels, where);
  if (!warning.empty()) log::warning_once(warning);
}

void check_class_names(const std::vector<std::string>& labels, const std::vector<std::string>& ids,
                       const std::string& where) {
  check_label_texts(labels, where);
  const std::vector<LikePair> pairs = like_pairs(labels);
  if (pairs.empty()) return;
  std::vector<std::string> texts;
  texts.reserve(pairs.size());
  for (const auto& [first, again] : pairs)
    texts.push_back(fmt::format("{} '{}' and {} '{}'", ids[first], labels[first], ids[again], labels[again]));
  log::warning_once(fmt::format(
      "{}: {} labels have the text of an earlier label with another id and get the same scores: {}", where,
      pairs.size(), join(texts, ", ", kPairsShown)));
}

}  // namespace mkt::data
