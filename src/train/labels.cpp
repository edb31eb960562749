#include "mkt/train/labels.h"

#include <filesystem>
#include <utility>

#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/data/data_set.h"
#include "mkt/io/checkpoint.h"
#include "mkt/train/encoders.h"
#include "mkt/train/interrupt.h"

namespace mkt::train {
namespace {

constexpr std::int64_t kLabelsAtOnce = 256;

/// A file of features says nothing of the sentence they were made with.
void refuse_template(const std::string& path, const ClipOptions& options) {
  TORCH_CHECK_VALUE(options.prompt_template == ClipOptions{}.prompt_template, "--template: '",
                    options.prompt_template, "' has no effect, as the label features are read from ", path,
                    ". Drop --template, or remove that file.");
}

/// The token embedding, whose rows are needed once for the vocabulary's size and once as the table.
const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file) {
  const auto found = clip.find("token_embedding.weight");
  TORCH_CHECK(found != clip.end(), file, ": expected token_embedding.weight, which is not in it.");
  return found->second;
}

}  // namespace

clip::Tokenizer make_tokenizer(const clip::TensorMap& clip, const ClipOptions& options) {
  require_file("bpe-path", options.bpe_path);
  const std::string merges = options.bpe_path.empty() ? clip::default_merges_path() : options.bpe_path;
  return clip::Tokenizer(merges, token_table(clip, options.clip_path).size(0));
}

LabelEncoder::LabelEncoder(const clip::TensorMap& clip, const ClipOptions& options,
                           const std::string& txt_ckpt, const Runtime& runtime)
    : runtime_(runtime), template_(options.prompt_template), tokenizer_(make_tokenizer(clip, options)) {
  torch::NoGradGuard no_grad;
  if (txt_ckpt.empty()) {
    encoder_ = clip::make_text_encoder(clip, options.clip_path);
  } else {
    encoder_ = clip::make_text_encoder(io::load_tensors(txt_ckpt), txt_ckpt);
    clip_embedding_ = token_table(clip, options.clip_path).to(runtime.device, torch::kFloat32);
    TORCH_CHECK(encoder_->token_embedding->weight.sizes() == clip_embedding_.sizes(), txt_ckpt,
                ": its token embedding is ", encoder_->token_embedding->weight.sizes(), ", that of ",
                options.clip_path, " is ", clip_embedding_.sizes(),
                ". Give the CLIP weights that the checkpoint was trained from.");
  }
  encoder_->to(runtime.device);
  frozen_ = std::make_unique<clip::FrozenTextEncoder>(encoder_, runtime.frozen_dtype());
}

torch::Tensor LabelEncoder::embed(const model::Prompts& prompts, std::int64_t first,
                                  std::int64_t last) const {
  const torch::Tensor ids = prompts.ids.slice(0, first, last).to(runtime_.device);  // (C, L)
  const torch::Tensor tuned = encoder_->embed(ids);                                 // (C, L, W)
  if (!clip_embedding_.defined()) return tuned;
  const torch::Tensor position = torch::arange(ids.size(1), ids.options()).unsqueeze(0);  // (1, L)
  const auto column = [&](const torch::Tensor& bound) {
    return bound.slice(0, first, last).to(runtime_.device).unsqueeze(1);  // (C, 1)
  };
  const torch::Tensor own = position.ge(column(prompts.label_start)) & position.lt(column(prompts.label_end));
  return torch::where(own.unsqueeze(2), torch::embedding(clip_embedding_, ids), tuned);  // (C, L, W)
}

torch::Tensor LabelEncoder::encode(const std::vector<std::string>& labels) const {
  torch::NoGradGuard no_grad;
  TORCH_CHECK_VALUE(!labels.empty(), "labels: expected at least one, got none.");
  const model::Prompts prompts =
      model::make_prompts(labels, template_, tokenizer_, encoder_->options.context);
  std::vector<torch::Tensor> features;
  for (std::int64_t first = 0; first < prompts.ids.size(0); first += kLabelsAtOnce) {
    const std::int64_t last = std::min(first + kLabelsAtOnce, prompts.ids.size(0));
    const torch::Tensor ends = clip::end_positions(prompts.ids.slice(0, first, last)).to(runtime_.device);
    features.push_back(frozen_->encode_embeddings(embed(prompts, first, last), ends));  // (c, D)
  }
  return torch::cat(features);  // (C, D)
}

torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const ClipOptions& options,
                                  const std::string& txt_ckpt, const Runtime& runtime) {
  if (!txt_ckpt.empty()) {
    return LabelEncoder(clip, options, txt_ckpt, runtime).encode(labels);
  }
  const std::string path = data::label_features_path(data_path);
  if (!std::filesystem::exists(path)) {
    log::info(cat(path, " is absent: encoding ", labels.size(), " labels as \"", options.prompt_template,
                  "\" (prepare label-emb keeps the result)"));
    return LabelEncoder(clip, options, txt_ckpt, runtime).encode(labels);
  }
  refuse_template(path, options);
  const torch::Tensor features = io::load_tensor(path).to(torch::kFloat32);
  const std::int64_t width = clip.at("text_projection").size(1);
  const bool fits = features.dim() == 2 && features.size(0) == static_cast<std::int64_t>(labels.size()) &&
                    features.size(1) == width;
  TORCH_CHECK(fits, path, ": expected (", labels.size(), " labels, ", width,
              " features) as the concept files and ", options.clip_path, " have them, got ", features.sizes(),
              ". Remove the file, or write it anew with prepare label-emb.");
  return features.to(runtime.device).contiguous();
}

torch::Tensor load_label_features(const std::string& data_path, const std::vector<std::string>& labels,
                                  const clip::TensorMap& clip, const ClipOptions& options,
                                  const std::string& txt_ckpt, Session& session) {
  torch::Tensor features = torch::empty(
      {static_cast<std::int64_t>(labels.size()), clip.at("text_projection").size(1)}, session.runtime.device);
  if (session.is_main()) {
    features.copy_(load_label_features(data_path, labels, clip, options, txt_ckpt, session.runtime));
  }
  session.ranks.broadcast(features);
  return features;
}

std::string write_label_features(const LabelEmbOptions& options) {
  const std::vector<std::string> labels = data::load_data_set_labels(options.data_path);
  std::string path = options.output.empty() ? data::label_features_path(options.data_path) : options.output;
  require_writable("output", path);
  const Runtime runtime = make_runtime(options.compute);
  const clip::TensorMap clip = load_clip(options.clip);
  const torch::Tensor features = LabelEncoder(clip, options.clip, "", runtime).encode(labels);
  const InterruptDelay until_written;
  io::save_tensor(path, features.cpu());
  log::info(cat("wrote ", path, ": ", features.size(0), " labels, ", features.size(1), " features"));
  return path;
}

}  // namespace mkt::train
