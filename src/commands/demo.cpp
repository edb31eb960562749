// Commands of the demo: draw its data set, pre-train its small CLIP, summarise its evaluations.

#include <iostream>

#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "demo/comparison.h"
#include "demo/pointing.h"
#include "demo/pretraining.h"
#include "demo/spread.h"
#include "demo/summary.h"
#include "io/json.h"
#include "mkt/core/error.h"
#include "world/demo_data.h"

namespace mkt::commands {
namespace {

constexpr const char* kWorldHelp =
    "shapes: 150 labels; signs: other words and looks, labels likewise; catalogue: 320 labels with "
    "long-tailed frequencies, one to three per image";

struct DemoOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text output{list, "output", kRequired, "Folder to draw into, new or empty"};
  Integer seed{list, "seed", 0, kNotNegative, "Seed of the images"};
  Integer split{list, "split", 0, kNotNegative, "Seed of the choice of unseen labels"};
  Integer train{list, "train", 6000, kPositive, "Images to train on"};
  Integer val{list, "val", 3000, kNotNegative, "Images to choose hyper-parameters with; 0: none"};
  Integer test{list, "test", 3000, kPositive, "Images to test on"};
  Integer single{list, "single", 500, kNotNegative, "Images of one object; 0: none"};
  Integer workers{list, "workers", 2, kThreads, "Threads that draw; 0: only the main thread"};
  cli::Option<demo::WorldKind> world{list, "world", demo::WorldKind::kShapes, kWorldHelp};
};

int run_demo(const DemoOptions& options) {
  end_on_signals("prepare demo");
  std::cout << demo::write_data_set({options.output, options.seed, options.split, options.train, options.val,
                                     options.test, options.single, options.workers, options.world})
            << "\n";
  return kExitDone;
}

struct DemoClipOptions {
  cli::OptionList list;
  Group group{list, "Pre-training"};
  Text output{list, "output", kRequired, "File to write: safetensors, half precision, OpenAI's names"};
  Integer seed{list, "seed", 1, kNotNegative, "Seed of images, captions and initial weights"};
  Integer pictures{list, "pictures", 30000, kPositive, "Images of one to four objects"};
  Integer single{list, "single", 6000, kPositive, "Images of one object"};
  Integer first_steps{list, "first-steps", 600, kNotNegative, "Steps on the former"};
  Integer single_steps{list, "single-steps", 300, kNotNegative, "Then steps on the latter"};
  Integer last_steps{list, "last-steps", 1100, kPositive, "Then steps on the former again"};
  Integer batch_size{list, "batch-size", 128, cli::at_least(2), "Images per step"};
  Number lr{list, "lr", 1e-3, kNotNegative, "Highest learning rate"};
  cli::Option<demo::WorldKind> world{list, "world", demo::WorldKind::kShapes, kWorldHelp};
  Text bpe_path{list, "bpe-path", kMergesHelp};
  PlainComputeOptions compute{list};
};

int run_demo_clip(const DemoClipOptions& options) {
  end_on_signals("prepare demo-clip");
  std::cout << demo::pretrain_clip({options.output, options.bpe_path, options.compute.value(), options.seed,
                                    options.pictures, options.single, options.first_steps,
                                    options.single_steps, options.last_steps, options.batch_size, options.lr,
                                    options.world})
            << "\n";
  return kExitDone;
}

struct DemoPointingOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text data_path{list, "data-path", kRequired, "Images of one object: single/ of a demo's data"};
  Group model{list, "Model"};
  Text clip_path{list, "clip-path", kRequired, "CLIP weights"};
  Text ckpt_path{list, "ckpt-path", kCkptHelp};
  Text bpe_path{list, "bpe-path", kMergesHelp};
  Text json{list, "json", "File for the numbers"};
  cli::Option<clip::Patches> patches{list, "patches", clip::Patches::kLast, kPatchesHelp};
  PlainComputeOptions compute{list};
};

int run_demo_pointing(const DemoPointingOptions& options) {
  end_on_signals("prepare demo-pointing");
  std::cout << io::json_text(demo::measure_pointing({options.clip_path, options.bpe_path,
                                                     options.compute.value(), options.data_path,
                                                     options.ckpt_path, options.json, *options.patches}))
            << "\n";
  return kExitDone;
}

struct DemoSummaryOptions {
  cli::OptionList list;
  Group group{list, "Evaluations"};
  Text data_path{list, "data-path", kRequired, "Data set whose test images were evaluated"};
  Text zero_shot{list, "zero-shot", kRequired, "Result of eval --zero-shot --score mkt --json"};
  Text zero_shot_global{list, "zero-shot-global", kRequired,
                        "Result of eval --zero-shot --score global --json"};
  Text zero_shot_cosine{list, "zero-shot-cosine", "Result of eval --zero-shot --json"};
  Text zero_shot_probability{list, "zero-shot-probability",
                             "Result of eval --zero-shot --score probability --json"};
  Text stage1{list, "stage1", kRequired, "Result of eval --ckpt-path --json"};
  Text stage2{list, "stage2", kRequired, "Result of eval --ckpt-path --eval-ckpt --json"};
  Text json{list, "json", kRequired, "File to write"};
  Integer seed{list, "seed", 0, kNotNegative, "Seed of the chance scores"};
  Text recommended_stage1{list, "recommended-stage1", "As --stage1, trained by the recommended recipe"};
  Text recommended_stage2{list, "recommended-stage2", "As --stage2, trained by the recommended recipe"};
};

int run_demo_summary(const DemoSummaryOptions& options) {
  end_on_signals("prepare demo-summary");
  std::cout << demo::summarise({options.data_path, options.zero_shot, options.zero_shot_global,
                                options.zero_shot_cosine, options.zero_shot_probability, options.stage1,
                                options.stage2, options.json, options.seed, options.recommended_stage1,
                                options.recommended_stage2});
  return kExitDone;
}

struct DemoSpreadOptions {
  cli::OptionList list;
  Group group{list, "Summaries"};
  Texts summary{list, "summary", kRequired, "Files of prepare demo-summary"};
  Text json{list, "json", "File for the numbers"};
};

int run_demo_spread(const DemoSpreadOptions& options) {
  end_on_signals("prepare demo-spread");
  std::cout << demo::spread({options.summary, options.json});
  return kExitDone;
}

struct DemoCompareOptions {
  cli::OptionList list;
  Group group{list, "Results"};
  Text cells{
      list, "cells", kRequired,
      "Table of results, one per line: row, base row or -, seed, file of eval --json, separated by tabs"};
  Text json{list, "json", "File for the numbers"};
};

int run_demo_compare(const DemoCompareOptions& options) {
  end_on_signals("prepare demo-compare");
  std::cout << demo::compare({options.cells, options.json});
  return kExitDone;
}

}  // namespace

Command demo() {
  return {"prepare demo", "Draws the demo's data set.", "--output outputs/demo/data", calls(run_demo)};
}

Command demo_clip() {
  return {"prepare demo-clip", "Pre-trains the demo's small CLIP.", "--output clip.safetensors --seed 1",
          calls(run_demo_clip)};
}

Command demo_pointing() {
  return {"prepare demo-pointing", "Measures how often the brightest patch lies on the object.",
          "--data-path outputs/demo/data/single --clip-path clip.safetensors", calls(run_demo_pointing)};
}

Command demo_summary() {
  return {"prepare demo-summary", "Combines the evaluations of a demo.",
          "--data-path data --zero-shot z.json --zero-shot-global g.json --zero-shot-cosine c.json --stage1 "
          "1.json --stage2 2.json --json summary.json",
          calls(run_demo_summary)};
}

Command demo_spread() {
  return {"prepare demo-spread", "Means and deviations over several demos.",
          "--summary a/summary.json b/summary.json", calls(run_demo_spread)};
}

Command demo_compare() {
  return {"prepare demo-compare", "Means and paired differences of a study's variants.",
          "--cells outputs/study/cells.tsv", calls(run_demo_compare)};
}

}  // namespace mkt::commands
