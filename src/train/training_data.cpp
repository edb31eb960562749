#include "train/training_data.h"

#include <tuple>

#include "artifact/encoders.h"
#include "core/log.h"
#include "mkt/data/open_dataset.h"
#include "scoring/loading.h"

namespace mkt::train {

TrainingData load_training_data(const TrainingOptions& options, const session::Session& session) {
  if (session.is_main() && options.momentum != TrainingOptions{}.momentum) {
    log::warning("momentum has no effect, as in the original: AdamW has none");
  }
  io::require_file("clip-path", options.clip.clip_path);
  TrainingData data;
  std::tie(data.train, data.test) = data::load_data_set(
      options.data.data_path, scoring::reading_options(options.data, options.limit_eval_images, session));
  data.clip_weights = artifact::load_clip(options.clip);
  return data;
}

}  // namespace mkt::train
