// What has to exist before training: data sets, label features, and the demo's data and weights.

#include <functional>

#include "check/check.h"
#include "cli/completion.h"
#include "cli/version.h"
#include "commands/demo_bindings.h"
#include "commands/format_bindings.h"
#include "commands/manifest_bindings.h"
#include "commands/prepare_bindings.h"
#include "core/interrupt.h"
#include "demo/demo_data.h"
#include "demo/pointing.h"
#include "demo/pretraining.h"
#include "demo/spread.h"
#include "demo/summary.h"
#include "formats/formats.h"
#include "imports/manifest_import.h"
#include "labels/labels.h"
#include "nus_wide/nus_wide_import.h"
#include "program.h"
#include "tagging/export.h"

namespace {

using mkt::cli::OptionList;
using mkt::cli::Program;

/// What a command does, and the options that it has.
struct Action {
  std::function<int(const Program&, int, char**)> run;
  std::function<OptionList()> options;
};

struct Command {
  const char* name;
  const char* help;
  Action action;
  const char* example;  ///< behind the command's name
};

/// A command that ends with the exit code that `work` gives for its options.
template <typename Options, typename Work>
Action ending(Work work) {
  const auto run = [work](const Program& program, int argc, char** argv) {
    return mkt::app::main_with<Options>(program, argc, argv, 2,
                                        [&](const Options& options, const std::string&) {
                                          mkt::end_on_signals(program.name);
                                          return static_cast<int>(work(options));
                                        });
  };
  return {run, [] {
            static Options defaults;  // which the list points to
            return mkt::commands::bind(defaults);
          }};
}

/// A command that prints what `work` gives for its options.
template <typename Options, typename Work>
Action command(Work work) {
  return ending<Options>([work](const Options& options) {
    std::cout << work(options);
    return mkt::kExitDone;
  });
}

/// The same for what is one line.
template <typename Options>
Action line(std::string (*work)(const Options&)) {
  return command<Options>([work](const Options& options) { return work(options) + "\n"; });
}

std::string pointing(const mkt::demo::PointingOptions& options) {
  return mkt::demo::measure_pointing(options).dump();
}

mkt::ExitCode check(const mkt::check::CheckOptions& options) {
  const auto result = mkt::check::check_data(options);
  std::cout << result.text;
  return result.sound ? mkt::kExitDone : mkt::kExitFailed;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> list = {
      {"label-emb", "Writes CLIP's text features of a data set's labels.",
       line(mkt::labels::write_label_features), "--data-path NUS-WIDE --clip-path ViT-B-16.pt"},
      {"export", "Writes image encoder, label features and all else that infer needs as one file.",
       line(mkt::tagging::export_model),
       "--clip-path ViT-B-16.pt --img-ckpt stage1.pth --labels labels.txt --output model.safetensors"},
      {"nus-wide", "Makes a data set of NUS-WIDE's raw release.",
       command<mkt::nus_wide::NusWideImportOptions>(mkt::nus_wide::import_nus_wide),
       "--raw nus-wide-raw --out NUS-WIDE"},
      {"check", "Decodes a data set's pictures, looks for what is wrong; exit code 1: some cannot be read.",
       ending<mkt::check::CheckOptions>(check), "--data-path NUS-WIDE --report check.html"},
      {"inspect", "Tells what a file is, its sizes, and which flag takes it.",
       command<mkt::formats::InspectOptions>(mkt::formats::inspect), "ViT-B-16.pt"},
      {"convert", "Writes CLIP weights under another project's names.", line(mkt::formats::convert_clip),
       "--input ViT-B-16.pt --output model.safetensors --to hugging-face"},
      {"folders", "Makes a manifest of a folder of pictures a label.",
       command<mkt::imports::FoldersOptions>(mkt::imports::import_folders),
       "--folders pictures --out pets.toml"},
      {"csv", "Makes a manifest of a table with a picture a line.",
       command<mkt::imports::CsvOptions>(mkt::imports::import_csv),
       "--csv pets.csv --images pictures --out pets.toml"},
      {"coco", "Makes a manifest of COCO's instances.",
       command<mkt::imports::CocoOptions>(mkt::imports::import_coco),
       "--instances instances_train2017.json --test-instances instances_val2017.json --images coco "
       "--unseen data/coco/unseen-15.txt --out coco.toml"},
      {"open-images", "Makes a manifest of Open Images' labels that people verified.",
       command<mkt::imports::OpenImagesOptions>(mkt::imports::import_open_images),
       "--train train-annotations-human-imagelabels.csv --test test-annotations-human-imagelabels.csv "
       "--classes class-descriptions.csv --trainable classes-trainable.txt --images open-images "
       "--out open-images.toml"},
      {"voc", "Makes a manifest of Pascal VOC's image sets.",
       command<mkt::imports::VocOptions>(mkt::imports::import_voc),
       "--voc VOCdevkit --unseen data/voc/unseen-4.txt --out voc.toml"},
      {"to-csv", "Writes a manifest as a table.", line(mkt::imports::export_csv),
       "--data-path pets.toml --out pets.csv"},
      {"demo", "Draws the demo's data set.", line(mkt::demo::write_data_set), "--output outputs/demo/data"},
      {"demo-clip", "Pre-trains the demo's small CLIP.", line(mkt::demo::pretrain_clip),
       "--output clip.safetensors --seed 1"},
      {"demo-pointing", "Measures how often the brightest patch lies on the object.", line(pointing),
       "--data-path outputs/demo/data/single --clip-path clip.safetensors"},
      {"demo-summary", "Puts a demo's evaluations together.",
       command<mkt::demo::SummaryOptions>(mkt::demo::summarise),
       "--data-path data --zero-shot z.json --zero-shot-global g.json --stage1 1.json --stage2 2.json "
       "--json summary.json"},
      {"demo-spread", "Means and deviations over several demos.",
       command<mkt::demo::SpreadOptions>(mkt::demo::spread), "--summary a/summary.json b/summary.json"},
  };
  return list;
}

std::string help() {
  std::string text =
      "Prepares what training and evaluation read.\nUsage: prepare COMMAND [OPTIONS]\n\nCommands:\n";
  for (const Command& command : commands()) {
    text += "  " + std::string(command.name) + std::string(15 - std::string(command.name).size(), ' ') +
            command.help + "\n";
  }
  return text +
         "\nprepare COMMAND --help tells a command's options;\n"
         "prepare --completion bash|zsh|fish prints a script that completes them in a shell.\n";
}

std::string names() {
  std::string text;
  for (const Command& command : commands()) text += (text.empty() ? "" : ", ") + std::string(command.name);
  return text;
}

int print_completion(const std::string& shell) {
  return mkt::app::guarded("prepare", [&] {
    std::vector<mkt::cli::Command> all;
    for (const Command& command : commands()) all.push_back({command.name, command.action.options()});
    std::cout << mkt::cli::completion_script("prepare", all, shell);
    return static_cast<int>(mkt::kExitDone);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const Command& command : commands()) {
    if (name != command.name) continue;
    const std::string full = "prepare " + name;
    return command.action.run({full, command.help, full + " " + command.example}, argc, argv);
  }
  if (name == "--completion") return print_completion(argc > 2 ? argv[2] : "");
  if (name == "--help" || name == "-h") {
    std::cout << help();
    return mkt::kExitDone;
  }
  if (name == "--version") {
    std::cout << mkt::cli::version_text("prepare") << "\n";
    return mkt::kExitDone;
  }
  std::cerr << "prepare: expected a command (" << names() << "), got '" << name << "'. See prepare --help.\n";
  return mkt::kExitUsage;
}
