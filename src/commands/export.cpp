// prepare export: writes everything that infer needs, including image encoder and label features, to one
// file.

#include "tagging/export.h"

#include <filesystem>
#include <iostream>

#include "commands/commands.h"
#include "commands/tagger_group.h"
#include "core/interrupt.h"
#include "io/file_checks.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct ExportOptions {
  cli::OptionList list;
  Group file{list, "File"};
  Text output{list, "output", kRequired, "File to write, safetensors"};
  cli::Option<weights::WeightType> precision{
      list, "precision", weights::WeightType::kFloat32,
      cli::among(
          {weights::WeightType::kFloat32, weights::WeightType::kFloat16, weights::WeightType::kBFloat16}),
      "Type of the image encoder's weights"};
  Flag overwrite{list, "overwrite", "Replace an existing file"};
  TaggerGroup tagger{list};
  Text thresholds{list, "thresholds", "File of eval --fit-thresholds, for the same labels and score"};
  PlainComputeOptions compute{list};
};

int run_export(const ExportOptions& options) {
  end_on_signals("prepare export");
  io::require_writable("output", options.output);
  std::error_code none;
  TORCH_CHECK_VALUE(options.overwrite || !std::filesystem::is_regular_file(*options.output, none),
                    "--output: expected a new file, got ", *options.output,
                    ", which exists. Name another, or add --overwrite.");
  const tagging::TaggerOptions tagger = options.tagger.value(options.thresholds, options.compute.value());
  std::cout << tagging::export_model({tagger, options.output, options.precision}) << "\n";
  return kExitDone;
}

}  // namespace

Command export_model() {
  return {"prepare export",
          "Writes image encoder, label features and everything else that infer needs as one file.",
          "--clip-path ViT-B-16.pt --img-ckpt stage1.pth --labels labels.txt --output model.safetensors",
          calls(run_export)};
}

}  // namespace mkt::commands
