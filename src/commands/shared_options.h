#pragma once
// Option groups shared by several commands.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/option.h"
#include "labels/label_cache.h"
#include "mkt/data/loader.h"
#include "mkt/model/prompts.h"
#include "mkt/model/scores.h"
#include "scoring/loading.h"
#include "session/session_options.h"

namespace mkt::commands {

using Text = cli::Option<std::string>;
using Texts = cli::Option<std::vector<std::string>>;
using Integer = cli::Option<std::int64_t>;
using Number = cli::Option<double>;
using cli::Flag;
using cli::Group;
using cli::kRequired;

inline const cli::Bounds kPositive = cli::at_least(1);
inline const cli::Bounds kNotNegative = cli::at_least(0);
inline const cli::Bounds kThreads = cli::between(0, 1024);
inline constexpr const char* kDataPathHelp = "Data set: folder in the NUS-WIDE layout, or manifest (.toml)";
inline constexpr const char* kMergesHelp = "Tokenizer's merges file; default: the one beside the executables";
inline constexpr const char* kDecodersHelp = "Threads that decode images; 0: only the main thread";
inline constexpr const char* kScoreHelp =
    "mkt: mean of global and local; auto: global for plain CLIP, else mkt";
inline constexpr const char* kOnBadImageHelp = "Action for an unreadable image; fill: use a grey image";
inline constexpr const char* kFastDecodeHelp =
    "Shrink large JPEGs while decoding them: faster; levels differ by 0.5 of 255 on average, a few by 11 or "
    "more";
inline constexpr const char* kCkptHelp = "Stage-1 checkpoint; default: CLIP's image encoder";

/// Options for the data set's path and for image decoding.
struct DataOptions {
  cli::OptionList& list;
  Group group{list, "Data"};
  Text data_path{list, "data-path", kRequired, kDataPathHelp};
  Integer workers{list, "workers", 8, kThreads, kDecodersHelp};
  cli::Option<data::OnBadImage> on_bad_image{list, "on-bad-image", data::OnBadImage::kError, kOnBadImageHelp};
  Flag fast_decode{list, "fast-decode", kFastDecodeHelp};

  scoring::Decoding decoding() const { return {*workers, *on_bad_image, *fast_decode}; }
};

/// Options for CLIP's weights and for the prompt template.
struct TextSideOptions {
  cli::OptionList& list;
  Group group{list, "CLIP"};
  Text clip_path{list, "clip-path", kRequired, "CLIP weights: OpenAI's archive, a state dict or safetensors"};
  Text bpe_path{list, "bpe-path", kMergesHelp};
  Text prompt_template{list, "template", model::kDefaultTemplate, "Sentence around a label, with one {}"};
};

struct ClipOptions : TextSideOptions {
  explicit ClipOptions(cli::OptionList& options) : TextSideOptions{options} {}

  Integer topk{list, "topk", 16, kPositive, "Best patches of an image per label"};
  Integer input_size{list, "input-size", 0, kNotNegative,
                     "Side of the input image in pixels; 0: the weights' own"};
};

/// Options for computing and caching label features.
struct LabelFeatureOptions {
  cli::OptionList& list;
  Text phrases{list, "phrases", "JSON file of templates, synonyms and sentences, averaged per label; openai-80: CLIP's 80 templates"};
  Text cache{list, "cache", "Folder of cached label features; default: $XDG_CACHE_HOME/mkt or ~/.cache/mkt"};
  Flag no_cache{list, "no-cache", "Encode labels again, keep nothing"};

  /// Returns the cache folder; empty: no cache. Throws ValueError if mutually exclusive flags are combined.
  std::string folder() const;
};

/// Collects the inputs for computing label features, except the labels themselves. `txt_ckpt`: stage-2
/// checkpoint, or empty.
labels::LabelInputs label_inputs(const TextSideOptions& clip, const LabelFeatureOptions& features,
                                 const std::string& txt_ckpt);

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
