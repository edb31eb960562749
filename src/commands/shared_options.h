#pragma once
// Option groups shared by several commands.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/preprocessing_choice.h"
#include "cli/option.h"
#include "labels/label_cache.h"
#include "mkt/clip/architecture.h"
#include "mkt/data/loader.h"
#include "mkt/model/prompts.h"
#include "mkt/model/scores.h"
#include "scoring/loading.h"
#include "scoring/protocol.h"
#include "session/session_options.h"

namespace mkt::commands {

using Text = cli::Option<std::string>;
using Texts = cli::Option<std::vector<std::string>>;
using Integer = cli::Option<std::int64_t>;
using Integers = cli::Option<std::vector<std::int64_t>>;
using Number = cli::Option<double>;
using cli::Flag;
using cli::Group;
using cli::kRequired;

inline const cli::Bounds kPositive = cli::at_least(1);
inline const cli::Bounds kNotNegative = cli::at_least(0);
inline const cli::Bounds kPenalties = cli::between(-1000, 1000);  // in standard deviations
inline const cli::Bounds kThreads = cli::between(0, 1024);
inline constexpr const char* kDataPathHelp = "Data set: folder in the NUS-WIDE layout, or manifest (.toml)";
inline constexpr const char* kMergesHelp = "Tokenizer's merges file; default: the one beside the executables";
inline constexpr const char* kDecodersHelp = "Threads that decode images; 0: only the main thread";
inline constexpr const char* kScoreHelp =
    "cosine: of image and label; probability: softmax of CLIP's scaled cosines over the labels; global, "
    "local: products with the image and its patches, over the labels' norm; mkt: their mean; mean-cosine: "
    "mean of the cosine and the patches' pooled cosines; standard: mkt, standardised per image and then per "
    "label by training images; auto: cosine for plain CLIP or a single label, else mkt";
inline constexpr const char* kPatchesHelp =
    "Attention of the patches in plain CLIP's last block; last: to all tokens; self: to themselves, as in "
    "MaskCLIP";
inline constexpr const char* kOnBadImageHelp = "Action for an unreadable image; fill: use a grey image";
inline constexpr const char* kFastDecodeHelp =
    "Shrink large JPEGs while decoding them: faster; levels differ by 0.5 of 255 on average, a few by 11 or "
    "more";
inline constexpr const char* kExifRotateHelp =
    "Turn images upright as their EXIF orientation says; the published method does not";
inline constexpr const char* kCkptHelp = "Stage-1 checkpoint; default: CLIP's image encoder";

/// Options for the data set's path and for image decoding.
struct DataOptions {
  cli::OptionList& list;
  Group group{list, "Data"};
  Text data_path{list, "data-path", kRequired, kDataPathHelp};
  Integer workers{list, "workers", 8, kThreads, kDecodersHelp};
  cli::Option<data::OnBadImage> on_bad_image{list, "on-bad-image", data::OnBadImage::kError, kOnBadImageHelp};
  Flag fast_decode{list, "fast-decode", kFastDecodeHelp};
  Flag exif_rotate{list, "exif-rotate", kExifRotateHelp};

  scoring::Decoding decoding() const { return {*workers, *on_bad_image, *fast_decode, *exif_rotate}; }
};

/// Options for what CLIP weights do not show; the defaults are what the file, or a configuration beside it,
/// states.
struct ArchitectureOptions {
  cli::OptionList& list;
  cli::Option<std::optional<nn::Activation>> activation{
      list, "activation", std::nullopt, "Activation of CLIP's MLPs; auto: as stated with the weights"};
  Integer vision_heads{list, "vision-heads", 0, kNotNegative,
                       "Attention heads of the image encoder; 0: as stated with the weights"};
  Integer text_heads{list, "text-heads", 0, kNotNegative,
                     "Attention heads of the text encoder; 0: as stated with the weights"};

  clip::Facts value() const;
};

/// Options for CLIP's weights and for the prompt template.
struct TextSideOptions {
  cli::OptionList& list;
  Group group{list, "CLIP"};
  Text clip_path{list, "clip-path", kRequired, "CLIP weights: a file, or a folder of Hugging Face"};
  Text bpe_path{list, "bpe-path", kMergesHelp};
  Text prompt_template{list, "template", model::kDefaultTemplate, "Sentence around a label, with one {}"};
  ArchitectureOptions architecture{list};
};

/// Options for the preprocessing of images.
struct PreprocessingOptions {
  cli::OptionList& list;
  Group group{list, "Image preprocessing"};
  cli::Option<std::optional<artifact::PreprocessingPreset>> preprocess{
      list, "preprocess", std::nullopt,
      "mkt: ImageNet's mean and std, centre crop of 7/8 up to 224 pixels; clip: as stated with the weights, "
      "else OpenAI's; auto: clip for plain CLIP, else mkt"};
  Text mean{list, "mean",
            "Mean per channel of values in 0 to 1, for example 0.5,0.5,0.5; default: of --preprocess"};
  Text deviation{list, "std", "Standard deviation per channel, likewise"};
  cli::Option<std::optional<image::ResizeMode>> resize{
      list, "resize", std::nullopt,
      "short: crop the centre; squash: the whole image, distorted; pad: the whole image with borders; auto: "
      "of --preprocess"};
  Number crop_share{list, "crop-share", 0, cli::between(0, 1),
                    "Side of the crop over the resized short side; 0: of --preprocess"};

  /// Throws ValueError naming mean or std if it is not three numbers.
  artifact::PreprocessingChoice value() const;
};

struct ClipOptions : TextSideOptions {
  explicit ClipOptions(cli::OptionList& options) : TextSideOptions{options} {}

  Integer topk{list, "topk", 16, kPositive, "Best patches of an image per label"};
  cli::Option<model::Pooling> local{
      list, "local", model::Pooling::kTopk,
      "Pooling of patches to a label's local score; topk: mean of the best; softmax: weighted by their "
      "scaled "
      "cosines; transport: weighted by a transport plan between patches and labels"};
  Number local_scale{list, "local-scale", 0, cli::between(0, 1e6),
                     "Factor on the cosines of --local softmax or transport; 0: 20 for softmax, CLIP's logit "
                     "scale for transport"};
  Integer input_size{list, "input-size", 0, kNotNegative,
                     "Side of the input image in pixels; 0: the weights' own"};
  PreprocessingOptions preprocessing{list};

  /// Throws ValueError if an option is set that the pooling does not use.
  model::LocalPooling local_pooling() const;
};

/// Options for computing and caching label features.
struct LabelFeatureOptions {
  cli::OptionList& list;
  Group group{list, "Label features"};
  Text phrases{
      list, "phrases",
      "JSON file of templates, synonyms and sentences, averaged per label; openai-80: CLIP's 80 templates"};
  Text cache{list, "cache", "Folder of cached label features; default: $XDG_CACHE_HOME/mkt or ~/.cache/mkt"};
  Flag no_cache{list, "no-cache", "Encode labels again, keep nothing"};

  /// Returns the cache folder; empty: no cache. Throws ValueError if mutually exclusive flags are combined.
  std::string folder() const;
};

/// Collects the inputs for computing label features, except the labels themselves. `txt_ckpt`: stage-2
/// checkpoint, or empty.
labels::LabelInputs label_inputs(const TextSideOptions& clip, const LabelFeatureOptions& features,
                                 const std::string& txt_ckpt);

/// Options for the metrics of an evaluation.
struct MetricOptions {
  cli::OptionList& list;
  cli::Option<scoring::Protocol> protocol{
      list, "protocol", scoring::Protocol::kMkt,
      "mkt: all images and labels count, as published for NUS-WIDE; biam: as published for Open Images, only "
      "images with a positive and labels annotated in them"};
  Integers k{list, "k", {3, 5}, kPositive, "Numbers of predicted labels per image, for F1"};
  Flag per_image{list, "per-image", "Compute mAP over images as well"};

  /// Throws ValueError naming k if a number occurs twice.
  scoring::MetricOptions value() const;
};

struct DeviceOptions {
  cli::OptionList& list;
  Group group{list, "Computing"};
  Text device{list, "device", session::ComputeOptions{}.device, "auto, cpu, cuda or cuda:N"};
};

struct ThreadOption {
  cli::OptionList& list;
  Integer threads{list, "threads", session::ComputeOptions{}.threads, kThreads,
                  "Threads of matrix products; 0: one per processor"};
};

/// Device and thread options; the precision is fp32.
struct PlainComputeOptions {
  cli::OptionList& list;
  DeviceOptions on{list};
  ThreadOption with{list};

  session::ComputeOptions value() const;
};

struct ComputeOptions {
  cli::OptionList& list;
  DeviceOptions on{list};
  cli::Option<session::Precision> precision{list, "precision", session::ComputeOptions{}.precision,
                                            "Precision of matrix products"};
  ThreadOption with{list};

  session::ComputeOptions value() const;
};

struct RankOptions {
  cli::OptionList& list;
  Group group{list, "Several processes (or start them with torchrun, srun or mpirun)"};
  Integer nproc_per_node{list, "nproc-per-node", session::RankOptions{}.nproc_per_node, cli::between(0, 1024),
                         "Ranks to start on this machine; 0: this process alone"};
  Integer nnodes{list, "nnodes", session::RankOptions{}.nnodes, cli::between(1, 1 << 16),
                 "Number of machines"};
  Integer node_rank{list, "node-rank", session::RankOptions{}.node_rank, kNotNegative,
                    "Number of this machine"};
  Text master_addr{list, "master-addr", "Address of machine 0"};
  Integer master_port{list, "master-port", session::RankOptions{}.master_port, cli::between(0, 65535),
                      "Free port on machine 0; 0: any, on one machine"};
  Number timeout_seconds{list, "timeout-seconds", session::RankOptions{}.timeout_seconds,
                         cli::between(1, 1e7), "Longest wait for another rank"};

  session::RankOptions value() const;
};

}  // namespace mkt::commands
