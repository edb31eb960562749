#pragma once
// Batches of transformed images, decoded ahead by a pool of threads.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkt/data/label_table.h"
#include "mkt/image/transforms.h"

namespace mkt::data {

enum class Transform { kAugment, kEvaluation };

/// What happens to an image that cannot be decoded.
enum class OnBadImage {
  kError,  ///< next() throws, naming the file
  kSkip,   ///< the batch comes without it
  kFill,   ///< it is ImageNet's mean colour throughout
};

/// "error", "skip" or "fill". Throws ValueError otherwise.
OnBadImage parse_on_bad_image(const std::string& text);
/// "augment" or "eval". Throws ValueError otherwise.
Transform parse_transform(const std::string& text);

struct LoaderOptions {
  std::int64_t batch_size = 64;
  std::int64_t image_size = 224;
  int workers = 8;   ///< threads; 0: images are made in the thread that calls next()
  int prefetch = 2;  ///< batches under way besides the one that is waited for
  std::uint64_t seed = 42;
  bool shuffle = false;  ///< a new order each epoch, drawn from {seed, epoch}
  bool drop_last = false;
  Transform transform = Transform::kEvaluation;
  OnBadImage on_bad_image = OnBadImage::kError;
  image::Decoding decoding = image::Decoding::kExact;
  bool pin_memory = false;  ///< page-locked images, for copies to a GPU that overlap
  int rank = 0;
  int world_size = 1;
  bool even_shards =
      false;  ///< every rank gets as many images, some twice (training); else no image counts twice
};

struct Batch {
  torch::Tensor images;               ///< (B, 3, S, S) uint8
  torch::Tensor labels;               ///< (B, C) int8; undefined where the loader has none
  std::vector<std::int64_t> indices;  ///< B, positions in the loader's list
};

/// Gives the batches of one epoch after another, in order and with the same content for any number of
/// workers. One thread uses it; at most one epoch is under way.
class DataLoader {
 public:
  /// Image files and their labels (N, C), or no table. Throws ValueError for options out of
  /// range or when the numbers differ.
  DataLoader(std::vector<std::string> paths, LabelTable labels, LoaderOptions options);
  ~DataLoader();
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;

  /// Begins `epoch` at batch `start_batch`; nothing before that is decoded. What is left of another is
  /// dropped.
  void start(std::int64_t epoch, std::int64_t start_batch = 0);

  /// The next batch, or nothing at the epoch's end. With kSkip a batch may be smaller, even empty. Throws
  /// what a worker threw; the epoch is then over. The images' memory is used again once the caller has let go
  /// of it.
  std::optional<Batch> next();

  /// Batches of a whole epoch on this rank.
  std::int64_t batches() const;
  /// Images of a whole epoch on this rank, those in a dropped last batch not counted.
  std::int64_t images() const;
  /// Bad images skipped or filled in the batches given out since the last start().
  std::int64_t bad_images() const;
  const LoaderOptions& options() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The indices that `options.rank` sees in `epoch`, in order: those of its ranks in turn, as
/// torch.utils.data.DistributedSampler deals them.
std::vector<std::int64_t> epoch_order(std::int64_t size, std::int64_t epoch, const LoaderOptions& options);

}  // namespace mkt::data
