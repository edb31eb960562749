#include "inputs.h"

#include <tuple>

#include "mkt/core/log.h"
#include "mkt/data/data_set.h"
#include "mkt/io/sha256.h"
#include "mkt/train/encoders.h"

namespace mkt::train {

data::NusWideOptions reading_options(const DataOptions& data, std::int64_t limit, const Session& session) {
  data::NusWideOptions reading;
  reading.workers = static_cast<int>(data.workers);
  reading.limit = limit;
  reading.look_for_images = session.ranks.topology().local_rank == 0;
  return reading;
}

TrainingInputs load_inputs(const TrainingOptions& options, const Session& session) {
  if (session.is_main() && options.momentum != TrainingOptions{}.momentum) {
    log::warning("--momentum is accepted and has no effect, as in the original: AdamW has none");
  }
  require_file("clip-path", options.clip.clip_path);
  TrainingInputs inputs;
  std::tie(inputs.train, inputs.test) = data::load_data_set(
      options.data.data_path, reading_options(options.data, options.limit_eval_images, session));
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

std::string digest(const std::vector<data::LabelSet>& sets) {
  io::Sha256 sum;
  for (const data::LabelSet& set : sets) {
    const auto size = static_cast<std::int64_t>(set.labels.size());
    sum.update(set.name.c_str(), set.name.size() + 1);
    sum.update(&size, sizeof(size));
    sum.update(set.labels.data(), set.labels.size() * sizeof(set.labels[0]));
  }
  return sum.hex();
}

}  // namespace mkt::train
