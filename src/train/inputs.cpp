#include "train/inputs.h"

#include <tuple>

#include "artifact/encoders.h"
#include "core/log.h"
#include "mkt/data/dataset.h"
#include "scoring/loading.h"

namespace mkt::train {

TrainingInputs load_inputs(const TrainingOptions& options, const session::Session& session) {
  if (session.is_main() && options.momentum != TrainingOptions{}.momentum) {
    log::warning("--momentum is accepted and has no effect, as in the original: AdamW has none");
  }
  io::require_file("clip-path", options.clip.clip_path);
  TrainingInputs inputs;
  std::tie(inputs.train, inputs.test) = data::load_dataset(
      options.data.data_path, scoring::reading_options(options.data, options.limit_eval_images, session));
  inputs.clip = artifact::load_clip(options.clip);
  return inputs;
}

}  // namespace mkt::train
