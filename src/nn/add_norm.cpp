#include "nn/add_norm.h"

#ifdef MKT_WITH_CUDA_RUNTIME
#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda.h>
#include <dlfcn.h>
#include <nvrtc.h>

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "nn/add_norm_source.h"
#endif

namespace mkt::nn {
namespace {

torch::Tensor in_two_steps(torch::Tensor rows, const torch::Tensor& branch, const torch::Tensor& weight,
                           const torch::Tensor& bias, double epsilon, torch::Dtype dtype) {
  if (branch.defined()) rows.add_(branch);
  return at::layer_norm(rows, weight.sizes(), weight, bias, epsilon).to(dtype);
}

#ifdef MKT_WITH_CUDA_RUNTIME

/// CUDA's run-time compiler and the functions of its driver that start what it compiled. LibTorch's own stub
/// of both is loaded only here, because a machine without a driver cannot load it.
class Compiler {
 public:
  /// Returns the kernel for rows of `width` on the current device; null if it cannot be compiled.
  CUfunction add_norm(std::int64_t width, torch::Dtype dtype, int device) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [found, is_new] = kernels_.try_emplace({width, dtype, device}, nullptr);
    if (is_new && library_ != nullptr) found->second = compile(width, dtype, device);
    return found->second;
  }

  void launch(CUfunction kernel, std::int64_t blocks, unsigned threads, cudaStream_t stream,
              void** arguments) {
    const auto status = get<decltype(&cuLaunchKernel)>("cuLaunchKernel")(
        kernel, static_cast<unsigned>(blocks), 1, 1, threads, 1, 1, 0, stream, arguments, nullptr);
    TORCH_CHECK(status == CUDA_SUCCESS, "add_norm: the kernel did not start, CUDA error ",
                static_cast<int>(status), ".");
  }

 private:
  template <typename Function>
  Function get(const char* name) {
    return reinterpret_cast<Function>(dlsym(library_, name));
  }

  CUfunction compile(std::int64_t width, torch::Dtype dtype, int device) {
    int major = 0;
    int minor = 0;
    cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
    cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device);
    const std::string architecture = "-arch=sm_" + std::to_string(10 * major + minor);
    const std::string defined = "-DWIDTH=" + std::to_string(width);
    std::vector<const char*> flags = {architecture.c_str(), defined.c_str()};
    if (dtype == torch::kBFloat16) flags.push_back("-DBF16");

    nvrtcProgram program = nullptr;
    CUmodule module = nullptr;
    CUfunction kernel = nullptr;
    if (get<decltype(&nvrtcCreateProgram)>("nvrtcCreateProgram")(&program, kAddNormSource, "add_norm.cu", 0,
                                                                 nullptr, nullptr) != NVRTC_SUCCESS)
      return nullptr;
    const bool compiled = get<decltype(&nvrtcCompileProgram)>("nvrtcCompileProgram")(
                              program, static_cast<int>(flags.size()), flags.data()) == NVRTC_SUCCESS;
    std::size_t size = 0;
    if (compiled) get<decltype(&nvrtcGetCUBINSize)>("nvrtcGetCUBINSize")(program, &size);
    std::string code(size, '\0');
    if (size > 0) get<decltype(&nvrtcGetCUBIN)>("nvrtcGetCUBIN")(program, code.data());
    get<decltype(&nvrtcDestroyProgram)>("nvrtcDestroyProgram")(&program);
    if (size == 0) return nullptr;
    if (get<decltype(&cuModuleLoadData)>("cuModuleLoadData")(&module, code.data()) != CUDA_SUCCESS)
      return nullptr;
    get<decltype(&cuModuleGetFunction)>("cuModuleGetFunction")(&kernel, module, "add_norm");
    return kernel;
  }

  void* library_ = dlopen("libcaffe2_nvrtc.so", RTLD_NOW | RTLD_LOCAL);
  std::map<std::tuple<std::int64_t, torch::Dtype, int>, CUfunction> kernels_;
  std::mutex mutex_;
};

Compiler& compiler() {
  static Compiler instance;
  return instance;
}

torch::Tensor in_one_kernel(CUfunction kernel, const torch::Tensor& rows, const torch::Tensor& branch,
                            const torch::Tensor& weight, const torch::Tensor& bias, double epsilon,
                            torch::Dtype dtype) {
  constexpr int kRowsPerBlock = 4;
  constexpr unsigned kThreads = 32 * kRowsPerBlock;
  torch::Tensor output = torch::empty(rows.sizes(), rows.options().dtype(dtype));
  auto count = static_cast<int>(rows.size(0));
  auto as_float = static_cast<float>(epsilon);
  std::array<void*, 5> data = {rows.data_ptr(), branch.defined() ? branch.data_ptr() : nullptr,
                               weight.data_ptr(), bias.data_ptr(), output.data_ptr()};
  std::array<void*, 7> arguments = {&data[0], &data[1], &data[2], &data[3], &data[4], &count, &as_float};
  compiler().launch(kernel, (rows.size(0) + kRowsPerBlock - 1) / kRowsPerBlock, kThreads,
                    c10::cuda::getCurrentCUDAStream(rows.get_device()), arguments.data());
  return output;
}

#endif

}  // namespace

torch::Tensor add_norm_(torch::Tensor rows, const torch::Tensor& branch, const torch::Tensor& weight,
                        const torch::Tensor& bias, double epsilon, torch::Dtype dtype) {
#ifdef MKT_WITH_CUDA_RUNTIME
  constexpr std::int64_t kMultiple = 128;
  const bool fits = rows.is_cuda() && rows.is_contiguous() && rows.size(0) > 0 &&
                    rows.size(1) % kMultiple == 0 &&
                    (!branch.defined() || (branch.is_contiguous() && branch.scalar_type() == dtype)) &&
                    weight.scalar_type() == torch::kFloat32 && bias.scalar_type() == torch::kFloat32;
  if (fits) {
    const c10::DeviceGuard on_device(rows.device());
    if (const auto kernel = compiler().add_norm(rows.size(1), dtype, rows.get_device()))
      return in_one_kernel(kernel, rows, branch, weight, bias, epsilon, dtype);
  }
#endif
  return in_two_steps(std::move(rows), branch, weight, bias, epsilon, dtype);
}

}  // namespace mkt::nn
