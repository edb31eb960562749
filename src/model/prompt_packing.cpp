#include "model/prompt_packing.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "mkt/clip/text_encoder.h"

namespace mkt::model {
namespace {

using Numbers = std::vector<std::int64_t>;

/// Copies an integer tensor to a vector.
Numbers numbers(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.to(torch::kCPU, torch::kInt64).contiguous();
  const auto* first = values.data_ptr<std::int64_t>();
  return {first, first + values.numel()};
}

torch::Tensor vector_of(const Numbers& values) {
  return torch::tensor(values, torch::kInt64);
}

/// Set of token ids; number() assigns indices in ascending order.
class TokenSet {
 public:
  void add(std::int64_t id) { index_[id] = 0; }
  void number() {
    std::int64_t next = 0;
    for (auto& item : index_) item.second = next++;
  }
  std::int64_t index(std::int64_t id) const { return index_.at(id); }
  std::int64_t size() const { return static_cast<std::int64_t>(index_.size()); }
  torch::Tensor ids() const {
    Numbers result;
    for (const auto& item : index_) result.push_back(item.first);
    return vector_of(result);
  }

 private:
  std::map<std::int64_t, std::int64_t> index_;
};

/// Prompts converted to vectors of integers.
class PromptTable {
 public:
  explicit PromptTable(const Prompts& prompts)
      : context_(prompts.ids.size(1)),
        ids_(numbers(prompts.ids)),
        starts_(numbers(prompts.label_start)),
        label_ends_(numbers(prompts.label_end)),
        ends_(numbers(clip::end_positions(prompts.ids))) {}

  std::int64_t size() const { return static_cast<std::int64_t>(ends_.size()); }
  std::int64_t id(std::int64_t prompt, std::int64_t position) const {
    return ids_[static_cast<std::size_t>(prompt * context_ + position)];
  }
  std::int64_t end(std::int64_t prompt) const { return ends_[static_cast<std::size_t>(prompt)]; }
  /// Whether the token belongs to the label, not to the template.
  bool is_own(std::int64_t prompt, std::int64_t position) const {
    const auto i = static_cast<std::size_t>(prompt);
    return starts_[i] <= position && position < label_ends_[i];
  }

  /// Length in tokens of the prefix common to all prompts, before any label or end token.
  std::int64_t shared() const {
    std::int64_t length = std::min(*std::min_element(starts_.begin(), starts_.end()),
                                   *std::min_element(ends_.begin(), ends_.end()));
    for (std::int64_t prompt = 1; prompt < size(); ++prompt) {
      std::int64_t same = 0;
      while (same < length && id(prompt, same) == id(0, same)) ++same;
      length = same;
    }
    return length;
  }

  /// Returns prompt indices sorted by length; the sort is stable.
  Numbers by_length() const {
    Numbers order(ends_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return end(a) < end(b); });
    return order;
  }

 private:
  std::int64_t context_;
  Numbers ids_, starts_, label_ends_, ends_;
};

class Packer {
 public:
  explicit Packer(const Prompts& prompts)
      : table_(prompts), shared_(table_.shared()), order_(table_.by_length()) {
    for (std::int64_t prompt = 0; prompt < table_.size(); ++prompt) {
      for (std::int64_t position = 0; position <= table_.end(prompt); ++position) {
        (table_.is_own(prompt, position) ? own_ : trained_).add(table_.id(prompt, position));
      }
    }
    own_.number();
    trained_.number();
  }

  PackedPrompts pack(std::int64_t at_once) const {
    PackedPrompts result{trained_.ids(), own_.ids(), vector_of(order_), {}};
    for (std::int64_t first = 0; first < table_.size(); first += at_once) {
      result.chunks.push_back(chunk(first, std::min(first + at_once, table_.size())));
    }
    return result;
  }

 private:
  /// Index vectors of a chunk, one entry per row, as in PromptChunk.
  struct Rows {
    Numbers trained, own, positions;
  };

  void add(Rows& rows, std::int64_t prompt, std::int64_t position) const {
    const bool own = table_.is_own(prompt, position);
    const std::int64_t id = table_.id(prompt, position);
    rows.trained.push_back(own ? trained_.size() : trained_.index(id));
    rows.own.push_back(own ? own_.index(id) : own_.size());
    rows.positions.push_back(position);
  }

  /// Packs prompts [first, last) of the sorted order into one chunk.
  PromptChunk chunk(std::int64_t first, std::int64_t last) const {
    nn::PackedTexts texts{shared_, {}};
    Rows rows;
    for (std::int64_t position = 0; position < shared_; ++position) add(rows, order_.front(), position);
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t prompt = order_[static_cast<std::size_t>(i)];
      const std::int64_t length = table_.end(prompt) + 1 - shared_;
      if (texts.groups.empty() || texts.groups.back().length != length) texts.groups.push_back({0, length});
      ++texts.groups.back().texts;
      for (std::int64_t own = 0; own < length; ++own) add(rows, prompt, shared_ + own);
    }
    return {texts, vector_of(rows.trained), vector_of(rows.own), vector_of(rows.positions),
            texts.last_rows()};
  }

  PromptTable table_;
  std::int64_t shared_;
  Numbers order_;
  TokenSet trained_;
  TokenSet own_;
};

void check(const Prompts& prompts) {
  const bool fits = prompts.ids.dim() == 2 && prompts.ids.numel() > 0 && prompts.label_start.dim() == 1 &&
                    prompts.label_start.size(0) == prompts.ids.size(0) &&
                    prompts.label_end.sizes() == prompts.label_start.sizes();
  TORCH_CHECK_VALUE(fits,
                    "prompts: expected ids (C, context), label_start (C) and label_end (C) of at least one "
                    "label, got ",
                    prompts.ids.sizes(), ", ", prompts.label_start.sizes(), " and ",
                    prompts.label_end.sizes(), ".");
}

}  // namespace

PackedPrompts pack_prompts(const Prompts& prompts, std::int64_t at_once) {
  check(prompts);
  return Packer(prompts).pack(at_once);
}

}  // namespace mkt::model
