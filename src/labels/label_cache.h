#pragma once
// Cache of label features on disk. The key is a digest of everything that determines the features.

#include "mkt/torch.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "labels/cache_folder.h"
#include "mkt/clip/architecture.h"
#include "mkt/clip/weights.h"
#include "mkt/core/enum_names.h"
#include "mkt/weights/checkpoint.h"
#include "session/runtime.h"

namespace mkt::labels {

/// Inputs that determine label features, except device and precision; and the cache folder.
struct LabelInputs {
  std::vector<std::string> labels;
  std::string clip_path;        ///< CLIP weights
  clip::Facts clip_facts;       ///< facts about them that are given by options
  std::string merges;           ///< file of BPE merges; empty: the file beside the executables
  std::string prompt_template;  ///< sentence with {} in place of the label
  std::string phrases;          ///< several sentences per label (phrases.h); empty: the template alone
  std::string txt_ckpt;         ///< stage-2 checkpoint; empty: CLIP's text encoder
  std::string cache;            ///< cache folder; empty: features are not cached
};

/// SHA-256 over a text encoder's tensors: names, dtypes, shapes and bytes; 64 hexadecimal digits. Excludes
/// the image encoder's tensors (visual.*) and logit_scale.
std::string text_digest(const weights::TensorMap& weights);

/// Parts of weights that a digest covers.
enum class DigestOf {
  kText,         ///< text_digest()
  kTextValues,   ///< values_digest() of the text encoder
  kImageValues,  ///< values_digest() of the image encoder
};

/// SHA-256 over the values of one encoder's floating-point tensors, as float32, with names and shapes; 64
/// hexadecimal digits. Equal for the same weights in another type that keeps every value. `which` is
/// kTextValues or kImageValues; the image encoder's position embedding, which is interpolated for other input
/// sizes, and logit_scale are excluded.
std::string values_digest(const weights::TensorMap& weights, DigestOf which);

/// Activation, heads and ε of an encoder, as text for digests: "gelu 12 1e-05".
std::string computation_text(const clip::EncoderOptions& options);

/// text_digest() of each weights file in LabelInputs.
struct TextDigests {
  std::string clip;
  std::string checkpoint;  ///< empty without a stage-2 checkpoint
};

/// Cache key for the features of `inputs`, 64 hexadecimal digits. It depends on weights, template, phrases,
/// labels and their order, merges, `text`'s activation, heads and ε, precision, kind of device, and the
/// version of the computation.
std::string feature_key(const LabelInputs& inputs, const clip::EncoderOptions& text,
                        const TextDigests& digests, const session::Runtime& runtime);

/// Caches label features as <key>.safetensors, and digests of weights files as <SHA-256 of the path>.json.
class LabelCache {
 public:
  explicit LabelCache(CacheFolder folder) : folder_(std::move(folder)) {}

  /// Whether the cache is enabled.
  bool exists() const { return folder_.exists(); }

  /// Returns a digest of the weights in the file `path`. Calls `load`, which reads the file, only if the file
  /// has changed (FileIdentity) since its digest was cached, or if the cache is disabled. Throws c10::Error
  /// naming the file if it is missing.
  std::string digest_of(const std::string& path, DigestOf which,
                        const std::function<weights::TensorMap()>& load) const;

  /// Returns the features cached under `key`, (C, D) float32 on the CPU, or nullopt. A file that is damaged
  /// or was not written by this cache is logged and ignored.
  std::optional<torch::Tensor> find(const std::string& key) const;

  /// Writes features (C, D) to the cache atomically, then trims the folder. Errors are logged, not thrown.
  void keep(const std::string& key, const torch::Tensor& features) const;

 private:
  CacheFolder folder_;
};

}  // namespace mkt::labels

/// Keys in the cache's files.
template <>
struct mkt::Names<mkt::labels::DigestOf> {
  static constexpr NameTable<labels::DigestOf, 3> kTable{
      {{labels::DigestOf::kText, "text_sha256"},
       {labels::DigestOf::kTextValues, "text_values_sha256"},
       {labels::DigestOf::kImageValues, "image_values_sha256"}}};
};
