#include "mkt/text/bpe.h"

#include <array>
#include <functional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/utf8.h"
#include "text/merges.h"

namespace mkt::text {
namespace {

constexpr std::uint64_t kNoPair = ~std::uint64_t{0};

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

bool is_printable(int byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte != 173);
}

/// Returns byte ids in CLIP's order, printable bytes first. At the end of a word, the id is 256 higher.
std::array<std::int32_t, kBytes> make_byte_ids() {
  std::array<std::int32_t, kBytes> ids{};
  std::int32_t next = 0;
  for (const bool printable : {true, false}) {
    for (int byte = 0; byte < kBytes; ++byte) {
      if (is_printable(byte) == printable) ids[static_cast<std::size_t>(byte)] = next++;
    }
  }
  return ids;
}

const std::array<std::int32_t, kBytes>& byte_ids() {
  static const auto ids = make_byte_ids();
  return ids;
}

/// Symbol ids by spelling. The keys are views into text that must outlive the map.
using Symbols = std::unordered_map<std::string_view, std::int32_t>;

/// Returns the spellings of all byte symbols in the merges file: printable bytes as themselves, other bytes
/// as characters from U+0100 on.
std::vector<std::string> byte_spellings() {
  std::vector<std::string> spellings(std::size_t{2} * kBytes);
  std::int32_t others = 0;
  for (int byte = 0; byte < kBytes; ++byte) {
    const auto id = static_cast<std::size_t>(byte_ids()[static_cast<std::size_t>(byte)]);
    const auto character = static_cast<char32_t>(is_printable(byte) ? byte : kBytes + others++);
    append_utf8(character, spellings[id]);
    spellings[id + kBytes] = spellings[id] + "</w>";
  }
  return spellings;
}

/// Two adjacent symbols in a word that can be merged. A heap orders candidates by rank, then from left to
/// right.
struct Candidate {
  std::int32_t rank;
  std::int32_t left;  ///< indices of the left and right symbols in the word
  std::int32_t right;
  std::int32_t left_id;
  std::int32_t right_id;

  bool operator>(const Candidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

/// A word during merging: a linked list of symbols.
class Word {
 public:
  Word(std::string_view bytes, const PairTable& pairs, const std::vector<std::int32_t>& merged)
      : pairs_(pairs), merged_(merged) {
    for (const char c : bytes) ids_.push_back(byte_ids()[static_cast<unsigned char>(c)]);
    ids_.back() += kBytes;
    const auto size = static_cast<std::int32_t>(ids_.size());
    for (std::int32_t i = 0; i < size; ++i) {
      next_.push_back(i + 1);
      previous_.push_back(i - 1);
    }
    for (std::int32_t i = 0; i < size; ++i) consider(i);
    flush();
  }

  /// Merges until no pair can be merged. All pairs with the same rank are merged from left to right before
  /// new pairs are considered.
  void merge() {
    while (!heap_.empty()) {
      const std::int32_t rank = heap_.top().rank;
      for (; !heap_.empty() && heap_.top().rank == rank; heap_.pop()) apply(heap_.top());
      flush();
    }
  }

  void append_to(std::vector<std::int64_t>& ids) const {
    for (std::int32_t i = 0; i < size(); i = next(i)) ids.push_back(id(i));
  }

 private:
  static constexpr std::int32_t kGone = -1;

  std::int32_t size() const { return static_cast<std::int32_t>(ids_.size()); }
  std::int32_t& id(std::int32_t i) { return ids_[static_cast<std::size_t>(i)]; }
  std::int32_t id(std::int32_t i) const { return ids_[static_cast<std::size_t>(i)]; }
  std::int32_t& next(std::int32_t i) { return next_[static_cast<std::size_t>(i)]; }
  std::int32_t next(std::int32_t i) const { return next_[static_cast<std::size_t>(i)]; }
  std::int32_t& previous(std::int32_t i) { return previous_[static_cast<std::size_t>(i)]; }

  void consider(std::int32_t left) {
    if (left < 0 || next(left) >= size()) return;
    const std::int32_t right = next(left);
    const std::int32_t rank = pairs_.find(id(left), id(right));
    if (rank >= 0) found_.push_back({rank, left, right, id(left), id(right)});
  }

  void flush() {
    for (const auto& candidate : found_) heap_.push(candidate);
    found_.clear();
  }

  void apply(const Candidate& pair) {
    if (id(pair.left) != pair.left_id || id(pair.right) != pair.right_id || next(pair.left) != pair.right)
      return;
    id(pair.left) = merged_[static_cast<std::size_t>(pair.rank)];
    id(pair.right) = kGone;
    next(pair.left) = next(pair.right);
    if (next(pair.left) < size()) previous(next(pair.left)) = pair.left;
    consider(previous(pair.left));
    consider(pair.left);
  }

  const PairTable& pairs_;
  const std::vector<std::int32_t>& merged_;
  std::vector<std::int32_t> ids_;
  std::vector<std::int32_t> next_;
  std::vector<std::int32_t> previous_;
  std::vector<Candidate> found_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap_;
};

}  // namespace

PairTable::PairTable(std::size_t capacity) {
  std::size_t size = 16;
  while (size < 2 * capacity) size *= 2;
  keys_.assign(size, kNoPair);
  ranks_.assign(size, -1);
}

std::size_t PairTable::slot(std::uint64_t key) const {
  const std::size_t mask = keys_.size() - 1;
  std::size_t i = (key * 0x9E3779B97F4A7C15ULL) >> 32 & mask;
  while (keys_[i] != key && keys_[i] != kNoPair) i = (i + 1) & mask;
  return i;
}

void PairTable::set(std::int32_t left, std::int32_t right, std::int32_t rank) {
  const std::size_t i = slot(pair_key(left, right));
  keys_[i] = pair_key(left, right);
  ranks_[i] = rank;
}

std::int32_t PairTable::find(std::int32_t left, std::int32_t right) const {
  return ranks_[slot(pair_key(left, right))];
}

Bpe::Bpe(const std::string& path, std::int64_t merges) : pairs_(static_cast<std::size_t>(merges)) {
  std::string spellings;
  const auto parsed = read_merges(path, static_cast<std::size_t>(merges), spellings);
  const auto bytes = byte_spellings();
  Symbols symbols;
  symbols.reserve(bytes.size() + parsed.size());
  for (const auto& spelling : bytes) symbols.emplace(spelling, static_cast<std::int32_t>(symbols.size()));
  std::int32_t next = 2 * kBytes;
  for (const auto& merge : parsed) symbols[merge.whole] = next++;  // equal spellings: the last id is kept
  merged_.reserve(parsed.size());
  for (const auto& merge : parsed) {
    const auto left = symbols.find(merge.whole.substr(0, merge.left));
    const auto right = symbols.find(merge.whole.substr(merge.left));
    const auto rank = static_cast<std::int32_t>(merged_.size());
    if (left != symbols.end() && right != symbols.end()) pairs_.set(left->second, right->second, rank);
    merged_.push_back(symbols.find(merge.whole)->second);
  }
}

void Bpe::encode(std::string_view word, std::vector<std::int64_t>& ids) const {
  Word symbols(word, pairs_, merged_);
  symbols.merge();
  symbols.append_to(ids);
}

}  // namespace mkt::text
