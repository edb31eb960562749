// Our side of `scripts/bench.sh data` and `ap`: scripts/bench/*.py asks for one piece of work a line on
// stdin, in turn with its own, and reads wall and processor seconds from stdout.

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
#include <vector>

#include "mkt/core/error.h"
#include "mkt/core/random.h"
#include "mkt/core/torch.h"
#include "mkt/data/decode.h"
#include "mkt/data/transforms.h"
#include "mkt/metrics/average_precision.h"
#include "mkt/metrics/f1.h"

namespace {

using Work = std::map<std::string, std::function<void()>>;

constexpr std::int64_t kImageSize = 224;
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
  return image.permute({2, 0, 1}).unsqueeze(0).contiguous();  // (1, 3, S, S)
}

// FOLDER/list names the pictures, one a line; `check` writes the first one's evaluation sample to
// FOLDER/ours.raw.
Work data_work(const std::string& folder) {
  std::vector<std::string> files;
  std::ifstream list(folder + "/list");
  for (std::string path; std::getline(list, path);) files.push_back(read_file(path));
  TORCH_CHECK(!files.empty(), folder, "/list: expected paths of pictures, one a line, found none.");
  const auto each = [files](const std::function<void(const torch::Tensor&, std::uint64_t)>& use) {
    for (std::size_t i = 0; i < files.size(); ++i) use(mkt::data::decode_bytes(files[i], "picture"), i);
  };
  auto round = std::make_shared<std::uint64_t>(0);
  return {{"decode", [each] { each([](const torch::Tensor&, std::uint64_t) {}); }},
          {"eval",
           [each] {
             each([](const torch::Tensor& image, std::uint64_t) {
               mkt::data::evaluation_transform(image, kImageSize);
             });
           }},
          {"train",
           [each, round] {
             ++*round;
             each([&](const torch::Tensor& image, std::uint64_t i) {
               const mkt::KeyedRandom random({*round, i});
               mkt::data::normalize(as_planes(mkt::data::training_transform(image, kImageSize, random)),
                                    torch::kCPU);
             });
           }},
          {"check", [files, folder] {
             write_file(folder + "/ours.raw", mkt::data::evaluation_transform(
                                                  mkt::data::decode_bytes(files[0], "picture"), kImageSize));
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
  try {
    TORCH_CHECK_VALUE(words.size() == 3 && (words[1] == "data" || words[1] == "ap"),
                      "peer_bench: expected data FOLDER or ap FOLDER. Start it by scripts/bench.sh.");
    if (words[1] == "data") at::set_num_threads(1);
    answer(words[1] == "data" ? data_work(words[2]) : ap_work(words[2]));
    return 0;
  } catch (const c10::Error& error) {
    std::fprintf(stderr, "%s\n", mkt::one_line(error).c_str());
    return 1;
  }
}
