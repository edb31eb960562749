#include "mkt/text/tokenizer.h"

#include <algorithm>
#include <filesystem>

#include "core/utf8.h"
#include "text/pieces.h"
#include "text/text_clean.h"

namespace mkt::text {
namespace {

constexpr std::int64_t kByteSymbols = 512;
constexpr std::int64_t kSpecialTokens = 2;

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
  std::vector<std::int64_t> ids;
  for (const std::u32string_view piece : pieces_of(cleaned)) bpe_.encode(encode_utf8(piece), ids);
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
