#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "bench/peer_works.h"
#include "mkt/codecs/decode.h"
#include "mkt/core/random.h"
#include "mkt/data/loader.h"
#include "mkt/image/transforms.h"
#include "mkt/metrics/average_precision.h"
#include "mkt/metrics/f1.h"

namespace mkt::bench {
namespace {

constexpr std::int64_t kImageSize = 224;
constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kBest = 3;  // predicted labels per image for F1

/// Converts an interleaved image (S, S, 3) uint8 to a batch of one with planes (1, 3, S, S).
torch::Tensor as_planes(const torch::Tensor& image) {
  torch::Tensor planes = torch::empty({1, 3, image.size(0), image.size(1)}, torch::kUInt8);  // (1, 3, S, S)
  image::to_planes(image, planes.data_ptr<std::uint8_t>());
  return planes;
}

/// Loads every image once with training augmentation.
void load(const std::vector<std::string>& paths, int workers) {
  data::LoaderOptions options;
  options.batch_size = kBatch;
  options.workers = workers;
  options.transform = data::Transform::kAugment;
  data::DataLoader loader(paths, {}, options);
  loader.start(0);
  while (const auto batch = loader.next())
    image::normalize(batch->images, image::Preprocessing{}, torch::kCPU);
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  TORCH_CHECK(file.good(), path, ": expected a readable file. Start the benchmark with scripts/bench.sh.");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.contiguous();
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(whole.data_ptr()), static_cast<std::streamsize>(whole.nbytes()));
  TORCH_CHECK(file.good(), path, ": cannot be written. Check the disk.");
}

Work data_work(const std::string& folder) {
  std::vector<std::string> files;
  std::ifstream list(folder + "/list");
  std::vector<std::string> paths;
  for (std::string path; std::getline(list, path);) paths.push_back(path);
  for (const std::string& path : paths) files.push_back(read_file(path));
  TORCH_CHECK(!files.empty(), folder, "/list: expected image paths, one per line, got none.");
  const auto each = [files](const std::function<void(image::ImageFile&, std::uint64_t)>& use) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      image::ImageFile file(files[i], "image");
      use(file, i);
    }
  };
  auto round = std::make_shared<std::uint64_t>(0);
  return {
      {"decode",
       [each] {
         each([](image::ImageFile& file, std::uint64_t) { file.read({0, 0, file.width(), file.height()}); });
       }},
      {"eval",
       [each] {
         each([](image::ImageFile& file, std::uint64_t) {
           as_planes(image::evaluation_sample(file, kImageSize, image::Preprocessing{}));
         });
       }},
      {"train",
       [each, round] {
         ++*round;
         each([&](image::ImageFile& file, std::uint64_t i) {
           const KeyedRandom random({*round, i});
           image::normalize(
               as_planes(image::training_sample(file, kImageSize, image::Preprocessing{}, random)),
               image::Preprocessing{}, torch::kCPU);
         });
       }},
      {"eval fast",
       [each] {
         each([](image::ImageFile& file, std::uint64_t) {
           as_planes(
               image::evaluation_sample(file, kImageSize, image::Preprocessing{}, image::Decoding::kFast));
         });
       }},
      {"train, 0 workers", [paths] { load(paths, 0); }},
      {"train, 2 workers", [paths] { load(paths, 2); }},
      {"check", [each, folder] {
         std::vector<torch::Tensor> exact;
         std::vector<torch::Tensor> fast;
         each([&](image::ImageFile& file, std::uint64_t) {
           exact.push_back(image::evaluation_sample(file, kImageSize, image::Preprocessing{}));
           fast.push_back(
               image::evaluation_sample(file, kImageSize, image::Preprocessing{}, image::Decoding::kFast));
         });
         write_file(folder + "/exact.raw", torch::stack(exact));
         write_file(folder + "/fast.raw", torch::stack(fast));
       }}};
}

Work ap_work(const std::string& folder) {
  std::ifstream shape(folder + "/shape");
  std::int64_t images = 0;
  std::int64_t classes = 0;
  TORCH_CHECK(shape >> images >> classes, folder, "/shape: expected two numbers.");
  std::string bytes = read_file(folder + "/scores.raw");
  const torch::Tensor scores = torch::from_blob(bytes.data(), {images, classes}, torch::kFloat32).clone();
  bytes = read_file(folder + "/labels.raw");
  const torch::Tensor labels = torch::from_blob(bytes.data(), {images, classes}, torch::kInt8).clone();
  return {{"ap",
           [=] {
             metrics::average_precision(scores, labels);
             metrics::f1_at_k(scores, labels, kBest);
           }},
          {"check", [=] {
             const double f1 = metrics::f1_at_k(scores, labels, kBest).f1;
             write_file(folder + "/ours.raw", torch::cat({metrics::average_precision(scores, labels),
                                                          torch::tensor({f1}, torch::kFloat64)}));
           }}};
}

}  // namespace mkt::bench
