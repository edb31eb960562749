#include "labels/labels.h"

#include <filesystem>
#include <functional>

#include "artifact/clip_files.h"
#include "artifact/encoders.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "labels/encoder_digests.h"
#include "labels/label_facts.h"
#include "labels/phrases.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/data/dataset.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/prompts.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::labels {
namespace {

constexpr std::int64_t kLabelsPerBatch = 256;
constexpr const char* kTable = "token_embedding.weight";

/// Throws ValueError if a template or phrases are set although the features are read from the file `path`,
/// beside which there are no facts about the sentences it was made with.
void refuse_template(const std::string& path, const LabelInputs& inputs) {
  TORCH_CHECK_VALUE(inputs.prompt_template == model::kDefaultTemplate, "template: '", inputs.prompt_template,
                    "' has no effect, as the label features are read from ", path,
                    ". Use the default template, or remove that file.");
  TORCH_CHECK_VALUE(inputs.phrases.empty(), "phrases: ", inputs.phrases,
                    " has no effect, as the label features are read from ", path,
                    ". Use no phrases, or remove that file.");
}

/// Facts that features of `inputs` have, if the text encoder of `clip` makes them.
LabelFacts facts_of(const LabelInputs& inputs, const clip::Weights& clip) {
  return {inputs.labels, text_side_digest(inputs, clip), inputs.prompt_template,
          phrases_content(inputs.phrases)};
}

/// Checks features that were read from the file `path`, or warns if there is nothing to check them by.
void check_origin(const std::string& path, const torch::Tensor& features, const LabelInputs& inputs,
                  const clip::Weights& clip) {
  if (const auto facts = read_label_facts(path, features)) {
    check_label_facts(path, *facts, facts_of(inputs, clip), inputs.clip_path);
    return;
  }
  refuse_template(path, inputs);
  log::warning(
      "{}: there is no {} beside it, so its labels, weights and template cannot be checked. Write it again "
      "with prepare label-emb.",
      path, std::filesystem::path(label_facts_path(path)).filename().string());
}

/// Returns the features that rank 0 makes, (C, D), on every rank.
torch::Tensor made_on_rank_0(const LabelInputs& inputs, const clip::Weights& clip, session::Session& session,
                             const std::function<torch::Tensor()>& make) {
  torch::Tensor features =
      torch::empty({static_cast<std::int64_t>(inputs.labels.size()), clip.architecture.text.embed_dim},
                   session.runtime.device);
  if (session.is_main()) features.copy_(make());
  session.ranks.broadcast(features);
  return features;
}

/// text_digest() of the CLIP weights at `path`, from the cache unless they are several files.
std::string clip_digest(const LabelCache& cache, const std::string& path) {
  const artifact::ClipFiles files = artifact::find_clip_files(path);
  const auto load = [&] { return clip::to_openai_names(artifact::read_clip_files(files).tensors, path); };
  return files.index.empty() ? cache.digest_of(files.weights.front(), DigestOf::kText, load)
                             : text_digest(load());
}

}  // namespace

LabelEncoder::LabelEncoder(const clip::Weights& clip, const LabelInputs& inputs,
                           const session::Runtime& runtime)
    : runtime_(runtime),
      template_(inputs.prompt_template),
      tokenizer_(artifact::make_tokenizer(clip, inputs.merges)),
      clip_(clip) {
  if (!inputs.phrases.empty()) phrases_ = read_phrases(inputs.phrases);
  if (!inputs.txt_ckpt.empty()) checkpoint_ = artifact::load_text_weights(clip, inputs.txt_ckpt);
}

torch::Tensor LabelEncoder::encode(const std::vector<std::string>& labels) const {
  TORCH_CHECK_VALUE(!labels.empty(), "labels: expected at least one, got none.");
  if (!phrases_) return encode_texts(template_, labels);
  return averaged_features(*phrases_, template_, labels,
                           [this](const std::string& prompt_template, const std::vector<std::string>& texts) {
                             return encode_texts(prompt_template, texts);
                           });
}

torch::Tensor LabelEncoder::encode_texts(const std::string& prompt_template,
                                         const std::vector<std::string>& texts) const {
  const torch::NoGradGuard no_grad;
  clip::Weights weights = checkpoint_.value_or(clip_);
  weights.tensors[kTable] = artifact::token_table(clip_);
  const model::Prompts prompts = model::make_prompts(texts, model::PromptTemplate(prompt_template),
                                                     tokenizer_, weights.architecture.text.context);
  model::PromptLearner encoder(weights, prompts, {kLabelsPerBatch, runtime_.device, runtime_.frozen_dtype()});
  if (checkpoint_) encoder.load_rows(artifact::token_table(*checkpoint_));
  return encoder.features();  // (texts, D)
}

TextDigests LabelEncoder::digests() const {
  return {text_digest(clip_.tensors), checkpoint_ ? text_digest(checkpoint_->tensors) : ""};
}

torch::Tensor encode_labels(const LabelInputs& inputs, const clip::Weights& clip,
                            const session::Runtime& runtime) {
  io::require_file("bpe-path", inputs.merges);
  io::require_file("phrases", inputs.phrases);
  TORCH_CHECK_VALUE(inputs.phrases.empty() || inputs.txt_ckpt.empty(),
                    "phrases: expected CLIP's own text encoder, got the stage-2 checkpoint ", inputs.txt_ckpt,
                    ", which was tuned with one sentence per label. Drop one of the two.");
  const LabelCache cache{CacheFolder(inputs.cache)};
  if (cache.exists()) {
    TextDigests noted;
    noted.clip = clip_digest(cache, inputs.clip_path);
    if (!inputs.txt_ckpt.empty()) {
      noted.checkpoint = cache.digest_of(inputs.txt_ckpt, DigestOf::kText,
                                         [&] { return weights::load_tensors(inputs.txt_ckpt); });
    }
    if (const auto kept = cache.find(feature_key(inputs, clip.architecture.text, noted, runtime)))
      return kept->to(runtime.device);
  }
  const LabelEncoder encoder(clip, inputs, runtime);
  torch::Tensor features = encoder.encode(inputs.labels);
  // The key is computed from the tensors in memory, because the files may have been replaced since they were
  // read.
  if (cache.exists())
    cache.keep(feature_key(inputs, clip.architecture.text, encoder.digests(), runtime), features);
  return features;
}

torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::Weights& clip, const session::Runtime& runtime) {
  if (!inputs.txt_ckpt.empty()) return encode_labels(inputs, clip, runtime);
  const std::string path = data::label_features_path(data_path);
  if (!std::filesystem::exists(path)) {
    log::info("{} is absent: encoding {} labels as \"{}\" (prepare label-emb writes the result to that file)",
              path, inputs.labels.size(), inputs.prompt_template);
    return encode_labels(inputs, clip, runtime);
  }
  const torch::Tensor features = weights::load_tensor(path);
  const auto labels = static_cast<std::int64_t>(inputs.labels.size());
  const std::int64_t width = clip.architecture.text.embed_dim;
  const bool fits = features.dim() == 2 && features.size(0) == labels && features.size(1) == width;
  TORCH_CHECK(fits, path, ": expected (", labels, " labels, ", width,
              " features) from the data set's labels and ", inputs.clip_path, ", got ", features.sizes(),
              ". Remove the file, or write it again with prepare label-emb.");
  check_origin(path, features, inputs, clip);
  return features.to(runtime.device, torch::kFloat32).contiguous();
}

torch::Tensor load_label_features(const std::string& data_path, const LabelInputs& inputs,
                                  const clip::Weights& clip, session::Session& session) {
  return made_on_rank_0(inputs, clip, session,
                        [&] { return load_label_features(data_path, inputs, clip, session.runtime); });
}

torch::Tensor encode_labels(const LabelInputs& inputs, const clip::Weights& clip, session::Session& session) {
  return made_on_rank_0(inputs, clip, session, [&] { return encode_labels(inputs, clip, session.runtime); });
}

std::string write_label_features(const std::string& data_path, const std::string& output, LabelInputs inputs,
                                 const session::Runtime& runtime) {
  inputs.labels = data::load_dataset_labels(data_path);
  std::string path = output.empty() ? data::label_features_path(data_path) : output;
  io::require_writable("output", path);
  const clip::Weights clip = artifact::load_clip(inputs.clip_path, 0, inputs.clip_facts);
  const torch::Tensor features = encode_labels(inputs, clip, runtime).cpu();
  weights::save_tensor(path, features);
  write_label_facts(path, features, facts_of(inputs, clip));
  log::info("wrote {}: {} labels, {} features", path, features.size(0), features.size(1));
  return path;
}

}  // namespace mkt::labels
