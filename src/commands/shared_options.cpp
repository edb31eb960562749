#include "commands/shared_options.h"

#include <c10/util/Exception.h>

#include "artifact/encoders.h"
#include "commands/tagger_group.h"
#include "labels/cache_folder.h"

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
  inputs.phrases = features.phrases;
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

void TaggerGroup::check_labels() const {
  TORCH_CHECK_VALUE(!label->empty() || !labels->empty() || !data_path->empty(),
                    "no labels given. Use --label, --labels, or --data-path for a data set's own.");
}

tagging::TaggerOptions TaggerGroup::value(const std::string& thresholds,
                                          const session::ComputeOptions& compute) const {
  tagging::TaggerOptions tagger;
  tagger.text = label_inputs(clip, features, txt_ckpt);
  tagger.label = label;
  tagger.labels = labels;
  tagger.data_path = data_path;
  tagger.img_ckpt = img_ckpt;
  tagger.input_size = clip.input_size;
  tagger.topk = clip.topk;
  tagger.score = artifact::choose_score(*score, !img_ckpt->empty());
  tagger.thresholds = thresholds;
  tagger.compute = compute;
  return tagger;
}

std::vector<std::string> tagger_option_names() {
  cli::OptionList list;
  const TaggerGroup group{list};
  std::vector<std::string> names;
  for (const cli::Setting& setting : list.settings()) names.push_back(setting.name);
  return names;
}

}  // namespace mkt::commands
