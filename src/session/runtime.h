#pragma once
// Where and how precisely to compute.

#include "mkt/torch.h"

#include <string>

#include "session/session_options.h"

namespace mkt::session {

struct Runtime {
  torch::Device device = torch::kCPU;
  Precision precision = Precision::kFp32;

  /// Type of the matrix products that are never differentiated.
  torch::Dtype frozen_dtype() const;
  /// Matrix products of the differentiated part run in bf16 or fp16 through autocast.
  bool autocast() const { return precision == Precision::kBf16 || precision == Precision::kFp16; }
};

/// Chooses device and precision, sets LibTorch's threads, TF32 and the allocator's thresholds: effects on the
/// whole process. Throws ValueError naming the flag where a device is not there or a precision not to be had
/// on it.
Runtime make_runtime(const ComputeOptions& options);

/// "cpu, 2 threads, fp32" for the log.
std::string describe(const Runtime& runtime);

/// Autocast as the runtime asks, while it lives.
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
