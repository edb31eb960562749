// Times our work on a device, for scripts/gpu.sh: tests/bench/peers/gpu.py asks for one measurement per line
// on stdin and compares the answers with PyTorch's.
//
// Usage: gpu_bench DEVICE tiny|vit-b-16
//
// A line is "PRECISION REPEATS WORK [SIZES …]"; the answer is the mean seconds of one repeat, without a wait
// for the device between repeats. Works:
//   product M                 product of two M × M matrices
//   encode B                  all tokens of B images
//   score B C                 the same, and scores for C labels
//   stage1 B C, stage2 B C    a training step with B images and C labels
//   upload B                  B uint8 images to the device, normalised there
//
// "trace FILE WORK …" writes a Chrome trace of one repeat in bf16.

#include <torch/csrc/autograd/profiler_kineto.h>
#ifdef MKT_WITH_CUDA_RUNTIME
#include <c10/cuda/CUDACachingAllocator.h>
#endif

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "bench/ways.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/core/error.h"
#include "mkt/image/transforms.h"
#include "mkt/model/scores.h"

namespace mkt {
namespace {

using Work = std::function<void()>;
using Sizes = std::vector<std::int64_t>;

class Bench {
 public:
  Bench(std::string device, std::string shape) : device_(std::move(device)), shape_(std::move(shape)) {
    TORCH_CHECK_VALUE(shape_ == "tiny" || shape_ == "vit-b-16", "gpu_bench: expected tiny or vit-b-16, got '",
                      shape_, "'.");
  }

  /// Answers one line.
  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string name;
    words >> first >> second >> name;
    Sizes sizes;
    for (std::int64_t size = 0; words >> size;) sizes.push_back(size);
    const bool traced = first == "trace";
    std::string result;
    {
      const Work work = make_work(name, sizes, runtime_of(traced ? "bf16" : first));
      result = traced ? trace(work, second) : std::to_string(seconds_of(work, std::stoll(second)));
    }
    give_back_memory();
    return result;
  }

 private:
  /// Frees what the work has used: PyTorch's measurements share the GPU.
  static void give_back_memory() {
#ifdef MKT_WITH_CUDA_RUNTIME
    if (torch::cuda::is_available()) c10::cuda::CUDACachingAllocator::emptyCache();
#endif
  }

  session::Runtime runtime_of(const std::string& precision) {
    session::ComputeOptions compute;
    compute.device = device_;
    compute.precision = enum_value<session::Precision>(precision).value();
    return session::make_runtime(compute);
  }

  test::ClipShape clip_shape() const {
    return shape_ == "tiny" ? test::tiny_clip_shape() : test::ClipShape{};
  }

  const weights::TensorMap& clip_weights() {
    if (clip_.empty()) clip_ = test::formula_clip_state(clip_shape());
    return clip_;
  }

  Work make_work(const std::string& name, const Sizes& sizes, const session::Runtime& runtime) {
    if (name == "product") return product(sizes.at(0), runtime);
    if (name == "encode") return encode(sizes.at(0), 0, runtime);
    if (name == "score") return encode(sizes.at(0), sizes.at(1), runtime);
    if (name == "upload") return upload(sizes.at(0), runtime);
    if (name == "stage1") return stage1(sizes.at(0), sizes.at(1), runtime);
    if (name == "stage2") return stage2(sizes.at(0), sizes.at(1), runtime);
    TORCH_CHECK_VALUE(false, "gpu_bench: unknown work '", name, "'.");
  }

  static Work product(std::int64_t size, const session::Runtime& runtime) {
    const auto options = torch::TensorOptions(runtime.device).dtype(runtime.frozen_dtype());
    const torch::Tensor a = torch::randn({size, size}, options);
    const torch::Tensor b = torch::randn({size, size}, options);
    return [=] { at::mm(a, b); };
  }

  Work encode(std::int64_t images, std::int64_t labels, const session::Runtime& runtime) {
    const auto encoder = std::make_shared<clip::FrozenVisionEncoder>(clip::make_frozen_vision_encoder(
        {clip_weights(), "formula"}, runtime.frozen_dtype(), runtime.device));
    const std::int64_t side = encoder->options().resolution();
    const torch::Tensor batch = torch::randn({images, 3, side, side}, runtime.device);
    const torch::Tensor features = torch::randn({labels, encoder->options().embed_dim}, runtime.device);
    return [=] {
      const torch::NoGradGuard no_grad;
      const torch::Tensor tokens = encoder->forward(batch);
      if (labels > 0) model::combine(model::branch_scores(model::image_features(tokens), features, topk()));
    };
  }

  Work upload(std::int64_t images, const session::Runtime& runtime) const {
    const std::int64_t side = clip_shape().patch * clip_shape().grid;
    const auto type = torch::TensorOptions().dtype(torch::kUInt8).pinned_memory(runtime.device.is_cuda());
    const torch::Tensor batch = torch::randint(0, 256, {images, 3, side, side}, type);
    return [=] { image::normalize(batch, image::Preprocessing{}, runtime.device); };
  }

  Work stage1(std::int64_t images, std::int64_t labels, const session::Runtime& runtime) {
    bench::Stage1Given given = bench::formula_stage1(images, labels, clip_shape());
    given.runtime = runtime;
    const std::shared_ptr<bench::Way> way = bench::make_our_stage1(given);
    return [way] { way->step(); };
  }

  Work stage2(std::int64_t images, std::int64_t labels, const session::Runtime& runtime) const {
    bench::Stage2Given given = bench::formula_stage2({shape_ == "tiny" ? "tiny" : "full", labels, images});
    given.runtime = runtime;
    const std::shared_ptr<bench::Way> way = bench::make_our_stage2(given);
    return [way] { way->step(); };
  }

  void wait() const {
    if (device_ != "cpu") torch::cuda::synchronize();
  }

  double seconds_of(const Work& work, std::int64_t repeats) const {
    constexpr int kWarmUp = 3;
    for (int i = 0; i < kWarmUp; ++i) work();
    wait();
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < repeats; ++i) work();
    wait();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
           static_cast<double>(repeats);
  }

  std::string trace(const Work& work, const std::string& file) const {
    namespace profiler = torch::profiler::impl;
    seconds_of(work, 1);
    const std::set<profiler::ActivityType> activities = {profiler::ActivityType::CPU,
                                                         profiler::ActivityType::CUDA};
    const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
    torch::autograd::profiler::prepareProfiler(config, activities);
    torch::autograd::profiler::enableProfiler(config, activities);
    work();
    wait();
    torch::autograd::profiler::disableProfiler()->save(file);
    return file;
  }

  std::int64_t topk() const {
    return std::min<std::int64_t>(16, clip_shape().grid * clip_shape().grid);
  }

  std::string device_;
  std::string shape_;
  weights::TensorMap clip_;
};

}  // namespace
}  // namespace mkt

int main(int argc, char** argv) {
  try {
    TORCH_CHECK_VALUE(argc == 3, "gpu_bench: expected a device and a size. Start it with scripts/gpu.sh.");
    mkt::Bench bench(argv[1], argv[2]);
    for (std::string line; std::getline(std::cin, line);) std::cout << bench.answer(line) << std::endl;
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", mkt::one_line(error).c_str());
    return 1;
  }
}
