#pragma once
// Packs prompts into the rows of a packed transformer (nn/packed.h).

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/model/prompts.h"
#include "mkt/nn/packed.h"

namespace mkt::model {

/// Prompts packed into one batch of N rows. A row's embedding is the sum of a trained and a fixed embedding;
/// one of the two is the zero row at the end of its table.
struct PromptChunk {
  nn::PackedTexts texts;
  torch::Tensor trained;    // (N) int64: index into trained_ids, or the zero row's index
  torch::Tensor own;        // (N) int64: index into own_ids, or the zero row's index
  torch::Tensor positions;  // (N) int64: position in the text
  torch::Tensor last;       // (c) int64: texts.last_rows()
};

struct PackedPrompts {
  torch::Tensor trained_ids;  // (R) int64, ascending: tokens outside labels
  torch::Tensor own_ids;      // (U) int64, ascending: tokens in labels
  torch::Tensor order;        // (C) int64: label indices sorted by prompt length, as in `chunks`
  std::vector<PromptChunk> chunks;
};

/// Packs prompts into chunks with at most `at_once` prompts each, without the tokens after the end token.
/// Throws ValueError if the shapes do not match or there is no prompt.
PackedPrompts pack_prompts(const Prompts& prompts, std::int64_t at_once);

}  // namespace mkt::model
