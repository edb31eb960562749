// prepare convert: writes CLIP weights with the parameter names of another project. prepare mix and prepare
// average: compute checkpoints from others.

#include <iostream>

#include "clip/naming.h"
#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "formats/formats.h"
#include "formats/means.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct ConvertOptions {
  cli::OptionList list;
  Group group{list, "Weights"};
  Text input{list, "input", kRequired, "CLIP weights: OpenAI's, open_clip's or Hugging Face's"};
  Text output{list, "output", kRequired, "File to write: .pt or .pth (a state dict), or .safetensors"};
  cli::Option<clip::Naming> to{list, "to", kRequired, "Project whose names the tensors get"};
  cli::Option<weights::WeightType> dtype{list, "dtype", weights::WeightType::kKeep,
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

struct MixOptions {
  cli::OptionList list;
  Group group{list, "Weights"};
  Text clip_path{list, "clip-path", kRequired, "CLIP weights that the checkpoint was trained from"};
  Text ckpt_path{list, "ckpt-path", kRequired, "Checkpoint of stage 1 or stage 2"};
  Number alpha{list, "alpha", kRequired, cli::between(0, 1), "Share of the checkpoint; the rest is CLIP's"};
  Text output{list, "output", kRequired, "File to write: .pth"};
  ArchitectureOptions architecture{list};
};

int run_mix(const MixOptions& options) {
  end_on_signals("prepare mix");
  std::cout << formats::mix_checkpoint({options.clip_path, options.ckpt_path, options.alpha, options.output,
                                        options.architecture.value()})
            << "\n";
  return kExitDone;
}

struct AverageOptions {
  cli::OptionList list;
  Group group{list, "Checkpoints"};
  Texts checkpoints{list, "checkpoints", kRequired, cli::positional(),
                    "Checkpoints of one stage; the name --checkpoints may be left out"};
  Text output{list, "output", kRequired, "File to write: .pth"};
};

int run_average(const AverageOptions& options) {
  end_on_signals("prepare average");
  std::cout << formats::average_checkpoints(*options.checkpoints, options.output) << "\n";
  return kExitDone;
}

}  // namespace

Command mix() {
  return {"prepare mix", "Writes a checkpoint between CLIP and a checkpoint: their weighted mean (WiSE-FT).",
          "--clip-path ViT-B-16.pt --ckpt-path outputs/stage1/model_epoch_19.pth --alpha 0.5 --output "
          "mixed.pth",
          calls(run_mix)};
}

Command average() {
  return {"prepare average", "Writes the mean of several checkpoints of one stage and one CLIP.",
          "run1/model_epoch_19.pth run2/model_epoch_19.pth --output average.pth", calls(run_average)};
}

Command convert() {
  return {"prepare convert", "Writes CLIP weights under another project's names.",
          "--input ViT-B-16.pt --output model.safetensors --to hugging-face", calls(run_convert)};
}

}  // namespace mkt::commands
