#include "inputs.h"

#include <tuple>

#include "mkt/core/log.h"
#include "mkt/data/data_set.h"
#include "mkt/io/sha256.h"
#include "mkt/train/encoders.h"

namespace mkt::train {

TrainingInputs load_inputs(const TrainingOptions& options, const Session& session) {
  if (session.is_main() && options.momentum != TrainingOptions{}.momentum) {
    log::warning("--momentum is accepted and has no effect, as in the original: AdamW has none");
  }
  require_file("clip-path", options.clip.clip_path);
  data::NusWideOptions nus_wide;
  nus_wide.workers = static_cast<int>(options.data.workers);
  nus_wide.limit = options.limit_eval_images;
  nus_wide.look_for_images = session.ranks.topology().local_rank == 0;  // once a node
  TrainingInputs inputs;
  std::tie(inputs.train, inputs.test) = data::load_data_set(options.data.data_path, nus_wide);
  inputs.clip = load_clip(options.clip);
  return inputs;
}

void check_topk(std::int64_t topk, const clip::VisionOptions& vision) {
  TORCH_CHECK_VALUE(topk <= vision.grid * vision.grid, "--topk: expected 1 to ", vision.grid * vision.grid,
                    " (the patches of an image), got ", topk, ".");
}

std::string digest(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  io::Sha256 sum;
  sum.update(values.data_ptr(), values.nbytes());
  return sum.hex();
}

std::string digest(const std::vector<std::string>& names) {
  io::Sha256 sum;
  for (const std::string& name : names) sum.update(name.c_str(), name.size() + 1);
  return sum.hex();
}

}  // namespace mkt::train
