// What has to exist before training: so far the label features.

#include "mkt/config/completion.h"
#include "mkt/config/version.h"
#include "mkt/train/interrupt.h"
#include "mkt/train/labels.h"
#include "program.h"

namespace {

constexpr const char* kHelp =
    "Prepares what training and evaluation read.\n"
    "Usage: prepare COMMAND [OPTIONS]\n\n"
    "Commands:\n"
    "  label-emb    Write label_emb.pt: CLIP's text features of a data set's labels\n\n"
    "prepare COMMAND --help tells a command's options;\n"
    "prepare --completion bash|zsh|fish prints a script that completes them in a shell.\n";

int label_emb(int argc, char** argv) {
  const mkt::config::Program program{"prepare label-emb",
                                     "Writes CLIP's text features of a data set's labels.",
                                     "prepare label-emb --data-path NUS-WIDE --clip-path ViT-B-16.pt"};
  return mkt::app::main_with<mkt::train::LabelEmbOptions>(
      program, argc, argv, 2, [](const mkt::train::LabelEmbOptions& options, const std::string&) {
        mkt::train::end_on_signals("prepare label-emb");
        std::cout << mkt::train::write_label_features(options) << "\n";
        return static_cast<int>(mkt::kExitDone);
      });
}

int print_completion(const std::string& shell) {
  return mkt::app::guarded("prepare", [&] {
    mkt::train::LabelEmbOptions options;
    std::cout << mkt::config::completion_script("prepare", {{"label-emb", mkt::config::bind(options)}},
                                                shell);
    return static_cast<int>(mkt::kExitDone);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "label-emb") return label_emb(argc, argv);
  if (command == "--completion") return print_completion(argc > 2 ? argv[2] : "");
  if (command == "--help" || command == "-h") {
    std::cout << kHelp;
    return mkt::kExitDone;
  }
  if (command == "--version") {
    std::cout << mkt::config::version_text("prepare") << "\n";
    return mkt::kExitDone;
  }
  std::cerr << "prepare: expected a command (label-emb), got '" << command << "'. See prepare --help.\n";
  return mkt::kExitUsage;
}
