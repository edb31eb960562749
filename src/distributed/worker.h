#pragma once
// A rank's duties to whoever started it.

#include <string>

namespace mkt::distributed {

/// Asks the kernel to kill this process when its launcher dies (torchrun, or launch()); ends it at once
/// where that has happened already. Call it early, in any process; without a launcher it does nothing.
void die_with_launcher();

/// Writes the reason of this process's end where torchrun and launch() read it (TORCHELASTIC_ERROR_FILE, in
/// torch.distributed.elastic's JSON). Does nothing where the variable is unset. Never throws: the process is
/// ending with a better error already.
void write_error_file(const std::string& message) noexcept;

}  // namespace mkt::distributed
