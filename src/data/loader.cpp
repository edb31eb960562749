#include "mkt/data/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <numeric>
#include <set>
#include <utility>

#include "core/log.h"
#include "data/batch_queue.h"
#include "mkt/codecs/decode.h"
#include "mkt/core/error.h"
#include "mkt/core/random.h"
#include "mkt/image/transforms.h"

namespace mkt::data {
namespace {

void check_options(const LoaderOptions& options) {
  TORCH_CHECK_VALUE(options.batch_size > 0, "batch_size: expected a positive number, got ",
                    options.batch_size, ".");
  TORCH_CHECK_VALUE(options.image_size > 0, "image_size: expected a positive number, got ",
                    options.image_size, ".");
  TORCH_CHECK_VALUE(options.workers >= 0, "workers: expected 0 or more, got ", options.workers, ".");
  TORCH_CHECK_VALUE(options.prefetch >= 0, "prefetch: expected 0 or more, got ", options.prefetch, ".");
  TORCH_CHECK_VALUE(options.world_size > 0 && options.rank >= 0 && options.rank < options.world_size,
                    "rank: expected 0 to ", options.world_size - 1, ", got ", options.rank, ".");
}

std::int64_t shard_size(std::int64_t size, const LoaderOptions& options) {
  const std::int64_t rest =
      options.even_shards ? options.world_size - 1 : options.world_size - 1 - options.rank;
  return size == 0 ? 0 : (size + rest) / options.world_size;
}

image::Preprocessing preprocessing_of(const LoaderOptions& options) {
  image::Preprocessing made = options.preprocessing.value_or(image::mkt_preprocessing(options.image_size));
  image::check_preprocessing(made);
  TORCH_CHECK_VALUE(
      options.transform == Transform::kEvaluation || made.resize != image::ResizeMode::kPad,
      "resize: expected short or squash for random crops, which never show padding, got pad. Use squash, "
      "or the training transform eval.");
  return made;
}

void fill_planes(std::uint8_t* planes, std::int64_t area, const std::array<std::uint8_t, 3>& colour) {
  for (std::size_t c = 0; c < colour.size(); ++c) {
    std::memset(planes + static_cast<std::int64_t>(c) * area, colour[c], static_cast<std::size_t>(area));
  }
}

}  // namespace

std::string damage_text(const DamagedImages& damaged, const DataLoader& loader) {
  if (damaged.count == 0) return "";
  return fmt::format("{} read as far as {}, first {}. List them with prepare check.",
                     damaged.count == 1
                         ? "1 image is truncated or damaged and was"
                         : fmt::format("{} images are truncated or damaged and were", damaged.count),
                     damaged.count == 1 ? "it goes" : "they go", loader.path(damaged.first));
}

std::vector<std::int64_t> epoch_order(std::int64_t size, std::int64_t epoch, const LoaderOptions& options) {
  check_options(options);
  std::vector<std::int64_t> all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  if (options.shuffle)
    all = permutation(size, KeyedRandom({options.seed, static_cast<std::uint64_t>(epoch)}));
  std::vector<std::int64_t> mine(static_cast<std::size_t>(shard_size(size, options)));
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const auto dealt =
        i * static_cast<std::size_t>(options.world_size) + static_cast<std::size_t>(options.rank);
    mine[i] = all[dealt % all.size()];  // with even shards, indices wrap around to the start of the list
  }
  return mine;
}

class DataLoader::Impl {
 public:
  Impl(std::vector<std::string> paths, LabelTable labels, LoaderOptions options)
      : paths_(std::move(paths)), labels_(std::move(labels)), options_(options) {
    check_options(options_);
    preprocessing_ = preprocessing_of(options_);
    const auto size = static_cast<std::int64_t>(paths_.size());
    TORCH_CHECK_VALUE(!labels_.defined() || labels_.rows() == size, "labels: expected ", size,
                      " rows, one per image, got ", labels_.rows(), ".");
    const std::int64_t all = shard_size(size, options_);
    images_ = options_.drop_last ? all - all % options_.batch_size : all;
  }

  std::int64_t images() const { return images_; }
  std::int64_t batches() const { return (images_ + options_.batch_size - 1) / options_.batch_size; }
  std::int64_t bad_images() const { return bad_images_; }
  DamagedImages damaged_images() {
    const std::lock_guard<std::mutex> lock(reported_mutex_);
    return {damaged_images_, first_damaged_};
  }
  const std::string& path(std::int64_t index) const { return paths_[static_cast<std::size_t>(index)]; }
  const LoaderOptions& options() const { return options_; }
  const image::Preprocessing& preprocessing() const { return preprocessing_; }

  void start(std::int64_t epoch, std::int64_t start_batch) {
    TORCH_CHECK_VALUE(start_batch >= 0 && start_batch <= batches(), "start_batch: expected 0 to ", batches(),
                      ", got ", start_batch, ".");
    queue_.reset();
    bad_images_ = 0;
    damaged_images_ = 0;
    first_damaged_ = -1;
    epoch_ = epoch;
    order_ = epoch_order(static_cast<std::int64_t>(paths_.size()), epoch, options_);
    order_.resize(static_cast<std::size_t>(images_));
    const BatchQueue::Shape shape{images_, options_.batch_size, start_batch, options_.prefetch,
                                  options_.workers};
    queue_ = std::make_unique<BatchQueue>(
        shape, [this](std::int64_t rows) { return take_buffer(rows); },
        [this](std::int64_t position, std::uint8_t* planes) { return make_image(position, planes); },
        3 * options_.image_size * options_.image_size);
  }

  std::optional<Batch> next() {
    if (!queue_) return std::nullopt;
    std::optional<BatchQueue::Finished> finished;
    try {
      finished = queue_->next();
    } catch (...) {
      queue_.reset();
      throw;
    }
    if (!finished) return std::nullopt;
    return to_batch(std::move(*finished));
  }

 private:
  // Decodes and transforms an image into `planes`. Returns false if it cannot be decoded; throws instead if
  // on_bad_image is kError.
  bool make_image(std::int64_t position, std::uint8_t* planes) {
    const std::int64_t index = order_[static_cast<std::size_t>(position)];
    const std::int64_t size = options_.image_size;
    try {
      image::ImageFile file(paths_[static_cast<std::size_t>(index)], options_.exif_rotation);
      image::to_planes(sample(file, index), planes);
      if (file.is_damaged()) note_damage(index);
      return true;
    } catch (const c10::Error& error) {
      report(index, one_line(error));
      fill_planes(planes, size * size, image::mean_colour(preprocessing_));
      return false;
    }
  }

  void note_damage(std::int64_t index) {
    const std::lock_guard<std::mutex> lock(reported_mutex_);
    first_damaged_ = damaged_images_ == 0 ? index : std::min(first_damaged_, index);
    ++damaged_images_;
  }

  // Reports an image that cannot be decoded: throws if on_bad_image is kError, otherwise warns once per
  // image.
  void report(std::int64_t index, const std::string& message) {
    const std::string& path = paths_[static_cast<std::size_t>(index)];
    const std::string named =
        message.find(path) == std::string::npos ? fmt::format("{}: {}", path, message) : message;
    TORCH_CHECK(options_.on_bad_image != OnBadImage::kError, named);
    const std::lock_guard<std::mutex> lock(reported_mutex_);
    if (!reported_.insert(index).second) return;
    log::warning("{} {}", named,
                 options_.on_bad_image == OnBadImage::kSkip ? "Skipped." : "Filled with grey.");
  }

  torch::Tensor sample(image::ImageFile& file, std::int64_t index) const {
    if (options_.transform == Transform::kEvaluation) {
      return image::evaluation_sample(file, options_.image_size, preprocessing_, options_.decoding);
    }
    const auto epoch = static_cast<std::uint64_t>(epoch_);
    return image::training_sample(file, options_.image_size, preprocessing_,
                                  KeyedRandom({options_.seed, epoch, static_cast<std::uint64_t>(index)}),
                                  options_.decoding);
  }

  // Returns a buffer that the caller has released, or allocates one. Pinned memory comes from LibTorch's
  // caching allocator, which tracks asynchronous copies that still read from it.
  torch::Tensor take_buffer(std::int64_t rows) {
    const std::int64_t size = options_.image_size;
    const auto type = torch::TensorOptions().dtype(torch::kUInt8).pinned_memory(options_.pin_memory);
    if (options_.pin_memory) return torch::empty({rows, 3, size, size}, type);
    for (torch::Tensor& buffer : buffers_) {
      if (buffer.use_count() == 1 && buffer.storage().use_count() == 1) return buffer.narrow(0, 0, rows);
    }
    buffers_.push_back(torch::empty({options_.batch_size, 3, size, size}, type));
    return buffers_.back().narrow(0, 0, rows);
  }

  Batch to_batch(BatchQueue::Finished finished) {
    const bool skip = options_.on_bad_image == OnBadImage::kSkip;
    Batch batch;
    std::vector<std::int64_t> kept;
    for (std::size_t row = 0; row < finished.good.size(); ++row) {
      bad_images_ += finished.good[row] ? 0 : 1;
      if (skip && !finished.good[row]) continue;
      kept.push_back(static_cast<std::int64_t>(row));
      batch.indices.push_back(order_[static_cast<std::size_t>(finished.first) + row]);
    }
    batch.images = finished.images;  // (B, 3, S, S)
    if (kept.size() < finished.good.size())
      batch.images = batch.images.index_select(0, torch::tensor(kept, torch::kInt64));
    if (labels_.defined()) batch.labels = labels_.dense(batch.indices);  // (B, C)
    return batch;
  }

  std::vector<std::string> paths_;
  LabelTable labels_;
  LoaderOptions options_;
  image::Preprocessing preprocessing_;
  std::int64_t images_ = 0;
  std::int64_t bad_images_ = 0;
  std::int64_t damaged_images_ = 0;  // guarded by reported_mutex_, as the next member
  std::int64_t first_damaged_ = -1;
  std::int64_t epoch_ = 0;
  std::vector<std::int64_t> order_;
  std::vector<torch::Tensor> buffers_;
  std::mutex reported_mutex_;
  std::set<std::int64_t> reported_;
  std::unique_ptr<BatchQueue> queue_;  // last member, because its threads use the members above
};

DataLoader::DataLoader(std::vector<std::string> paths, LabelTable labels, LoaderOptions options)
    : impl_(std::make_unique<Impl>(std::move(paths), std::move(labels), options)) {}
DataLoader::~DataLoader() = default;
void DataLoader::start(std::int64_t epoch, std::int64_t start_batch) {
  impl_->start(epoch, start_batch);
}
std::optional<Batch> DataLoader::next() {
  return impl_->next();
}
std::int64_t DataLoader::batches() const {
  return impl_->batches();
}
std::int64_t DataLoader::images() const {
  return impl_->images();
}
std::int64_t DataLoader::bad_images() const {
  return impl_->bad_images();
}
DamagedImages DataLoader::damaged_images() const {
  return impl_->damaged_images();
}
const std::string& DataLoader::path(std::int64_t index) const {
  return impl_->path(index);
}
const LoaderOptions& DataLoader::options() const {
  return impl_->options();
}
const image::Preprocessing& DataLoader::preprocessing() const {
  return impl_->preprocessing();
}

}  // namespace mkt::data
