// Times the exact shortcuts of stage 1 against the long way, on ViT-B/16 with weights by formula.
// Usage: stage1_bench [images a batch] [rounds]. Rounds interleave the contenders, so that what else the
// machine does meets all of them; medians of wall and of processor time are printed.
#include <ATen/Context.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "bench/timing.h"
#include "mkt/clip/vision.h"
#include "mkt/model/distillation.h"
#include "mkt/nn/product.h"
#include "mkt/train/stage1.h"
#include "support/formula.h"

namespace mkt {
namespace {

using bench::Contender;
using bench::time_interleaved;

constexpr std::int64_t kFixLayer = 10;
constexpr std::int64_t kLabels = 925;
constexpr std::int64_t kTopk = 16;
// Blocks run forward that a step's products are worth: ten shared, two trained ones with a backward pass of
// twice the cost, and the teacher's two, of which the last is for the class token alone.
constexpr std::int64_t kStepBlocks = 10 + 3 * 2 + 1;

using Multiply = torch::Tensor(const torch::Tensor& input, const torch::Tensor& weight,
                               const torch::Tensor& bias);

torch::Tensor blas_product(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  return at::addmm(bias, input, weight.t());
}

/// The matrix products of `layers` blocks run forward, and nothing else.
std::function<void()> matrix_products(const clip::VisionOptions& options, std::int64_t batch,
                                      std::int64_t layers, Multiply& multiply = nn::product) {
  const std::int64_t rows = batch * (options.grid * options.grid + 1);
  const std::int64_t width = options.width;
  struct Product {
    torch::Tensor input, weight, bias;
  };
  std::vector<Product> products;
  for (const auto& [in, out] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {width, 3 * width}, {width, width}, {width, 4 * width}, {4 * width, width}}) {
    products.push_back({torch::ones({rows, in}), torch::ones({out, in}), torch::ones({out})});
  }
  return [products, layers, &multiply] {
    const at::NoGradGuard no_grad;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      for (const Product& each : products) multiply(each.input, each.weight, each.bias);
    }
  };
}

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
      {"matrix products of its blocks alone",
       matrix_products(encoder->options, images.size(0), encoder->options.layers)},
      {"the same by at::addmm",
       matrix_products(encoder->options, images.size(0), encoder->options.layers, blas_product)}};
  time_interleaved(contenders, rounds);
}

/// What both ways of computing the features are followed by.
struct Rest {
  torch::Tensor label_emb;  // (S, D)
  torch::Tensor labels;     // (B, S) int8

  void backward(const model::DistillationFeatures& features) const {
    train::stage1_losses(features, label_emb, labels, kTopk).total().backward();
  }
};

/// Every 90th label present, the others absent: about ten an image.
torch::Tensor sparse_labels(std::int64_t images) {
  torch::Tensor labels = torch::full({images, kLabels}, -1, torch::kInt8);
  labels.slice(1, 0, kLabels, 90).fill_(1);
  return labels;
}

void bench_step(const clip::VisionEncoder& teacher, model::Student student, const torch::Tensor& images,
                int rounds) {
  for (const auto& parameter : student->named_parameters()) {
    const std::string blocks = "transformer.resblocks.";
    const bool block = parameter.key().rfind(blocks, 0) == 0;
    const bool trained =
        block ? std::stoll(parameter.key().substr(blocks.size())) >= kFixLayer
              : parameter.key().rfind("ln_post", 0) == 0 || parameter.key() == "projection_dist";
    parameter.value().set_requires_grad(trained);
  }
  const Rest rest{test::formula_tensor("labels", {kLabels, teacher->options.embed_dim}, -1, 1),
                  sparse_labels(images.size(0))};
  const model::DistillationPair pair(student, teacher, kFixLayer);
  const auto long_way = [&] {
    torch::Tensor teacher_global;
    {
      const at::NoGradGuard no_grad;
      teacher_global = teacher->forward(images).select(1, 0);
    }
    rest.backward({student->features(images), teacher_global});
  };
  std::vector<Contender> contenders{{"stage-1 step, both in full",
                                     [&] {
                                       long_way();
                                       student->zero_grad();
                                     }},
                                    {"stage-1 step, shared blocks once",
                                     [&] {
                                       rest.backward(pair.forward(images));
                                       student->zero_grad();
                                     }},
                                    {"matrix products of the latter's blocks",
                                     matrix_products(teacher->options, images.size(0), kStepBlocks)}};
  time_interleaved(contenders, rounds);
}

void run(std::int64_t batch, int rounds) {
  const auto weights = test::formula_clip_state(test::ClipShape{});
  std::vector<Contender> start{
      {"construct and load the encoder", [&] { clip::make_vision_encoder(weights, "formula"); }}};
  time_interleaved(start, rounds);
  const clip::VisionEncoder encoder = clip::make_vision_encoder(weights, "formula");
  const torch::Tensor images = test::formula_tensor("images", {batch, 3, 224, 224}, -2, 2);
  std::printf("%lld images, %d threads\n", static_cast<long long>(batch), at::get_num_threads());
  bench_encoder(encoder, images, rounds);
  bench_step(encoder, model::make_student(weights, "formula", 42), images, rounds);
}

}  // namespace
}  // namespace mkt

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  mkt::run(!arguments.empty() ? std::stoll(arguments[0]) : 16,
           arguments.size() > 1 ? std::stoi(arguments[1]) : 3);
}
