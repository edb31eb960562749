#include "commands/format_bindings.h"

#include "clip/naming.h"
#include "commands/bounds.h"

namespace mkt::commands {

cli::OptionList bind(formats::InspectOptions& options) {
  cli::Bounds first;
  first.positional = true;
  cli::OptionList list;
  list.group("What to look at")
      .require("file", &options.file, "File or data set's folder; --file may be left out", first)
      .add("json", &options.json, "Print one JSON object");
  return list;
}

cli::OptionList bind(formats::ConvertOptions& options) {
  cli::OptionList list;
  list.group("Weights")
      .require("input", &options.input, "CLIP weights: OpenAI's, open_clip's or Hugging Face's")
      .require("output", &options.output, "File to write: .pt or .pth (a state dict), or .safetensors")
      .require("to", &options.to, "Whose names the tensors get", one_of(clip::naming_choices()))
      .add("dtype", &options.dtype, "Of floating-point tensors", one_of({"keep", "fp32", "fp16", "bf16"}))
      .add("bpe-path", &options.bpe_path, kMergesHelp);
  return list;
}

}  // namespace mkt::commands
