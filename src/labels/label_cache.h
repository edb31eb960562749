#pragma once
// Label features on disk, found by all that decides them.

#include "mkt/torch.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "artifact/input_options.h"
#include "labels/cache_folder.h"
#include "mkt/weights/checkpoint.h"
#include "session/runtime.h"

namespace mkt::labels {

/// What label features are made from, besides the machine.
struct LabelInputs {
  std::vector<std::string> labels;
  artifact::ClipOptions clip;  ///< the weights' file, the merges, the sentence
  std::string txt_ckpt;        ///< stage-2 checkpoint; empty: CLIP's text encoder
};

/// Of what a text encoder's tensors hold: names, dtypes, shapes and bytes; those of the image side and
/// logit_scale left out. 64 hexadecimal digits.
std::string text_digest(const weights::TensorMap& weights);

/// Digests of the weights that `LabelInputs` names.
struct TextDigests {
  std::string clip;
  std::string checkpoint;  ///< empty where there is none
};

/// Where the features of `inputs` lie. Any change of what they follow from gives another: weights, template,
/// labels and their order, merges, precision, kind of device, and the version of how they are made.
std::string feature_key(const LabelInputs& inputs, const TextDigests& digests,
                        const session::Runtime& runtime);

/// Files of the cache's folder: <key>.safetensors, one for a set of labels, and <digest of a path>.json, the
/// digest of a weights file as it was.
class LabelCache {
 public:
  explicit LabelCache(CacheFolder folder) : folder_(std::move(folder)) {}
  /// The folder that --cache and --no-cache ask for.
  explicit LabelCache(const artifact::ClipOptions& options);

  bool exists() const { return folder_.exists(); }

  /// text_digest of the file at `path`, which `load` reads. A file that is what it was when it was last
  /// hashed (FileIdentity) is not read.
  std::string digest_of(const std::string& path, const std::function<weights::TensorMap()>& load) const;

  /// The features at `key`, (C, D) float32 on the CPU, or nothing. A file that is broken or another's is
  /// named in the log and counts as absent.
  std::optional<torch::Tensor> find(const std::string& key) const;

  /// Keeps them, in one step, and trims the folder. Where that fails the log says why, and nothing is kept.
  void keep(const std::string& key, const torch::Tensor& features) const;

 private:
  CacheFolder folder_;
};

}  // namespace mkt::labels
