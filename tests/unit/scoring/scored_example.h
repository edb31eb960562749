#pragma once
// A data set with four images and three labels, and scores whose metrics can be computed by hand.

#include "mkt/torch.h"

#include "mkt/data/dataset.h"
#include "scoring/evaluation.h"

namespace mkt::scoring {

/// One seen and two unseen labels; image 2 is not annotated for "dog".
inline data::Dataset example_dataset() {
  data::Dataset dataset;
  dataset.seen = {"sky"};
  dataset.unseen = {"cat", "dog"};
  dataset.labels = torch::tensor({{1, 1, -1}, {-1, -1, 1}, {1, 1, 0}, {-1, -1, -1}}, torch::kInt8);
  dataset.labels_unseen = dataset.labels.columns(1, 3);
  return dataset;
}

/// Scores for every image in example_dataset().
inline ScoredImages example_scores() {
  ScoredImages scored;
  scored.gzsl =
      torch::tensor({{0.9F, 0.8F, 0.1F}, {0.7F, 0.6F, 0.5F}, {0.2F, 0.3F, 0.4F}, {0.1F, 0.7F, 0.2F}});
  scored.zsl = scored.gzsl.slice(1, 1).contiguous();
  scored.indices = {0, 1, 2, 3};
  return scored;
}

}  // namespace mkt::scoring
