#include "commands/bindings.h"

#include "commands/bounds.h"

namespace mkt::commands {
namespace {

const cli::Bounds kImages{1, 1 << 20};  // together: their products must not overflow
/// The options of add_tagger.
const std::vector<std::string> kDecidedByModel = {
    "label",      "labels",  "data-path", "clip-path", "bpe-path", "template", "topk",
    "input-size", "phrases", "cache",     "no-cache",  "img-ckpt", "txt-ckpt", "score"};
constexpr const char* kScoreHelp = "mkt: mean of global and local; auto: global for plain CLIP, else mkt";

void add_text_side(cli::OptionList& list, artifact::ClipOptions& options) {
  list.group("CLIP")
      .require("clip-path", &options.clip_path, "CLIP weights: OpenAI's archive, a state dict or safetensors")
      .add("bpe-path", &options.bpe_path, kMergesHelp)
      .add("template", &options.prompt_template, "Sentence around a label, with one {}");
}

void add_label_features(cli::OptionList& list, artifact::ClipOptions& options) {
  list.add("phrases", &options.phrases,
           "JSON file of templates, synonyms and sentences, averaged for each label")
      .add("cache", &options.cache,
           "Folder that keeps label features; without it: $XDG_CACHE_HOME/mkt or ~/.cache/mkt")
      .add("no-cache", &options.no_cache, "Encode labels anew, keep nothing");
}

void add_clip(cli::OptionList& list, artifact::ClipOptions& options) {
  add_text_side(list, options);
  list.add("topk", &options.topk, "Best patches of an image for a label", kPositive)
      .add("input-size", &options.input_size, "Pixels a side; 0: the weights' own", kNotNegative);
}

void add_device(cli::OptionList& list, session::ComputeOptions& options) {
  list.group("Computing").add("device", &options.device, "auto, cpu, cuda or cuda:N");
}

void add_threads(cli::OptionList& list, session::ComputeOptions& options) {
  list.add("threads", &options.threads, "Threads of matrix products; 0: one per processor", kThreads);
}

void add_compute(cli::OptionList& list, session::ComputeOptions& options) {
  add_device(list, options);
  list.add("precision", &options.precision, "Of matrix products", one_of({"fp32", "tf32", "bf16", "fp16"}));
  add_threads(list, options);
}

void add_workers(cli::OptionList& list, artifact::DataOptions& options) {
  list.add("workers", &options.workers, kDecodersHelp, kThreads);
}

void add_fast_decode(cli::OptionList& list, artifact::DataOptions& options) {
  list.add(
      "fast-decode", &options.fast_decode,
      "Large JPEGs shrunk while they are decoded: quicker; levels 0.5 of 255 apart in the mean, some 11 or "
      "more");
}

void add_data(cli::OptionList& list, artifact::DataOptions& options) {
  list.group("Data").require("data-path", &options.data_path, kDataPathHelp);
  add_workers(list, options);
  list.add("on-bad-image", &options.on_bad_image, "What an unreadable picture does; fill: counts as grey",
           one_of({"error", "skip", "fill"}));
  add_fast_decode(list, options);
}

/// All that decides the scores of infer but for thresholds.
void add_tagger(cli::OptionList& list, tagging::TaggerOptions& options) {
  list.group("Labels")
      .add("label", &options.label, "Labels to choose among")
      .add("labels", &options.labels, "File of labels, one a line")
      .add("data-path", &options.data.data_path, "Data set whose labels to use where no others are given");
  add_clip(list, options.clip);
  add_label_features(list, options.clip);
  list.group("Model")
      .add("img-ckpt", &options.img_ckpt, "Stage-1 checkpoint; without it: CLIP's image encoder")
      .add("txt-ckpt", &options.txt_ckpt, "Stage-2 checkpoint; without it: CLIP's text encoder")
      .add("score", &options.score, kScoreHelp, one_of({"auto", "mkt", "global", "local"}));
}

cli::Bounds standing_alone(std::string value) {
  cli::Bounds bounds;
  bounds.alone = std::move(value);
  return bounds;
}

void add_ranks(cli::OptionList& list, session::RankOptions& options) {
  list.group("Several processes (or start them with torchrun, srun or mpirun)")
      .add("nproc-per-node", &options.nproc_per_node, "Ranks to start on this machine; 0: this process alone",
           {0, 1024})
      .add("nnodes", &options.nnodes, "Machines that take part", {1, 1 << 16})
      .add("node-rank", &options.node_rank, "Which of them this one is", kNotNegative)
      .add("master-addr", &options.master_addr, "Address of machine 0")
      .add("master-port", &options.master_port, "Free port on machine 0; 0: any, on one machine", {0, 65535})
      .add("timeout-seconds", &options.timeout_seconds, "Longest wait for another rank", {1, 1e7});
}

void add_inputs(cli::OptionList& list, train::TrainingOptions& options) {
  add_data(list, options.data);
  add_clip(list, options.clip);
}

void add_training(cli::OptionList& list, train::TrainingOptions& options, const std::string& lr_help) {
  list.add("batch-size", &options.batch_size, "Images of a rank at once", kImages)
      .add("accumulate", &options.accumulate, "Batches of a rank in one step", kImages)
      .add("global-batch-size", &options.global_batch_size,
           "Images of a step over all ranks, instead of --batch-size; 0: off", {0, 1 << 30})
      .add("loss-average", &options.loss_average,
           "image: over all images of a step; rank: over the means of batches, as the original",
           one_of({"image", "rank"}))
      .add("epochs", &options.epochs, "Passes over the training images", kPositive)
      .add("warmup-epochs", &options.warmup_epochs, "Epochs of linear warm-up", kNotNegative)
      .add("lr", &options.lr, lr_help, kNotNegative)
      .add("min-lr", &options.min_lr, "Learning rate at the end", kNotNegative)
      .add("weight-decay", &options.weight_decay, "Decoupled decay of matrices", kNotNegative)
      .add("seed", &options.seed, "Order and augmentation follow from it", kNotNegative)
      .add("train-transform", &options.train_transform, "eval: no randomness, to compare runs",
           one_of({"augment", "eval"}))
      .add("no-shuffle", &options.no_shuffle, "Keep the order of the image list")
      .add("limit-train-batches", &options.limit_train_batches, "Steps an epoch at most; 0: all",
           kNotNegative)
      .add("momentum", &options.momentum, "Accepted and ignored, as in the original");
}

void add_run(cli::OptionList& list, train::TrainingOptions& options) {
  list.group("Evaluation")
      .add("test-batch-size", &options.test_batch_size, "Images a step of evaluation", kPositive)
      .add("eval-every", &options.eval_every, "Epochs between evaluations; 0: only after the last",
           kNotNegative)
      .add("limit-eval-images", &options.limit_eval_images, "Images at most; 0: all", kNotNegative);
  list.group("Run")
      .add("output", &options.output, "Folder of checkpoints, metrics, log and state")
      .add("resume", &options.resume, "Continue from the newest state, or from this file",
           standing_alone("auto"))
      .add("checkpoint-every", &options.checkpoint_every, "Steps between states; 0: only after an epoch",
           kNotNegative)
      .add("checkpoint-minutes", &options.checkpoint_minutes, "Minutes between states, besides; 0: off",
           kNotNegative)
      .add("keep-states", &options.keep_states, "Newest states that are kept", {1, 1000});
  add_compute(list, options.compute);
  add_ranks(list, options.ranks);
}

}  // namespace

cli::OptionList bind(train::Stage1Options& options) {
  cli::OptionList list;
  add_inputs(list, options.training);
  add_label_features(list, options.training.clip);
  list.group("Training");
  add_training(list, options.training, "Learning rate of the last layer");
  list.add("layer-decay", &options.layer_decay, "Factor on the rate per layer below the last", {0, 1})
      .add("fix-layer", &options.fix_layer, "Blocks below this one stay CLIP's", kNotNegative);
  add_run(list, options.training);
  return list;
}

cli::OptionList bind(train::Stage2Options& options) {
  cli::OptionList list;
  add_inputs(list, options.training);
  list.group("Training")
      .require("ckpt-path", &options.ckpt_path, "Stage-1 checkpoint, whose image encoder stays as it is");
  add_training(list, options.training, "Learning rate");
  list.add("labels-at-once", &options.labels_at_once,
           "Labels whose text encoder's graph is in memory together; fewer need less memory", kPositive);
  add_run(list, options.training);
  return list;
}

cli::OptionList bind(scoring::EvalOptions& options) {
  cli::OptionList list;
  add_data(list, options.data);
  add_clip(list, options.clip);
  add_label_features(list, options.clip);
  list.group("What to score")
      .add("ckpt-path", &options.ckpt_path, "Stage-1 checkpoint; needed unless --zero-shot is given")
      .add("eval-ckpt", &options.eval_ckpt,
           "Stage-2 checkpoint; without it: label_emb.pt, or CLIP's text encoder")
      .add("zero-shot", &options.zero_shot, "Plain CLIP, without any checkpoint")
      .add("score", &options.score, kScoreHelp, one_of({"auto", "mkt", "global", "local"}))
      .add("test-batch-size", &options.test_batch_size, "Images a step", kPositive)
      .add("limit-eval-images", &options.limit_eval_images, "Images at most; 0: all", kNotNegative);
  list.group("Results")
      .add("json", &options.json, "File for the numbers, per class too")
      .add("save-scores", &options.save_scores, "Safetensors file for all scores")
      .add("report", &options.report, "Folder for index.html, a page for people; scores plain CLIP besides")
      .add("fit-thresholds", &options.fit_thresholds,
           "File for the score from which on a label is given, for infer --thresholds");
  add_compute(list, options.compute);
  add_ranks(list, options.ranks);
  return list;
}

cli::OptionList bind(tagging::InferOptions& options) {
  cli::OptionList list;
  list.group("Pictures")
      .require("image-path", &options.image_path, "Pictures, folders, or - for a list on stdin");
  add_workers(list, options.data);
  list.add("on-bad-image", &options.data.on_bad_image, "What an unreadable picture does",
           one_of({"error", "skip"}));
  add_fast_decode(list, options.data);
  list.add("batch-size", &options.batch_size, "Pictures encoded together", kPositive);
  list.group("Exported model")
      .add("model", &options.model, "File of prepare export, in place of CLIP, Labels and Model");
  add_tagger(list, options);
  list.replace("model", kDecidedByModel);
  list.group("Results")
      .add("top", &options.top, "Labels a picture at most, best first", kPositive)
      .add("min-score", &options.min_score, "Leave out labels below", {-1, 1})
      .add("thresholds", &options.thresholds,
           "File of eval --fit-thresholds: all labels at or above theirs, instead of --top")
      .add("json", &options.json, "One JSON object a picture and line, instead of a table")
      .add("csv", &options.csv, "Rows of image,label,score, instead of a table")
      .add("heatmap", &options.heatmap,
           "Folder for a PNG a picture and printed label: patches that spoke for it")
      .add("annotate", &options.annotate,
           "Folder for a PNG a picture: its labels and their brightest patches");
  add_compute(list, options.compute);
  return list;
}

cli::OptionList bind(tagging::ExportOptions& options) {
  cli::OptionList list;
  list.group("File")
      .require("output", &options.output, "File to write, safetensors")
      .add("precision", &options.weights, "Of the image encoder's weights",
           one_of({"float32", "float16", "bfloat16"}))
      .add("overwrite", &options.overwrite, "Replace a file that is there");
  add_tagger(list, options);
  list.add("thresholds", &options.thresholds, "File of eval --fit-thresholds, for the same labels and score");
  add_device(list, options.compute);
  add_threads(list, options.compute);
  return list;
}

cli::OptionList bind(labels::LabelEmbOptions& options) {
  cli::OptionList list;
  list.group("Data")
      .require("data-path", &options.data_path, kDataPathHelp)
      .add("output", &options.output, "File to write; without it: label_emb.pt in the data set");
  add_text_side(list, options.clip);
  add_label_features(list, options.clip);
  add_compute(list, options.compute);
  return list;
}

}  // namespace mkt::commands
