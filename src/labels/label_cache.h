#pragma once
// Cache of label features on disk; the key is a digest of everything that determines them.

#include "mkt/torch.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "labels/cache_folder.h"
#include "mkt/weights/checkpoint.h"
#include "session/runtime.h"

namespace mkt::labels {

/// Everything that label features depend on, except the machine, and where they are cached.
struct LabelInputs {
  std::vector<std::string> labels;
  std::string clip_path;        ///< CLIP weights
  std::string merges;           ///< file of BPE merges; empty: the one beside the executables
  std::string prompt_template;  ///< with one {}
  std::string phrases;   ///< file of several sentences per label (phrases.h); empty: the template alone
  std::string txt_ckpt;  ///< stage-2 checkpoint; empty: CLIP's text encoder
  std::string cache;     ///< folder; empty: no cache
};

/// Digest of a text encoder's tensors: names, dtypes, shapes and bytes, without those of the image side and
/// logit_scale. 64 hexadecimal digits.
std::string text_digest(const weights::TensorMap& weights);

/// Digests of the weights that `LabelInputs` names.
struct TextDigests {
  std::string clip;
  std::string checkpoint;  ///< empty if there is none
};

/// Cache key of the features of `inputs`: depends on weights, template, phrases, labels and their order,
/// merges, precision, kind of device, and the version of the computation.
std::string feature_key(const LabelInputs& inputs, const TextDigests& digests,
                        const session::Runtime& runtime);

/// The cache's folder holds <key>.safetensors, the features of a list of labels, and <digest of a path>.json,
/// the noted digest of a weights file.
class LabelCache {
 public:
  explicit LabelCache(CacheFolder folder) : folder_(std::move(folder)) {}

  bool exists() const { return folder_.exists(); }

  /// text_digest of the file at `path`, which `load` reads. A file that has not changed since it was last
  /// hashed (FileIdentity) is not read.
  std::string digest_of(const std::string& path, const std::function<weights::TensorMap()>& load) const;

  /// The features at `key`, (C, D) float32 on the CPU, or nothing. A broken or foreign file is logged and
  /// counts as absent.
  std::optional<torch::Tensor> find(const std::string& key) const;

  /// Writes the features atomically and trims the folder. A failure is logged, and nothing is kept.
  void keep(const std::string& key, const torch::Tensor& features) const;

 private:
  CacheFolder folder_;
};

}  // namespace mkt::labels
