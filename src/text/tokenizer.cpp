#include "mkt/text/tokenizer.h"

#include <algorithm>
#include <filesystem>

#include "core/utf8.h"
#include "text/text_clean.h"
#include "text/unicode.h"

namespace mkt::text {
namespace {

constexpr std::int64_t kByteSymbols = 512;
constexpr std::int64_t kSpecialTokens = 2;

/// Whether `text`, which must be in lower case, begins with `start`. "ſ" matches "s", as in a
/// case-insensitive comparison.
bool begins_with(std::u32string_view text, std::u32string_view start) {
  constexpr char32_t kLongS = 0x17F;
  const auto same = [](char32_t a, char32_t b) { return a == b || (a == U's' && b == kLongS); };
  return text.size() >= start.size() && std::equal(start.begin(), start.end(), text.begin(), same);
}

bool is_other(char32_t c) {
  return !is_space(c) && !is_letter(c) && !is_number(c);
}

/// Returns the length of the match for CLIP's pattern at the start of `text`, which must not be empty or
/// begin with white space: 's|'t|'re|'ve|'m|'ll|'d, letters, one number, or a run of other characters.
std::size_t piece_length(std::u32string_view text) {
  constexpr std::u32string_view kContractions[] = {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"};
  for (const auto contraction : kContractions) {
    if (begins_with(text, contraction)) return contraction.size();
  }
  if (is_number(text[0])) return 1;
  const auto end = is_letter(text[0]) ? std::find_if_not(text.begin(), text.end(), is_letter)
                                      : std::find_if_not(text.begin(), text.end(), is_other);
  return static_cast<std::size_t>(end - text.begin());
}

std::int64_t merges_of(std::int64_t vocabulary_size) {
  TORCH_CHECK_VALUE(vocabulary_size >= kByteSymbols + kSpecialTokens, "vocabulary size: expected at least ",
                    kByteSymbols + kSpecialTokens, ", got ", vocabulary_size, ". Use CLIP weights.");
  return vocabulary_size - kByteSymbols - kSpecialTokens;
}

}  // namespace

std::string default_merges_path() {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::path executable = fs::read_symlink("/proc/self/exe", failure);
  const fs::path path =
      (executable.parent_path() / "../share/mkt/bpe_simple_vocab_16e6.txt").lexically_normal();
  TORCH_CHECK(!failure && fs::exists(path, failure), path.string(),
              ": expected CLIP's BPE merges installed with the executable, got no such file. Run "
              "scripts/setup.sh and build "
              "again, or name a merges file.");
  return path.string();
}

Tokenizer::Tokenizer(const std::string& merges_path, std::int64_t vocabulary_size)
    : vocabulary_size_(vocabulary_size), bpe_(merges_path, merges_of(vocabulary_size)) {}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
  const std::u32string cleaned = clean_text(text);
  std::u32string_view rest = cleaned;
  std::vector<std::int64_t> ids;
  while (!rest.empty()) {
    if (is_space(rest[0])) {
      rest.remove_prefix(1);
      continue;
    }
    const std::u32string_view piece = rest.substr(0, piece_length(rest));
    bpe_.encode(encode_utf8(piece), ids);
    rest.remove_prefix(piece.size());
  }
  return ids;
}

torch::Tensor Tokenizer::tokenize(const std::vector<std::string>& texts, std::int64_t context) const {
  TORCH_CHECK_VALUE(context >= 2, "context: expected at least 2 (start and end), got ", context,
                    ". Use the context length of the weights.");
  const auto count = static_cast<std::int64_t>(texts.size());
  torch::Tensor table = torch::zeros({count, context}, torch::kInt64);  // (N, context)
  auto* row = table.data_ptr<std::int64_t>();
  for (const auto& text : texts) {
    const auto ids = encode(text);
    const std::int64_t kept = std::min<std::int64_t>(static_cast<std::int64_t>(ids.size()), context - 2);
    row[0] = start_token();
    std::copy(ids.begin(), ids.begin() + kept, row + 1);
    row[kept + 1] = end_token();
    row += context;
  }
  return table;
}

}  // namespace mkt::text
