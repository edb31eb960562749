#include "session/runtime.h"

#include <ATen/autocast_mode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>

namespace mkt::session {
namespace {

/// Makes malloc keep freed memory in the process between steps: getting new pages from the kernel takes
/// longer than the arithmetic on them. Only for the CPU: beside a GPU, CUDA's libraries allocate and clear
/// memory at every product, which costs more with memory that is not new.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kNever = 0;
  constexpr int kTrimAbove = 1 << 30;
  mallopt(M_MMAP_MAX, kNever);
  mallopt(M_TRIM_THRESHOLD, kTrimAbove);
#endif
}

/// Makes results on a GPU reproducible bit by bit. Unlike LibTorch's default for this mode, uninitialised
/// memory stays so: nothing here reads it.
void compute_reproducibly() {
  constexpr int kKeepTheUsers = 0;
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", kKeepTheUsers);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  at::globalContext().setDeterministicFillUninitializedMemory(false);
}

torch::Device choose_device(const std::string& name) {
  if (name == "auto") return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
  const std::string kind = name.substr(0, name.find(':'));
  TORCH_CHECK_VALUE(kind == "cpu" || kind == "cuda", "device: expected auto, cpu, cuda or cuda:N, got '",
                    name, "'.");
  const torch::Device device(name);
  TORCH_CHECK_VALUE(
      !device.is_cuda() || torch::cuda::is_available(), "device: ", name,
      " cannot be used: no GPU is visible, or this is a build without CUDA. Compute on the CPU, or "
      "build with MKT_CUDA=ON.");
  return device;
}

}  // namespace

torch::Dtype Runtime::frozen_dtype() const {
  if (precision == Precision::kBf16) return torch::kBFloat16;
  return precision == Precision::kFp16 ? torch::kHalf : torch::kFloat32;
}

Runtime make_runtime(const ComputeOptions& options) {
  Runtime runtime{choose_device(options.device), options.precision};
  TORCH_CHECK_VALUE(runtime.precision != Precision::kTf32 || runtime.device.is_cuda(),
                    "precision: expected fp32 or bf16 on the CPU, got tf32, which only GPUs have.");
  if (runtime.device.is_cuda()) {
    compute_reproducibly();
    if (runtime.device.has_index()) c10::impl::VirtualGuardImpl(torch::kCUDA).setDevice(runtime.device);
  } else {
    keep_freed_memory();
  }
  if (options.threads > 0) torch::set_num_threads(static_cast<int>(options.threads));
  // With half precisions, a few products remain in float32: the first and the last of an encoder, and scores.
  const bool tf32 = runtime.device.is_cuda() && runtime.precision != Precision::kFp32;
  at::globalContext().setAllowTF32CuBLAS(tf32);
  at::globalContext().setAllowTF32CuDNN(tf32);
  return runtime;
}

std::string describe(const Runtime& runtime) {
  const std::string threads =
      runtime.device.is_cpu() ? fmt::format(", {} threads", torch::get_num_threads()) : "";
  return fmt::format("{}{}, {}", runtime.device.str(), threads, enum_name(runtime.precision));
}

AutocastScope::AutocastScope(const Runtime& runtime)
    : active_(runtime.autocast()), device_type_(runtime.device.type()) {
  if (!active_) return;
  at::autocast::set_autocast_dtype(device_type_,
                                   runtime.precision == Precision::kBf16 ? at::kBFloat16 : at::kHalf);
  at::autocast::set_autocast_enabled(device_type_, true);
  at::autocast::increment_nesting();
}

AutocastScope::~AutocastScope() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_type_, false);
}

}  // namespace mkt::session
