#pragma once
// Functions for a process that a launcher has started.

#include <string>

namespace mkt::distributed {

/// Makes the kernel kill this process when its launcher (torchrun or launch()) dies; if the launcher is
/// already dead, ends this process immediately. Call it early in any process. Does nothing without a
/// launcher.
void die_with_launcher();

/// Writes the error that ends this process to the file that torchrun and launch() read
/// (TORCHELASTIC_ERROR_FILE, in the JSON of torch.distributed.elastic). Does nothing if the variable is not
/// set. Never throws, because the process is ending with a more important error.
void write_error_file(const std::string& message) noexcept;

}  // namespace mkt::distributed
