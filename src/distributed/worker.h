#pragma once
// Obligations of a rank to its launcher.

#include <string>

namespace mkt::distributed {

/// Makes the kernel kill this process when its launcher (torchrun or launch()) dies; if it is dead already,
/// ends this process immediately. Call it early in any process. Without a launcher it does nothing.
void die_with_launcher();

/// Writes the error that ends this process to the file where torchrun and launch() read it
/// (TORCHELASTIC_ERROR_FILE, in the JSON of torch.distributed.elastic). Does nothing if the variable is not
/// set. Never throws, because the process is ending with a more important error.
void write_error_file(const std::string& message) noexcept;

}  // namespace mkt::distributed
