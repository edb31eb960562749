#pragma once
// Batches of transformed images, decoded ahead by a pool of threads.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"
#include "mkt/data/label_table.h"
#include "mkt/image/transforms.h"

namespace mkt::data {

enum class Transform { kAugment, kEvaluation };

/// What to do with an image that cannot be decoded.
enum class OnBadImage {
  kError,  ///< next() throws an error that names the file
  kSkip,   ///< the image is dropped from its batch
  kFill,   ///< the image is replaced by ImageNet's mean colour
};

struct LoaderOptions {
  std::int64_t batch_size = 64;
  std::int64_t image_size = 224;  ///< side length of the images in pixels
  int workers = 8;                ///< decoding threads; 0 decodes in the thread that calls next()
  int prefetch = 2;               ///< batches decoded ahead of the one that next() waits for
  std::uint64_t seed = 42;
  bool shuffle = false;  ///< draws a new order each epoch from {seed, epoch}
  bool drop_last = false;
  Transform transform = Transform::kEvaluation;
  OnBadImage on_bad_image = OnBadImage::kError;
  image::Decoding decoding = image::Decoding::kExact;
  bool pin_memory = false;  ///< allocates page-locked images, so that copies to a GPU overlap with work
  int rank = 0;
  int world_size = 1;
  /// True: every rank gets the same number of images, some of them twice (training). False: each image is
  /// used once.
  bool even_shards = false;
};

struct Batch {
  torch::Tensor images;               ///< (B, 3, S, S) uint8
  torch::Tensor labels;               ///< (B, C) int8; undefined if the loader has no labels
  std::vector<std::int64_t> indices;  ///< B positions in the loader's list
};

/// Gives the batches of an epoch in order, with the same content for any number of workers. Not thread-safe;
/// one epoch at a time.
class DataLoader {
 public:
  /// `paths`: image files; `labels`: (N, C), or undefined. Throws ValueError if an option is out of range or
  /// the numbers of images and labels differ.
  DataLoader(std::vector<std::string> paths, LabelTable labels, LoaderOptions options);
  ~DataLoader();
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  /// Starts `epoch` at batch `start_batch` without decoding earlier batches. Abandons the epoch before.
  void start(std::int64_t epoch, std::int64_t start_batch = 0);

  /// The next batch, or nothing at the end of the epoch. With kSkip a batch may be smaller, even empty.
  /// Rethrows a worker's exception and ends the epoch. The images' memory is reused as soon as the caller
  /// releases it.
  std::optional<Batch> next();

  /// Batches per epoch on this rank.
  std::int64_t batches() const;
  /// Images per epoch on this rank, without those of a dropped last batch.
  std::int64_t images() const;
  /// Images that were skipped or filled in the batches given since the last start().
  std::int64_t bad_images() const;
  const LoaderOptions& options() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The indices that `options.rank` uses in `epoch`, in order. Ranks take turns, as in
/// torch.utils.data.DistributedSampler.
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
