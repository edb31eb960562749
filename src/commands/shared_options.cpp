#include "commands/shared_options.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <locale>
#include <sstream>

#include "labels/cache_folder.h"
#include "labels/phrases.h"

namespace mkt::commands {

clip::Facts ArchitectureOptions::value() const {
  clip::Facts facts;
  if (*activation) facts.vision.activation = facts.text.activation = {**activation, "option activation"};
  if (*vision_heads > 0) facts.vision.heads = {*vision_heads, "option vision-heads"};
  if (*text_heads > 0) facts.text.heads = {*text_heads, "option text-heads"};
  return facts;
}

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
  inputs.clip_facts = clip.architecture.value();
  inputs.merges = clip.bpe_path;
  inputs.prompt_template = clip.prompt_template;
  inputs.phrases = labels::phrases_path(features.phrases, clip.bpe_path);
  inputs.txt_ckpt = txt_ckpt;
  inputs.cache = features.folder();
  return inputs;
}

namespace {

/// Parses three numbers that are separated by commas or blanks; nullopt if `text` is empty.
std::optional<std::array<double, 3>> three_numbers(const char* name, const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  std::istringstream stream(spaced);
  stream.imbue(std::locale::classic());
  std::array<double, 3> values{};
  std::string rest;
  const bool right = static_cast<bool>(stream >> values[0] >> values[1] >> values[2]) && !(stream >> rest);
  TORCH_CHECK_VALUE(right, "--", name, ": expected three numbers such as 0.5,0.5,0.5, got ", text, ".");
  return values;
}

}  // namespace

artifact::PreprocessingChoice PreprocessingOptions::value() const {
  artifact::PreprocessingChoice choice;
  choice.preset = *preprocess;
  choice.mean = three_numbers("mean", mean);
  choice.deviation = three_numbers("std", deviation);
  choice.resize = *resize;
  if (crop_share > 0) choice.crop_share = *crop_share;
  return choice;
}

scoring::MetricOptions MetricOptions::value() const {
  scoring::check_k(*k);
  return {*protocol, *k, *per_image};
}

model::LocalPooling ClipOptions::local_pooling() const {
  const model::Pooling kind = *local;
  if (kind == model::Pooling::kTopk) {
    TORCH_CHECK_VALUE(local_scale.is_default(),
                      "--local-scale cannot be combined with --local topk, which has no scale. Drop one.");
    return *topk;
  }
  TORCH_CHECK_VALUE(topk.is_default(), "--topk cannot be combined with --local ", enum_name(kind),
                    ", which weighs all patches. Drop one.");
  const bool preset = kind == model::Pooling::kSoftmax && local_scale == 0;
  return {kind, preset ? model::kSoftmaxScale : *local_scale};
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
