#pragma once
// A stage-2 step, the long way and ours, on a CLIP with weights by formula.

#include "mkt/core/torch.h"

#include <memory>
#include <string>

#include "mkt/model/prompts.h"
#include "support/formula.h"

namespace mkt::bench {

struct Stage2Case {
  std::string shape = "tiny";  ///< of the CLIP: "tiny" or "full"
  std::int64_t labels = 1006;
  std::int64_t images = 8;  ///< a step

  test::ClipShape clip_shape() const;
};

class Stage2Way {
 public:
  virtual ~Stage2Way() = default;
  /// One optimiser step; returns the loss before it.
  virtual double step() = 0;
  /// Of the gradients that ranks would exchange.
  virtual std::int64_t bytes_exchanged() const = 0;
};

/// As the published code computes it: image encoder with a graph, 77 tokens a label, every pair of labels in
/// the loss, AdamW over the whole token embedding.
std::unique_ptr<Stage2Way> make_long_way(const Stage2Case& options);
/// model::PromptLearner and what goes with it.
std::unique_ptr<Stage2Way> make_our_way(const Stage2Case& options);

}  // namespace mkt::bench
