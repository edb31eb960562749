#include "commands/tagger_group.h"

namespace mkt::commands {

tagging::TaggerOptions TaggerGroup::value(const std::string& thresholds,
                                          const session::ComputeOptions& compute) const {
  tagging::TaggerOptions tagger;
  tagger.text = label_inputs(clip, features, txt_ckpt);
  tagger.label = label;
  tagger.labels = labels;
  tagger.data_path = data_path;
  tagger.img_ckpt = img_ckpt;
  tagger.input_size = clip.input_size;
  tagger.local = clip.local_pooling();
  tagger.score = *score;
  tagger.preprocessing = clip.preprocessing.value();
  tagger.thresholds = thresholds;
  tagger.compute = compute;
  tagger.statistics = statistics;
  tagger.seen_penalty = seen_penalty;
  tagger.patches = *patches;
  return tagger;
}

std::vector<std::string> tagger_option_names() {
  cli::OptionList list;
  const TaggerGroup group{list};
  std::vector<std::string> names;
  for (const cli::Setting& setting : list.settings()) names.push_back(setting.name);
  return names;
}

}  // namespace mkt::commands
