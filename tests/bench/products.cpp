#include "bench/products.h"

#include <memory>
#include <utility>
#include <vector>

#include "nn/product.h"

namespace mkt::bench {
namespace {

struct Product {
  torch::Tensor input, weight, bias;
};

std::vector<Product> make_products(std::int64_t rows, std::int64_t width) {
  std::vector<Product> products;
  for (const auto& [in, out] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {width, 3 * width}, {width, width}, {width, 4 * width}, {4 * width, width}}) {
    products.push_back({torch::ones({rows, in}), torch::ones({out, in}), torch::ones({out})});
  }
  return products;
}

}  // namespace

torch::Tensor blas_product(const torch::Tensor& input, const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  return at::addmm(bias, input, weight.t());
}

torch::Tensor own_product(const torch::Tensor& input, const torch::Tensor& weight,
                          const torch::Tensor& bias) {
  return nn::product(input, weight, bias);
}

std::function<void()> block_products(std::int64_t rows, std::int64_t width, std::int64_t blocks,
                                     Multiply& multiply) {
  const auto products = std::make_shared<std::vector<Product>>();
  return [=, &multiply] {
    const at::NoGradGuard no_grad;
    if (products->empty()) *products = make_products(rows, width);
    for (std::int64_t block = 0; block < blocks; ++block) {
      for (const Product& each : *products) multiply(each.input, each.weight, each.bias);
    }
  };
}

std::function<void()> image_products(const clip::VisionOptions& options, std::int64_t images,
                                     std::int64_t blocks, Multiply& multiply) {
  return block_products(images * (options.grid * options.grid + 1), options.width, blocks, multiply);
}

}  // namespace mkt::bench
