#pragma once
// Packs prompts into the rows of a packed transformer (nn/packed.h).

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/model/prompts.h"
#include "mkt/nn/packed.h"

namespace mkt::model {

/// Prompts that are computed in one batch of N rows. A row's embedding is the sum of a trained and a fixed
/// one; one of the two is the row of zeros at the end of its table.
struct PromptChunk {
  nn::PackedTexts texts;
  torch::Tensor trained;    // (N) int64, index into trained_ids, or the row of zeros
  torch::Tensor own;        // (N) int64, index into own_ids, or the row of zeros
  torch::Tensor positions;  // (N) int64, position in the text
};

struct PackedPrompts {
  torch::Tensor trained_ids;  // (R) int64, ascending: tokens outside labels
  torch::Tensor own_ids;      // (U) int64, ascending: tokens in labels
  torch::Tensor order;        // (C) int64: labels sorted by length, the order of the chunks
  std::vector<PromptChunk> chunks;
};

/// Packs prompts into chunks of at most `at_once`, without the tokens after each end token. Throws ValueError
/// if the shapes do not fit or there is no prompt.
PackedPrompts pack_prompts(const Prompts& prompts, std::int64_t at_once);

}  // namespace mkt::model
