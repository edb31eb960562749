#pragma once
// Prompts as the rows of a packed transformer: which token is whose.

#include "mkt/torch.h"

#include <cstdint>
#include <vector>

#include "mkt/model/prompts.h"
#include "mkt/nn/packed.h"

namespace mkt::model {

/// Some prompts, computed at once. A row's embedding is that of `trained` plus that of `own`, of which one is
/// the row of zeros that each table ends with.
struct PromptChunk {
  nn::PackedTexts texts;
  torch::Tensor trained;    // (N) int64, index into trained_ids
  torch::Tensor own;        // (N) int64, index into own_ids
  torch::Tensor positions;  // (N) int64, place in the text
};

struct PackedPrompts {
  torch::Tensor trained_ids;  // (R) int64 ascending: tokens that occur outside labels
  torch::Tensor own_ids;      // (U) int64 ascending: tokens that occur in labels
  torch::Tensor order;        // (C) int64: labels by length, as the chunks have them
  std::vector<PromptChunk> chunks;
};

/// Packs prompts in chunks of at most `at_once`. What follows a prompt's end token is left out. Throws
/// ValueError where the shapes do not fit or there is no prompt.
PackedPrompts pack_prompts(const Prompts& prompts, std::int64_t at_once);

}  // namespace mkt::model
