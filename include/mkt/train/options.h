#pragma once
// What a user can set, with its defaults. Names are the flags', with underscores; those of the published
// scripts keep their defaults.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::train {

/// The CLIP that everything starts from.
struct ClipOptions {
  std::string clip_path;
  std::string bpe_path;  ///< empty: beside the executables
  std::string prompt_template = "There is a {} in the scene";
  std::string phrases;          ///< file of several sentences a label (phrases.h); empty: the template alone
  std::int64_t topk = 16;       ///< best patches of an image for a label
  std::int64_t input_size = 0;  ///< pixels a side; 0: the weights' own
  std::string cache;            ///< folder of label features; empty: default_cache_folder()
  bool no_cache = false;
};

struct DataOptions {
  std::string data_path;
  std::int64_t workers = 8;
  std::string on_bad_image = "error";
  bool fast_decode = false;  ///< JPEGs shrunk while they are decoded (data::Decoding::kFast)
};

struct ComputeOptions {
  std::string device = "auto";
  std::string precision = "fp32";
  std::int64_t threads = 0;  ///< for matrix products; 0: one per processor
};

/// The ranks of a run, where no launcher (torchrun, srun, mpirun) starts them.
struct RankOptions {
  std::int64_t nproc_per_node = 0;  ///< processes to start on this node; 0: this one alone
  std::int64_t nnodes = 1;
  std::int64_t node_rank = 0;
  std::string master_addr;       ///< node 0's address; needed where nnodes > 1
  std::int64_t master_port = 0;  ///< 0: a free one
  double timeout_seconds = 600;  ///< longest wait for another rank
};

/// What both stages have.
struct TrainingOptions {
  ClipOptions clip;
  DataOptions data;
  ComputeOptions compute;
  RankOptions ranks;
  std::string output;
  std::string resume;  ///< empty: a new run; "auto": the newest state under output; else a state file
  std::int64_t checkpoint_every = 500;  ///< steps between states; 0: only after each epoch
  double checkpoint_minutes = 0;        ///< minutes between states, besides; 0: off
  std::int64_t keep_states = 2;
  std::int64_t batch_size = 64;        ///< images of a rank at once
  std::int64_t accumulate = 1;         ///< batches of a rank in one step
  std::int64_t global_batch_size = 0;  ///< images of a step over all ranks; 0: what the others give
  std::string loss_average = "image";
  std::int64_t test_batch_size = 471;
  std::int64_t epochs = 20;
  double warmup_epochs = 2;
  double lr = 1e-3;
  double min_lr = 1e-6;
  double weight_decay = 0.05;
  std::int64_t seed = 42;
  double momentum = 0.9;  ///< accepted for the original's command lines; unused there too
  std::int64_t eval_every = 1;
  std::int64_t limit_train_batches = 0;  ///< 0: no limit
  std::int64_t limit_eval_images = 0;    ///< 0: no limit
  std::string train_transform = "augment";
  bool no_shuffle = false;
};

struct Stage1Options {
  Stage1Options() { training.output = "outputs/stage1"; }

  TrainingOptions training;
  double layer_decay = 0.65;
  std::int64_t fix_layer = 10;
};

struct Stage2Options {
  Stage2Options() {
    training.output = "outputs/stage2";
    training.epochs = 4;
    training.warmup_epochs = 0;
    training.min_lr = 1e-8;
  }

  TrainingOptions training;
  std::string ckpt_path;               ///< stage-1 checkpoint: the image encoder
  std::int64_t labels_at_once = 1024;  ///< labels whose text graph is in memory together
};

struct EvalOptions {
  ClipOptions clip;
  DataOptions data;
  ComputeOptions compute;
  RankOptions ranks;
  std::string ckpt_path;  ///< stage-1 checkpoint
  std::string eval_ckpt;  ///< stage-2 checkpoint; empty: labels from label_emb.pt or CLIP
  bool zero_shot = false;
  std::string score = "auto";  ///< auto: global for --zero-shot, else mkt
  std::int64_t test_batch_size = 64;
  std::int64_t limit_eval_images = 0;
  std::string json;            ///< result file; empty: none
  std::string save_scores;     ///< safetensors file; empty: none
  std::string fit_thresholds;  ///< JSON file; empty: none
  std::string report;          ///< folder for index.html; empty: none
};

/// What decides the scores of `infer`.
struct TaggerOptions {
  ClipOptions clip;
  DataOptions data;  ///< data_path: for its concept files and label_emb.pt; empty: labels are given
  ComputeOptions compute;
  std::string img_ckpt;            ///< stage-1 checkpoint; empty: plain CLIP
  std::string txt_ckpt;            ///< stage-2 checkpoint; empty: CLIP's text encoder
  std::string labels;              ///< file, one label a line
  std::vector<std::string> label;  ///< labels on the command line
  std::string score = "auto";      ///< auto: global without img_ckpt, else mkt
  std::string thresholds;          ///< file of eval --fit-thresholds; empty: none
};

/// With thresholds, of the file or of the model, top and min_score have no say.
struct InferOptions : TaggerOptions {
  std::string model;  ///< file of prepare export, in place of all that decides scores; empty: none
  std::vector<std::string> image_path;
  std::int64_t top = 10;
  double min_score = -1;
  bool json = false;
  bool csv = false;
  std::string heatmap;   ///< folder for a heat map a picture and label; empty: none
  std::string annotate;  ///< folder for annotated pictures; empty: none
  std::int64_t batch_size = 16;
};

struct ExportOptions : TaggerOptions {
  std::string output;
  std::string weights = "float32";  ///< float32, float16 or bfloat16, of the image encoder
  bool overwrite = false;
};

struct LabelEmbOptions {
  ClipOptions clip;
  ComputeOptions compute;
  std::string data_path;
  std::string output;  ///< empty: label_emb.pt in data_path
};

inline const RankOptions& ranks_of(const Stage1Options& options) {
  return options.training.ranks;
}
inline const RankOptions& ranks_of(const Stage2Options& options) {
  return options.training.ranks;
}
inline const RankOptions& ranks_of(const EvalOptions& options) {
  return options.ranks;
}

}  // namespace mkt::train
