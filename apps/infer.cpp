// Tags pictures with the best of any labels.

#include <iomanip>
#include <nlohmann/json.hpp>

#include "core/interrupt.h"
#include "io/csv.h"
#include "io/json.h"
#include "program.h"
#include "tagging/inference.h"

namespace {

using mkt::tagging::InferOptions;
using mkt::tagging::TaggedImage;

void print_table(const TaggedImage& tagged) {
  std::cout << tagged.image << "\n" << std::fixed << std::setprecision(4);
  for (const auto& [label, score] : tagged.labels)
    std::cout << std::setw(9) << score << "  " << label << "\n";
}

void print_json(const TaggedImage& tagged) {
  nlohmann::ordered_json line = {{"image", tagged.image}, {"labels", nlohmann::ordered_json::array()}};
  for (const auto& [label, score] : tagged.labels)
    line["labels"].push_back({{"label", label}, {"score", score}});
  std::cout << mkt::io::json_text(line) << "\n";
}

void print_csv(const TaggedImage& tagged) {
  std::cout << std::setprecision(9);
  for (const auto& [label, score] : tagged.labels) {
    std::cout << io::csv_quoted(tagged.image) << "," << io::csv_quoted(label) << "," << score << "\n";
  }
}

int run(const InferOptions& options, const std::string&) {
  TORCH_CHECK_VALUE(!options.json || !options.csv, "--json: expected one form of output, got --csv too.");
  mkt::end_on_signals("infer");
  if (options.csv) std::cout << "image,label,score\n" << std::flush;
  const auto print = options.json ? print_json : options.csv ? print_csv : print_table;
  mkt::tagging::tag_images(options, std::cin, [&](const TaggedImage& tagged) {
    print(tagged);
    TORCH_CHECK(std::cout.flush().good(), "standard output: writing failed. Is the disk full?");
  });
  return mkt::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  const mkt::cli::Program program{
      "infer", "Tags pictures with the best of any labels. One line a picture with --json.",
      "infer --clip-path ViT-B-16.pt --image-path photo.jpg --label \"cup of coffee\" --label cat"};
  mkt::app::leave(mkt::app::main_with<InferOptions>(program, argc, argv, 1, run));
}
