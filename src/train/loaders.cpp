#include "train/loaders.h"

#include "scoring/loading.h"

namespace mkt::train {

TrainingLoaders make_loaders(const TrainingOptions& options, const StepPlan& plan, const TrainingData& data,
                             std::int64_t image_size, const session::Session& session) {
  data::LoaderOptions train;
  train.batch_size = plan.batch_size;
  train.image_size = image_size;
  options.decoding.apply_to(train);
  train.seed = static_cast<std::uint64_t>(options.seed);
  train.shuffle = !options.no_shuffle;
  train.drop_last = true;
  train.transform = options.train_transform;
  train.preprocessing = data.preprocessing;
  train.pin_memory = session.runtime.device.is_cuda();
  train.rank = session.ranks.rank();
  train.world_size = session.ranks.size();
  train.even_shards = true;
  data::LoaderOptions test = scoring::evaluation_loader(options.decoding, options.test_batch_size, image_size,
                                                        data.preprocessing, session.runtime);
  test.rank = train.rank;
  test.world_size = train.world_size;
  return {std::make_unique<data::DataLoader>(data.train.paths, data.train.labels, train),
          std::make_unique<data::DataLoader>(data.test.paths, torch::Tensor(), test)};
}

}  // namespace mkt::train
