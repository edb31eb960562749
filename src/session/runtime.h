#pragma once
// Chooses the device and precision of a process.

#include "mkt/torch.h"

#include <string>

#include "session/session_options.h"

namespace mkt::session {

/// Device and arithmetic precision of a process.
struct Runtime {
  torch::Device device = torch::kCPU;
  Precision precision = Precision::kFp32;

  /// Dtype of matrix products that are never differentiated.
  torch::Dtype frozen_dtype() const;
  /// Whether autocast runs differentiated matrix products in bf16 or fp16.
  bool autocast() const { return precision == Precision::kBf16 || precision == Precision::kFp16; }
};

/// Chooses device and precision. Affects the whole process: LibTorch's number of threads; on a GPU the
/// current device, TF32, deterministic algorithms and, if unset, CUBLAS_WORKSPACE_CONFIG; on the CPU the
/// memory allocator's thresholds. Throws ValueError naming the option if the device does not exist or does
/// not support the precision.
Runtime make_runtime(const ComputeOptions& options);

/// Description for the log: "cpu, 2 threads, fp32".
std::string describe(const Runtime& runtime);

/// Enables autocast during its lifetime if the runtime uses autocast.
class AutocastScope {
 public:
  explicit AutocastScope(const Runtime& runtime);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  bool active_;
  torch::DeviceType device_type_;
};

}  // namespace mkt::session
