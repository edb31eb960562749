#include "train/training_data.h"

#include <tuple>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "mkt/data/dataset.h"
#include "scoring/loading.h"

namespace mkt::train {

TrainingData load_training_data(const TrainingOptions& options, const std::string& checkpoint,
                                const session::Session& session) {
  artifact::require_kind("clip-path", options.text.clip_path, artifact::FileKind::kClip);
  TrainingData data;
  std::tie(data.train, data.test) = data::load_dataset(
      options.data_path,
      scoring::reading_options(options.decoding.workers, options.limit_eval_images, session));
  data.clip = artifact::load_clip(options.text.clip_path, options.input_size, options.text.clip_facts);
  data.preprocessing = artifact::tuned_preprocessing(options.preprocessing, data.clip, checkpoint);
  artifact::log_preprocessing(data.preprocessing, data.clip.architecture.vision.resolution());
  return data;
}

}  // namespace mkt::train
