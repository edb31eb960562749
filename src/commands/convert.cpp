// prepare convert: writes CLIP weights with the parameter names of another project.

#include <iostream>

#include "clip/naming.h"
#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "formats/formats.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct ConvertOptions {
  cli::OptionList list;
  Group group{list, "Weights"};
  Text input{list, "input", kRequired, "CLIP weights: OpenAI's, open_clip's or Hugging Face's"};
  Text output{list, "output", kRequired, "File to write: .pt or .pth (a state dict), or .safetensors"};
  cli::Option<clip::Naming> to{list, "to", kRequired, "Project whose names the tensors get"};
  cli::Option<artifact::WeightType> dtype{list, "dtype", artifact::WeightType::kKeep,
                                          "Type of floating-point tensors"};
  ArchitectureOptions architecture{list};
  Text bpe_path{list, "bpe-path", "Accepted and ignored: no merges are needed"};
};

int run_convert(const ConvertOptions& options) {
  end_on_signals("prepare convert");
  if (!options.bpe_path->empty()) log::warning("bpe-path: has no effect, because no merges are needed");
  std::cout << formats::convert_clip(
                   {options.input, options.output, options.to, options.dtype, options.architecture.value()})
            << "\n";
  return kExitDone;
}

}  // namespace

Command convert() {
  return {"prepare convert", "Writes CLIP weights under another project's names.",
          "--input ViT-B-16.pt --output model.safetensors --to hugging-face", calls(run_convert)};
}

}  // namespace mkt::commands
