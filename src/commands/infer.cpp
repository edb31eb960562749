// infer: tags images with the highest-scoring labels of any label list.

#include <fmt/core.h>

#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "commands/commands.h"
#include "commands/tagger_group.h"
#include "core/interrupt.h"
#include "io/csv.h"
#include "io/json.h"
#include "mkt/core/error.h"
#include "tagging/inference.h"

namespace mkt::commands {
namespace {

struct InferOptions {
  cli::OptionList list;
  Group images{list, "Images"};
  Texts image_path{list, "image-path", kRequired, "Images, folders, or - for a list of paths on stdin"};
  Integer workers{list, "workers", 8, kThreads, kDecodersHelp};
  cli::Option<data::OnBadImage> on_bad_image{list, "on-bad-image", data::OnBadImage::kError,
                                             cli::among({data::OnBadImage::kError, data::OnBadImage::kSkip}),
                                             "Action for an unreadable image"};
  Flag fast_decode{list, "fast-decode", kFastDecodeHelp};
  Flag exif_rotate{list, "exif-rotate", kExifRotateHelp};
  Integer batch_size{list, "batch-size", 16, kPositive, "Images encoded together"};
  Group exported{list, "Exported model"};
  Text model{list, "model", "File of prepare export, instead of the groups CLIP, Labels and Model"};
  TaggerGroup tagger{list};
  cli::Replacement replaced{list, "model", tagger_option_names()};
  Group results{list, "Results"};
  Integer top{list, "top", 10, kPositive, "Most labels per image, best first"};
  Number min_score{list, "min-score", -1, cli::between(-1000, 1000),
                   "Leave out labels with lower scores; -1 to 1 except for --score standard"};
  Text thresholds{list, "thresholds",
                  "File of eval --fit-thresholds: all labels at or above their thresholds, instead of --top"};
  Flag json{list, "json", "Print one JSON object per image and line instead of a table"};
  Flag csv{list, "csv", "Print rows of image,label,score instead of a table"};
  Text heatmap{list, "heatmap",
               "Folder for a PNG per image and printed label: the patches that contribute most to the score"};
  Text annotate{list, "annotate", "Folder for a PNG per image: its labels and their brightest patches"};
  ComputeOptions compute{list};

  tagging::InferOptions value() const;
};

tagging::InferOptions InferOptions::value() const {
  tagging::InferOptions infer;
  infer.tagger = tagger.value(thresholds, compute.value());
  infer.model = model;
  infer.image_path = image_path;
  infer.decoding = {*workers, *on_bad_image, *fast_decode, *exif_rotate};
  infer.batch_size = batch_size;
  infer.top = top;
  infer.min_score = min_score.given() ? *min_score : -std::numeric_limits<double>::infinity();
  infer.top_given = top.given();
  infer.min_score_given = min_score.given();
  infer.heatmap = heatmap;
  infer.annotate = annotate;
  return infer;
}

void print_table(const tagging::TaggedImage& tagged) {
  std::cout << tagged.image << "\n";
  for (const tagging::ScoredLabel& one : tagged.labels)
    std::cout << fmt::format("{:9.4f}  {}\n", one.score, one.label);
}

void print_json(const tagging::TaggedImage& tagged) {
  nlohmann::ordered_json line = {{"image", tagged.image}, {"labels", nlohmann::ordered_json::array()}};
  for (const tagging::ScoredLabel& one : tagged.labels) {
    line["labels"].push_back({{"label", one.label}, {"score", one.score}});
    if (one.probability) line["labels"].back()["probability"] = *one.probability;
  }
  std::cout << io::json_text(line) << "\n";
}

void print_csv(const tagging::TaggedImage& tagged) {
  for (const tagging::ScoredLabel& one : tagged.labels)
    std::cout << fmt::format("{},{},{:.9g}\n", io::csv_quoted(tagged.image), io::csv_quoted(one.label),
                             one.score);
}

int run_infer(const InferOptions& options) {
  TORCH_CHECK_VALUE(!options.json || !options.csv, "--json cannot be combined with --csv. Drop one.");
  end_on_signals("infer");
  if (options.csv) std::cout << "image,label,score\n" << std::flush;
  const auto print = options.json ? print_json : options.csv ? print_csv : print_table;
  tagging::tag_images(options.value(), std::cin, [&](const tagging::TaggedImage& tagged) {
    print(tagged);
    TORCH_CHECK(std::cout.flush().good(), "standard output: writing failed. Is the disk full?");
  });
  return kExitDone;
}

}  // namespace

Command infer() {
  return {"infer", "Tags images with the best of any labels. With --json, one line per image.",
          "--clip-path ViT-B-16.pt --image-path photo.jpg --label \"cup of coffee\" --label cat",
          calls(run_infer)};
}

}  // namespace mkt::commands
