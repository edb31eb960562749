// Measures the exact shortcuts in stage 1 against the reference without shortcuts, on a ViT-B/16 with
// formula-generated weights. Usage: stage1_bench [IMAGES [ROUNDS]] (default: 16 and 3). The implementations
// run in interleaved rounds, so that other load on the machine affects both; prints median wall and CPU
// times.
#include <ATen/Context.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bench/products.h"
#include "bench/timing.h"
#include "bench/ways.h"
#include "mkt/clip/vision_encoder.h"

namespace mkt {
namespace {

using bench::Contender;
using bench::image_products;
using bench::time_interleaved;

constexpr std::int64_t kLabels = 925;

void bench_encoder(const clip::VisionEncoder& encoder, const torch::Tensor& images, int rounds) {
  const at::NoGradGuard no_grad;
  const clip::FrozenVisionEncoder frozen(encoder);
  const clip::FrozenVisionEncoder half(encoder, torch::kBFloat16);
  std::vector<Contender> contenders{
      {"encoder, plain", [&] { encoder->forward(images); }},
      {"encoder, frozen path", [&] { frozen.forward(images); }},
      {"encoder, frozen path, no oneDNN",
       [&] {
         at::globalContext().setUserEnabledMkldnn(false);
         frozen.forward(images);
         at::globalContext().setUserEnabledMkldnn(true);
       }},
      {"encoder, frozen path, bf16 products", [&] { half.forward(images); }},
      {"matrix products of its blocks",
       image_products(encoder->options, images.size(0), encoder->options.layers)},
      {"matrix products with at::addmm",
       image_products(encoder->options, images.size(0), encoder->options.layers, bench::blas_product)}};
  time_interleaved(contenders, rounds);
}

void bench_step(const bench::Stage1Given& given, int rounds) {
  const auto long_way = bench::make_long_stage1(given);
  const auto our_way = bench::make_our_stage1(given);
  std::vector<Contender> contenders{{"stage-1 step, long way", [&] { long_way->step(); }},
                                    {"stage-1 step, ours", [&] { our_way->step(); }},
                                    {"matrix products of our step", bench::stage1_products(given)}};
  time_interleaved(contenders, rounds);
}

void run(std::int64_t batch, int rounds) {
  const bench::Stage1Given given = bench::formula_stage1(batch, kLabels);
  std::vector<Contender> start{{"construct and load the encoder", [&] {
                                  clip::make_vision_encoder({given.clip, "formula"});
                                }}};
  time_interleaved(start, rounds);
  std::printf("%lld images, %d threads\n", static_cast<long long>(batch), at::get_num_threads());
  bench_encoder(clip::make_vision_encoder({given.clip, "formula"}), given.images, rounds);
  bench_step(given, rounds);
}

}  // namespace
}  // namespace mkt

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  mkt::run(!arguments.empty() ? std::stoll(arguments[0]) : 16,
           arguments.size() > 1 ? std::stoi(arguments[1]) : 3);
}
