#include "demo/pretraining.h"

#include <algorithm>
#include <set>
#include <thread>

#include "artifact/clip_facts.h"
#include "core/log.h"
#include "core/parallel.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "demo/contrastive_training.h"
#include "demo/new_clip.h"
#include "io/file_checks.h"
#include "mkt/image/transforms.h"
#include "weights/safetensors.h"
#include "world/caption.h"
#include "world/demo_data.h"

namespace mkt::demo {
namespace {

constexpr std::int64_t kClipContext = 77;
constexpr std::int64_t kPatch = 16;
constexpr std::int64_t kClipWidth = 128;
constexpr std::int64_t kHeadWidth = 64;
constexpr std::int64_t kHiddenPerWidth = 4;  // of the MLPs
constexpr std::int64_t kVisionLayers = 4;
constexpr std::int64_t kTextLayers = 3;
constexpr std::int64_t kJoint = 512;
constexpr std::uint64_t kBatchStream = 1000;  // random key for batches; differs from all values of Part

/// The images in one part, cropped to the encoder's input, with their scenes.
class DrawnImages {
 public:
  DrawnImages(const PretrainingOptions& options, Part part, std::int64_t size)
      : scenes_(static_cast<std::size_t>(size)),
        images_(torch::empty({size, kViewSize, kViewSize, 3}, torch::kUInt8)) {
    const int workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    parallel_for(size, workers, [&](std::int64_t i) {
      const ImageKey key{options.world, static_cast<std::uint64_t>(options.seed), part, i};
      scenes_[static_cast<std::size_t>(i)] = part_scene(key);
      images_[i].copy_(image::evaluation_transform(part_image(key), kViewSize, kDemoPreprocessing));
    });
  }

  std::int64_t size() const { return images_.size(0); }
  const Scene& scene(std::int64_t i) const { return scenes_[static_cast<std::size_t>(i)]; }
  /// Returns the selected images, (B, 3, H, H) uint8, not contiguous.
  torch::Tensor images(const std::vector<std::int64_t>& which) const {
    return images_.index_select(0, torch::tensor(which, torch::kInt64)).permute({0, 3, 1, 2});
  }

 private:
  std::vector<Scene> scenes_;
  torch::Tensor images_;  // (N, H, W, 3)
};

/// Builds the batch for each step.
class Lessons {
 public:
  Lessons(const PretrainingOptions& options, const text::Tokenizer& tokenizer, const Vocabulary& vocabulary)
      : options_(options),
        tokenizer_(tokenizer),
        vocabulary_(vocabulary),
        seed_(static_cast<std::uint64_t>(options.seed)),
        all_(options, Part::kPretraining, options.pictures),
        single_(options, Part::kPretrainingSingle, options.single) {}

  std::int64_t steps() const { return options_.first_steps + options_.single_steps + options_.last_steps; }

  CaptionedImages at(std::int64_t step) const {
    const bool bare = step >= options_.first_steps && step < options_.first_steps + options_.single_steps;
    const DrawnImages& drawn = bare ? single_ : all_;
    KeyedRandom random({seed_, kBatchStream, static_cast<std::uint64_t>(step)});
    std::vector<std::int64_t> which;
    std::vector<std::string> captions;
    for (std::int64_t i = 0; i < options_.batch_size; ++i) {
      which.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(drawn.size()))));
      const Scene& scene = drawn.scene(which.back());
      captions.push_back(bare ? bare_caption(scene, random) : caption(scene, random));
    }
    return {drawn.images(which), vocabulary_.small(tokenizer_.tokenize(captions, kClipContext))};
  }

 private:
  const PretrainingOptions& options_;
  const text::Tokenizer& tokenizer_;
  const Vocabulary& vocabulary_;
  std::uint64_t seed_;
  DrawnImages all_;
  DrawnImages single_;
};

NewClip new_clip(const PretrainingOptions& options, std::int64_t vocabulary) {
  clip::VisionOptions vision;
  vision.patch = kPatch;
  vision.grid = kViewSize / kPatch;
  vision.width = kClipWidth;
  vision.layers = kVisionLayers;
  vision.heads = kClipWidth / kHeadWidth;
  vision.hidden = kHiddenPerWidth * kClipWidth;
  vision.embed_dim = kJoint;
  clip::TextOptions text;
  text.vocabulary = vocabulary;
  text.context = kClipContext;
  text.width = kClipWidth;
  text.layers = kTextLayers;
  text.heads = vision.heads;
  text.hidden = vision.hidden;
  text.embed_dim = kJoint;
  return make_new_clip(vision, text, static_cast<std::uint64_t>(options.seed));
}

}  // namespace

Vocabulary::Vocabulary(const text::Tokenizer& tokenizer, WorldKind world)
    : full_size_(tokenizer.vocabulary_size()) {
  std::set<std::int64_t> used = {0, tokenizer.start_token(), tokenizer.end_token()};  // 0: padding token
  for (const std::string& words : all_words(world)) {
    for (const std::int64_t id : tokenizer.encode(words)) used.insert(id);
  }
  rows_.assign(used.begin(), used.end());
}

torch::Tensor Vocabulary::small(const torch::Tensor& ids) const {
  torch::Tensor result = torch::empty(ids.sizes(), torch::kInt64);
  const torch::Tensor from = ids.contiguous();
  const auto* id = from.const_data_ptr<std::int64_t>();
  auto* row = result.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < from.numel(); ++i) {
    const auto found = std::lower_bound(rows_.begin(), rows_.end(), id[i]);
    TORCH_CHECK(found != rows_.end() && *found == id[i],
                "vocabulary: expected words of the demo's captions, got token ", id[i], ".");
    row[i] = found - rows_.begin();
  }
  return result;
}

torch::Tensor Vocabulary::full_table(const torch::Tensor& table) const {
  torch::Tensor full = torch::zeros({full_size_, table.size(1)}, table.options());
  full.index_copy_(0, torch::tensor(rows_, torch::kInt64), table);
  return full;
}

std::string pretrain_clip(const PretrainingOptions& options) {
  io::require_writable("output", options.output);
  io::require_file("bpe-path", options.bpe_path);
  const session::Runtime runtime = session::make_runtime(options.compute);
  const text::Tokenizer tokenizer(options.bpe_path.empty() ? text::default_merges_path() : options.bpe_path,
                                  text::kClipVocabulary);
  const Vocabulary vocabulary(tokenizer, options.world);
  const Stopwatch watch;
  const Lessons lessons(options, tokenizer, vocabulary);
  log::info("drew {} images in {}; pre-training on {}", options.pictures + options.single,
            duration_text(watch.seconds()), session::describe(runtime));
  NewClip clip = new_clip(options, vocabulary.size());
  clip.visual->to(runtime.device);
  clip.text->to(runtime.device);
  ContrastiveOptions training;
  training.steps = lessons.steps();
  training.lr = options.lr;
  const double loss = train_contrastive(
      clip, training, [&](std::int64_t step) { return lessons.at(step); }, runtime);
  weights::TensorMap state = half_state(clip);
  state["token_embedding.weight"] = vocabulary.full_table(state["token_embedding.weight"]);
  clip::Facts facts;
  facts.vision.activation = facts.text.activation = {nn::Activation::kQuickGelu, "prepare demo-clip"};
  facts.preprocessing = {kDemoPreprocessing, "prepare demo-clip"};
  const clip::Weights weights(state, options.output, facts);
  weights::save_safetensors(options.output, state,
                            {{artifact::kClipMetadata, artifact::clip_metadata(weights)}});
  log::info("wrote {} after {}: {} steps, final loss {:.3f}", options.output, duration_text(watch.seconds()),
            training.steps, loss);
  return options.output;
}

}  // namespace mkt::demo
