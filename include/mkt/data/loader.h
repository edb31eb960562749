#pragma once
// Loads batches of transformed images; a thread pool decodes them in advance.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"
#include "mkt/data/label_table.h"
#include "mkt/image/preprocessing.h"
#include "mkt/image/transforms.h"

namespace mkt::data {

enum class Transform { kAugment, kEvaluation };

/// Action for an image that cannot be decoded.
enum class OnBadImage {
  kError,  ///< next() throws an error that names the file
  kSkip,   ///< the image is dropped from its batch
  kFill,   ///< the image is replaced by the preprocessing's mean colour
};

struct LoaderOptions {
  std::int64_t batch_size = 64;
  std::int64_t image_size = 224;                           ///< side length of the images in pixels
  std::optional<image::Preprocessing> preprocessing = {};  ///< nullopt: MKT's for image_size
  int workers = 8;   ///< number of decoding threads; 0: decodes in the thread that calls next()
  int prefetch = 2;  ///< number of batches decoded in advance, besides the one that next() waits for
  std::uint64_t seed = 42;
  bool shuffle = false;  ///< shuffles the images each epoch, keyed by {seed, epoch}
  bool drop_last = false;
  Transform transform = Transform::kEvaluation;
  OnBadImage on_bad_image = OnBadImage::kError;
  image::Decoding decoding = image::Decoding::kExact;
  image::ExifRotation exif_rotation = image::ExifRotation::kIgnore;
  bool pin_memory = false;  ///< uses page-locked memory, so that copies to a GPU overlap with computation
  int rank = 0;
  int world_size = 1;
  /// True: every rank gets the same number of images; some images are used twice (training). False: each
  /// image is used once.
  bool even_shards = false;
};

/// Truncated or damaged images that were read as far as they go.
struct DamagedImages {
  std::int64_t count = 0;
  std::int64_t first = -1;  ///< lowest index into the loader's image list; -1 if `count` is 0
};

struct Batch {
  torch::Tensor images;               ///< (B, 3, S, S) uint8
  torch::Tensor labels;               ///< (B, C) int8; undefined if the loader has no labels
  std::vector<std::int64_t> indices;  ///< B indices into the loader's image list
};

/// Loads an epoch's batches in order; their content does not depend on the number of workers. Not
/// thread-safe; runs one epoch at a time. The images are not normalised.
class DataLoader {
 public:
  /// `paths`: image files; `labels`: (N, C), or undefined. Throws ValueError if an option is out of range or
  /// the numbers of images and labels differ, and for random crops of padded images, which would never show
  /// the padding.
  DataLoader(std::vector<std::string> paths, LabelTable labels, LoaderOptions options);
  ~DataLoader();
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  /// Starts `epoch` at batch `start_batch` without decoding earlier batches. Cancels the epoch in progress.
  void start(std::int64_t epoch, std::int64_t start_batch = 0);

  /// Returns the next batch, or nullopt at the end of the epoch. With kSkip a batch may be smaller, even
  /// empty. Rethrows a worker's exception and ends the epoch. The images' memory is reused as soon as the
  /// caller releases it.
  std::optional<Batch> next();

  /// Number of batches per epoch on this rank.
  std::int64_t batches() const;
  /// Number of images per epoch on this rank, without a dropped last batch.
  std::int64_t images() const;
  /// Number of images skipped or filled in the batches that next() has returned since the last start().
  std::int64_t bad_images() const;
  /// Images read since the last start() that are truncated or damaged.
  DamagedImages damaged_images() const;
  /// Path of image `index` of the list.
  const std::string& path(std::int64_t index) const;
  const LoaderOptions& options() const;
  /// Preprocessing of the images, also for image::normalize().
  const image::Preprocessing& preprocessing() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Text of a warning that counts `damaged` images of `loader` and names the first; "" if the count is 0.
std::string damage_text(const DamagedImages& damaged, const DataLoader& loader);

/// Returns the image indices that `options.rank` uses in `epoch`, in order. Images are assigned to ranks in
/// turn, as in torch.utils.data.DistributedSampler.
std::vector<std::int64_t> epoch_order(std::int64_t size, std::int64_t epoch, const LoaderOptions& options);

}  // namespace mkt::data

template <>
struct mkt::Names<mkt::data::Transform> {
  static constexpr NameTable<data::Transform, 2> kTable{
      {{data::Transform::kAugment, "augment"}, {data::Transform::kEvaluation, "eval"}}};
};

template <>
struct mkt::Names<mkt::data::OnBadImage> {
  static constexpr NameTable<data::OnBadImage, 3> kTable{{{data::OnBadImage::kError, "error"},
                                                          {data::OnBadImage::kSkip, "skip"},
                                                          {data::OnBadImage::kFill, "fill"}}};
};
