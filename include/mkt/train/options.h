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
  std::int64_t topk = 16;       ///< best patches of an image for a label
  std::int64_t input_size = 0;  ///< pixels a side; 0: the weights' own
};

struct DataOptions {
  std::string data_path;
  std::int64_t workers = 8;
  std::string on_bad_image = "error";
};

struct ComputeOptions {
  std::string device = "auto";
  std::string precision = "fp32";
  std::int64_t threads = 0;  ///< for matrix products; 0: one per processor
};

struct Stage1Options {
  ClipOptions clip;
  DataOptions data;
  ComputeOptions compute;
  std::string output = "outputs/stage1";
  std::string resume;  ///< empty: a new run; "auto": the newest state under output; else a state file
  std::int64_t checkpoint_every = 500;  ///< steps between states; 0: only after each epoch
  std::int64_t batch_size = 64;
  std::int64_t test_batch_size = 471;
  std::int64_t epochs = 20;
  double warmup_epochs = 2;
  double lr = 1e-3;
  double min_lr = 1e-6;
  double weight_decay = 0.05;
  double layer_decay = 0.65;
  std::int64_t fix_layer = 10;
  std::int64_t seed = 42;
  double momentum = 0.9;  ///< accepted for the original's command lines; unused there too
  std::int64_t eval_every = 1;
  std::int64_t limit_train_batches = 0;  ///< 0: no limit
  std::int64_t limit_eval_images = 0;    ///< 0: no limit
  std::string train_transform = "augment";
  bool no_shuffle = false;
};

struct EvalOptions {
  ClipOptions clip;
  DataOptions data;
  ComputeOptions compute;
  std::string ckpt_path;  ///< stage-1 checkpoint
  std::string eval_ckpt;  ///< stage-2 checkpoint; empty: labels from label_emb.pt or CLIP
  bool zero_shot = false;
  std::string score = "auto";  ///< auto: global for --zero-shot, else mkt
  std::int64_t test_batch_size = 64;
  std::int64_t limit_eval_images = 0;
  std::string json;         ///< result file; empty: none
  std::string save_scores;  ///< safetensors file; empty: none
};

struct InferOptions {
  ClipOptions clip;
  DataOptions data;  ///< data_path: for its concept files and label_emb.pt; empty: labels are given
  ComputeOptions compute;
  std::string img_ckpt;  ///< stage-1 checkpoint; empty: plain CLIP
  std::string txt_ckpt;  ///< stage-2 checkpoint; empty: CLIP's text encoder
  std::vector<std::string> image_path;
  std::string labels;              ///< file, one label a line
  std::vector<std::string> label;  ///< labels on the command line
  std::string score = "auto";      ///< auto: global without --img-ckpt, else mkt
  std::int64_t top = 10;
  double min_score = -1;
  bool json = false;
  bool csv = false;
  std::int64_t batch_size = 16;
};

struct LabelEmbOptions {
  ClipOptions clip;
  ComputeOptions compute;
  std::string data_path;
  std::string output;  ///< empty: label_emb.pt in data_path
};

}  // namespace mkt::train
