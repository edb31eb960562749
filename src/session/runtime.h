#pragma once
// Device and precision of a process.

#include "mkt/torch.h"

#include <string>

#include "session/session_options.h"

namespace mkt::session {

/// Where and how precisely a process computes.
struct Runtime {
  torch::Device device = torch::kCPU;
  Precision precision = Precision::kFp32;

  /// Type of matrix products that are never differentiated.
  torch::Dtype frozen_dtype() const;
  /// Whether matrix products that are differentiated run in bf16 or fp16 by autocast.
  bool autocast() const { return precision == Precision::kBf16 || precision == Precision::kFp16; }
};

/// Chooses device and precision. Sets LibTorch's threads and TF32 and the memory allocator's thresholds,
/// which affect the whole process. Throws ValueError naming the option if there is no such device, or if it
/// does not have the precision.
Runtime make_runtime(const ComputeOptions& options);

/// "cpu, 2 threads, fp32" for the log.
std::string describe(const Runtime& runtime);

/// Turns autocast on during its lifetime if the runtime asks for it.
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
