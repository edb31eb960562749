#include "commands/shared_options.h"

#include <c10/util/Exception.h>

#include "labels/cache_folder.h"
#include "labels/phrases.h"

namespace mkt::commands {

std::string LabelFeatureOptions::folder() const {
  TORCH_CHECK_VALUE(!no_cache || cache->empty(), "--no-cache cannot be combined with --cache ", *cache,
                    ". Drop one.");
  if (no_cache) return "";
  return cache->empty() ? labels::default_cache_folder() : *cache;
}

labels::LabelInputs label_inputs(const TextSideOptions& clip, const LabelFeatureOptions& features,
                                 const std::string& txt_ckpt) {
  labels::LabelInputs inputs;
  inputs.clip_path = clip.clip_path;
  inputs.merges = clip.bpe_path;
  inputs.prompt_template = clip.prompt_template;
  inputs.phrases = labels::phrases_path(features.phrases, clip.bpe_path);
  inputs.txt_ckpt = txt_ckpt;
  inputs.cache = features.folder();
  return inputs;
}

session::ComputeOptions PlainComputeOptions::value() const {
  session::ComputeOptions compute;
  compute.device = on.device;
  compute.threads = with.threads;
  return compute;
}

session::ComputeOptions ComputeOptions::value() const {
  return {*on.device, *precision, *with.threads};
}

session::RankOptions RankOptions::value() const {
  return {*nproc_per_node, *nnodes, *node_rank, *master_addr, *master_port, *timeout_seconds};
}

}  // namespace mkt::commands
