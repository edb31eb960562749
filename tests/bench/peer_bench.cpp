// Our side of `scripts/bench.sh data`, `ap` and `encode`: peers/*.py ask for one piece of work a line on
// stdin, in turn with their own, and read wall and processor seconds from stdout.

#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mkt/clip/vision.h"
#include "mkt/core/error.h"
#include "mkt/core/random.h"
#include "mkt/core/torch.h"
#include "mkt/data/decode.h"
#include "mkt/data/loader.h"
#include "mkt/data/transforms.h"
#include "mkt/io/checkpoint.h"
#include "mkt/metrics/average_precision.h"
#include "mkt/metrics/f1.h"
#include "mkt/nn/product.h"

namespace {

using Work = std::map<std::string, std::function<void()>>;

constexpr std::int64_t kImageSize = 224;
constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kBest = 3;  // labels an image, of F1

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  TORCH_CHECK(file.good(), path, ": expected a readable file. Start the bench by scripts/bench.sh.");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.contiguous();
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(whole.data_ptr()), static_cast<std::streamsize>(whole.nbytes()));
  TORCH_CHECK(file.good(), path, ": could not be written. Check the disk.");
}

torch::Tensor as_planes(const torch::Tensor& image) {
  torch::Tensor planes = torch::empty({1, 3, image.size(0), image.size(1)}, torch::kUInt8);  // (1, 3, S, S)
  mkt::data::to_planes(image, planes.data_ptr<std::uint8_t>());
  return planes;
}

// The pictures once, as a training run has them.
void load(const std::vector<std::string>& paths, int workers) {
  mkt::data::LoaderOptions options;
  options.batch_size = kBatch;
  options.workers = workers;
  options.transform = mkt::data::Transform::kAugment;
  mkt::data::DataLoader loader(paths, {}, options);
  loader.start(0);
  while (const auto batch = loader.next()) mkt::data::normalize(batch->images, torch::kCPU);
}

// FOLDER/list names the pictures, one a line; `check` writes their evaluation samples to FOLDER/exact.raw,
// and fast.raw as --fast-decode has them.
Work data_work(const std::string& folder) {
  std::vector<std::string> files;
  std::ifstream list(folder + "/list");
  std::vector<std::string> paths;
  for (std::string path; std::getline(list, path);) paths.push_back(path);
  for (const std::string& path : paths) files.push_back(read_file(path));
  TORCH_CHECK(!files.empty(), folder, "/list: expected paths of pictures, one a line, found none.");
  const auto each = [files](const std::function<void(mkt::data::ImageFile&, std::uint64_t)>& use) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      mkt::data::ImageFile file(files[i], "picture");
      use(file, i);
    }
  };
  auto round = std::make_shared<std::uint64_t>(0);
  return {{"decode",
           [each] {
             each([](mkt::data::ImageFile& file, std::uint64_t) {
               file.read({0, 0, file.width(), file.height()});
             });
           }},
          {"eval",
           [each] {
             each([](mkt::data::ImageFile& file, std::uint64_t) {
               as_planes(mkt::data::evaluation_sample(file, kImageSize));
             });
           }},
          {"train",
           [each, round] {
             ++*round;
             each([&](mkt::data::ImageFile& file, std::uint64_t i) {
               const mkt::KeyedRandom random({*round, i});
               mkt::data::normalize(as_planes(mkt::data::training_sample(file, kImageSize, random)),
                                    torch::kCPU);
             });
           }},
          {"eval fast",
           [each] {
             each([](mkt::data::ImageFile& file, std::uint64_t) {
               as_planes(mkt::data::evaluation_sample(file, kImageSize, mkt::data::Decoding::kFast));
             });
           }},
          {"train, 0 workers", [paths] { load(paths, 0); }},
          {"train, 2 workers", [paths] { load(paths, 2); }},
          {"check", [each, folder] {
             std::vector<torch::Tensor> exact;
             std::vector<torch::Tensor> fast;
             each([&](mkt::data::ImageFile& file, std::uint64_t) {
               exact.push_back(mkt::data::evaluation_sample(file, kImageSize));
               fast.push_back(mkt::data::evaluation_sample(file, kImageSize, mkt::data::Decoding::kFast));
             });
             write_file(folder + "/exact.raw", torch::stack(exact));
             write_file(folder + "/fast.raw", torch::stack(fast));
           }}};
}

// FOLDER/shape holds "N C", scores.raw float32 and labels.raw int8 (N, C); `check` writes AP, then F1, as
// float64 to FOLDER/ours.raw.
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
             mkt::metrics::average_precision(scores, labels);
             mkt::metrics::f1_at_k(scores, labels, kBest);
           }},
          {"check", [=] {
             const double f1 = mkt::metrics::f1_at_k(scores, labels, kBest).f1;
             write_file(folder + "/ours.raw", torch::cat({mkt::metrics::average_precision(scores, labels),
                                                          torch::tensor({f1}, torch::kFloat64)}));
           }}};
}

// The products of the blocks that encoding `images` runs, by the library that it has them from, and nothing
// else.
std::function<void()> products_of(const mkt::clip::VisionOptions& options, std::int64_t images) {
  struct Product {
    torch::Tensor input, weight, bias;
  };
  const std::int64_t rows = images * (options.grid * options.grid + 1);
  const std::int64_t width = options.width;
  std::vector<Product> products;
  for (const auto& [in, out] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {width, 3 * width}, {width, width}, {width, 4 * width}, {4 * width, width}}) {
    products.push_back({torch::ones({rows, in}), torch::ones({out, in}), torch::ones({out})});
  }
  return [products, layers = options.layers]() mutable {
    const at::NoGradGuard no_grad;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      for (Product& each : products) {
        mkt::nn::product(each.input, each.weight, each.bias);
      }
    }
  };
}

// FOLDER/weights.pth holds a vision encoder, images.raw float32 (B, 3, H, H); `check` writes (B, T, D)
// float32 to FOLDER/ours.raw.
Work encode_work(const std::string& folder) {
  const std::string weights = folder + "/weights.pth";
  const mkt::clip::VisionEncoder encoder =
      mkt::clip::make_vision_encoder(mkt::io::load_tensors(weights), weights);
  const std::int64_t side = encoder->options.resolution();
  std::string bytes = read_file(folder + "/images.raw");
  const auto values = static_cast<std::int64_t>(bytes.size() / sizeof(float));
  const torch::Tensor images = torch::from_blob(bytes.data(), {values}).view({-1, 3, side, side}).clone();
  const mkt::clip::FrozenVisionEncoder frozen(encoder);
  return {{"encode", [=] { frozen.forward(images); }},
          {"products", products_of(encoder->options, images.size(0))},
          {"check", [=] { write_file(folder + "/ours.raw", frozen.forward(images)); }}};
}

struct Bench {
  int threads;
  Work (*prepare)(const std::string& folder);
};

void answer(const Work& work) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto found = work.find(line);
    TORCH_CHECK_VALUE(found != work.end(), "stdin: unknown work '", line, "'.");
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    found->second();
    const std::clock_t ticks = std::clock() - processor;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - wall;
    std::printf("%.9f %.9f\n", seconds.count(), static_cast<double>(ticks) / CLOCKS_PER_SEC);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  const std::map<std::string, Bench> benches{
      {"data", {1, data_work}}, {"ap", {2, ap_work}}, {"encode", {2, encode_work}}};
  try {
    TORCH_CHECK_VALUE(words.size() == 3 && benches.count(words[1]) == 1,
                      "peer_bench: expected data, ap or encode and a folder. Start it by scripts/bench.sh.");
    const Bench& bench = benches.at(words[1]);
    at::set_num_threads(bench.threads);
    answer(bench.prepare(words[2]));
    return 0;
  } catch (const c10::Error& error) {
    std::fprintf(stderr, "%s\n", mkt::one_line(error).c_str());
    return 1;
  }
}
