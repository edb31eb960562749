#include "labels/labels.h"

#include <filesystem>

#include "artifact/encoders.h"
#include "core/log.h"
#include "core/text.h"
#include "labels/phrases.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/data/dataset.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/prompts.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::labels {
namespace {

constexpr std::int64_t kLabelsAtOnce = 256;
constexpr const char* kTable = "token_embedding.weight";

/// A file of features says nothing of the sentence they were made with.
void refuse_template(const std::string& path, const artifact::ClipOptions& options) {
  TORCH_CHECK_VALUE(options.prompt_template == artifact::ClipOptions{}.prompt_template, "--template: '",
                    options.prompt_template, "' has no effect, as the label features are read from ", path,
                    ". Drop --template, or remove that file.");
  TORCH_CHECK_VALUE(options.phrases.empty(), "--phrases: ", options.phrases,
                    " has no effect, as the label features are read from ", path,
                    ". Drop --phrases, or remove that file.");
}

}  // namespace

LabelEncoder::LabelEncoder(const clip::TensorMap& clip, const artifact::ClipOptions& options,
                           const std::string& txt_ckpt, const session::Runtime& runtime)
    : runtime_(runtime),
      template_(options.prompt_template),
      tokenizer_(artifact::make_tokenizer(clip, options)),
      file_(txt_ckpt.empty() ? options.clip_path : txt_ckpt),
      clip_(clip) {
  if (!options.phrases.empty()) phrases_ = read_phrases(options.phrases);
  if (txt_ckpt.empty()) return;
  checkpoint_ = weights::load_tensors(txt_ckpt);
  const torch::Tensor& clip_table = artifact::token_table(clip_, options.clip_path);
  const torch::Tensor& tuned_table = artifact::token_table(checkpoint_, txt_ckpt);
  TORCH_CHECK(tuned_table.sizes() == clip_table.sizes(), txt_ckpt, ": its token embedding is ",
              tuned_table.sizes(), ", that of ", options.clip_path, " is ", clip_table.sizes(),
              ". Give the CLIP weights that the checkpoint was trained from.");
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
  clip::TensorMap weights = checkpoint_.empty() ? clip_ : checkpoint_;
  weights[kTable] = artifact::token_table(clip_, file_);
  const model::Prompts prompts = model::make_prompts(texts, model::PromptTemplate(prompt_template),
                                                     tokenizer_, clip::text_options(weights, file_).context);
  model::PromptLearner encoder(weights, file_, prompts,
                               {kLabelsAtOnce, runtime_.device, runtime_.frozen_dtype()});
  if (!checkpoint_.empty()) encoder.load_rows(artifact::token_table(checkpoint_, file_));
  return encoder.features();  // (texts, D)
}

TextDigests LabelEncoder::digests() const {
  return {text_digest(clip_), checkpoint_.empty() ? "" : text_digest(checkpoint_)};
}

torch::Tensor encode_labels(const LabelInputs& inputs, const clip::TensorMap& clip,
                            const session::Runtime& runtime) {
  io::require_file("bpe-path", inputs.clip.bpe_path);
  io::require_file("phrases", inputs.clip.phrases);
  TORCH_CHECK_VALUE(inputs.clip.phrases.empty() || inputs.txt_ckpt.empty(),
                    "--phrases: expected CLIP's own text encoder, got the stage-2 checkpoint ",
                    inputs.txt_ckpt, ", which was tuned for one sentence. Drop one of the two.");
  const LabelCache cache(inputs.clip);
  if (cache.exists()) {
    TextDigests noted{
        cache.digest_of(inputs.clip.clip_path, [&] { return clip::load_weights(inputs.clip.clip_path); }),
        ""};
    if (!inputs.txt_ckpt.empty())
      noted.checkpoint =
          cache.digest_of(inputs.txt_ckpt, [&] { return weights::load_tensors(inputs.txt_ckpt); });
    if (const auto kept = cache.find(feature_key(inputs, noted, runtime))) return kept->to(runtime.device);
  }
  const LabelEncoder encoder(clip, inputs.clip, inputs.txt_ckpt, runtime);
  torch::Tensor features = encoder.encode(inputs.labels);
  // Under the digest of what is in memory: the files may have been replaced since.
  if (cache.exists()) cache.keep(feature_key(inputs, encoder.digests(), runtime), features);
  return features;
}

torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const artifact::ClipOptions& options,
                                  const std::string& txt_ckpt, const session::Runtime& runtime) {
  const LabelInputs inputs{labels, options, txt_ckpt};
  if (!txt_ckpt.empty()) return encode_labels(inputs, clip, runtime);
  const std::string path = data::label_features_path(data_path);
  if (!std::filesystem::exists(path)) {
    log::info(cat(path, " is absent: ", labels.size(), " labels as \"", options.prompt_template,
                  "\" (prepare label-emb keeps the result)"));
    return encode_labels(inputs, clip, runtime);
  }
  refuse_template(path, options);
  const torch::Tensor features = weights::load_tensor(path).to(torch::kFloat32);
  const std::int64_t width = clip.at("text_projection").size(1);
  const bool fits = features.dim() == 2 && features.size(0) == static_cast<std::int64_t>(labels.size()) &&
                    features.size(1) == width;
  TORCH_CHECK(fits, path, ": expected (", labels.size(), " labels, ", width,
              " features) as the concept files and ", options.clip_path, " have them, got ", features.sizes(),
              ". Remove the file, or write it anew with prepare label-emb.");
  return features.to(runtime.device).contiguous();
}

torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const artifact::ClipOptions& options,
                                  const std::string& txt_ckpt, session::Session& session) {
  torch::Tensor features = torch::empty(
      {static_cast<std::int64_t>(labels.size()), clip.at("text_projection").size(1)}, session.runtime.device);
  if (session.is_main()) {
    features.copy_(load_label_features(data_path, labels, clip, options, txt_ckpt, session.runtime));
  }
  session.ranks.broadcast(features);
  return features;
}

std::string write_label_features(const LabelEmbOptions& options) {
  const std::vector<std::string> labels = data::load_dataset_labels(options.data_path);
  std::string path = options.output.empty() ? data::label_features_path(options.data_path) : options.output;
  io::require_writable("output", path);
  const session::Runtime runtime = session::make_runtime(options.compute);
  const clip::TensorMap clip = artifact::load_clip(options.clip);
  const torch::Tensor features = encode_labels({labels, options.clip, ""}, clip, runtime);
  weights::save_tensor(path, features.cpu());
  log::info(cat("wrote ", path, ": ", features.size(0), " labels, ", features.size(1), " features"));
  return path;
}

}  // namespace mkt::labels
