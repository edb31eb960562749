#include "commands/demo_bindings.h"

#include "commands/bounds.h"

namespace mkt::commands {
namespace {

void add_device_and_threads(cli::OptionList& list, session::ComputeOptions& options) {
  list.group("Computing")
      .add("device", &options.device, "auto, cpu, cuda or cuda:N")
      .add("threads", &options.threads, "Threads of matrix products; 0: one per processor", kThreads);
}

}  // namespace

cli::OptionList bind(demo::DataSetOptions& options) {
  cli::OptionList list;
  list.group("Data")
      .require("output", &options.output, "Folder to draw into, new or empty")
      .add("seed", &options.seed, "Pictures follow from it", kNotNegative)
      .add("split", &options.split, "Which labels are unseen follows from it", kNotNegative)
      .add("train", &options.train, "Pictures to train on", kPositive)
      .add("val", &options.validation, "Pictures to choose hyper-parameters by; 0: none", kNotNegative)
      .add("test", &options.test, "Pictures to test on", kPositive)
      .add("single", &options.single, "Pictures of one object; 0: none", kNotNegative)
      .add("workers", &options.workers, "Threads that draw; 0: none but the main one", kThreads);
  return list;
}

cli::OptionList bind(demo::PretrainingOptions& options) {
  cli::OptionList list;
  list.group("Pre-training")
      .require("output", &options.output, "File to write: safetensors, half precision, OpenAI's names")
      .add("seed", &options.seed, "Pictures, captions and first weights follow from it", kNotNegative)
      .add("pictures", &options.pictures, "Pictures of one to four objects", kPositive)
      .add("single", &options.single, "Pictures of one object", kPositive)
      .add("first-steps", &options.first_steps, "Steps on the former", kNotNegative)
      .add("single-steps", &options.single_steps, "Steps on the latter, behind them", kNotNegative)
      .add("last-steps", &options.last_steps, "Steps on the former again", kPositive)
      .add("batch-size", &options.batch_size, "Pictures a step", {2})
      .add("lr", &options.lr, "Highest learning rate", kNotNegative)
      .add("bpe-path", &options.bpe_path, kMergesHelp);
  add_device_and_threads(list, options.compute);
  return list;
}

cli::OptionList bind(demo::PointingOptions& options) {
  cli::OptionList list;
  list.group("Data").require("data-path", &options.data_path,
                             "Pictures of one object: single/ of a demo's data");
  list.group("Model")
      .require("clip-path", &options.clip.clip_path, "CLIP weights")
      .add("ckpt-path", &options.ckpt_path, "Stage-1 checkpoint; without it: plain CLIP")
      .add("bpe-path", &options.clip.bpe_path, kMergesHelp)
      .add("json", &options.json, "File for the numbers");
  add_device_and_threads(list, options.compute);
  return list;
}

cli::OptionList bind(demo::SummaryOptions& options) {
  cli::OptionList list;
  list.group("What to put together")
      .require("data-path", &options.data_path, "Data set whose test pictures were evaluated")
      .require("zero-shot", &options.zero_shot, "Result of eval --zero-shot --score mkt --json")
      .require("zero-shot-global", &options.zero_shot_global,
               "Result of eval --zero-shot --score global --json")
      .require("stage1", &options.stage1, "Result of eval --ckpt-path --json")
      .require("stage2", &options.stage2, "Result of eval --ckpt-path --eval-ckpt --json")
      .require("json", &options.json, "File to write")
      .add("seed", &options.seed, "Scores of chance follow from it", kNotNegative);
  return list;
}

cli::OptionList bind(demo::SpreadOptions& options) {
  cli::OptionList list;
  list.group("What to put together")
      .require("summary", &options.summaries, "Files of prepare demo-summary")
      .add("json", &options.json, "File for the numbers");
  return list;
}

}  // namespace mkt::commands
