#include <fstream>
#include <memory>
#include <vector>

#include "artifact/encoders.h"
#include "bench/peer_works.h"
#include "bench/products.h"
#include "bench/ways.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/data/loader.h"
#include "mkt/model/student.h"
#include "mkt/text/tokenizer.h"
#include "scoring/evaluation.h"
#include "scoring/loading.h"

namespace mkt::bench {
namespace {

/// Tasks for a training stage: step, products, and check, which writes the losses of two steps.
Work step_work(const std::shared_ptr<Way>& way, const std::function<void()>& products,
               const std::string& folder) {
  return {{"step", [way] { way->step(); }},
          {"products", products},
          {"check", [way, folder] {
             const double first = way->step().item<double>();
             write_file(folder + "/ours.raw",
                        torch::tensor({first, way->step().item<double>()}, torch::kFloat64));
           }}};
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  TORCH_CHECK(!lines.empty(), path, ": expected lines, got none. Start the benchmark with scripts/bench.sh.");
  return lines;
}

}  // namespace

Work encode_work(const std::string& folder) {
  const std::string weights = folder + "/clip.pth";
  const clip::VisionEncoder encoder = clip::make_vision_encoder({weights::load_tensors(weights), weights});
  const std::int64_t side = encoder->options.resolution();
  std::string bytes = read_file(folder + "/images.raw");
  const auto values = static_cast<std::int64_t>(bytes.size() / sizeof(float));
  const torch::Tensor images = torch::from_blob(bytes.data(), {values}).view({-1, 3, side, side}).clone();
  const clip::FrozenVisionEncoder frozen(encoder);
  return {{"encode", [=] { frozen.forward(images); }},
          {"products", image_products(encoder->options, images.size(0), encoder->options.layers)},
          {"check", [=] { write_file(folder + "/ours.raw", frozen.forward(images)); }}};
}

Work stage1_work(const std::string& folder) {
  const weights::TensorMap given = weights::load_tensors(folder + "/given.pth");
  const Stage1Given all{weights::load_tensors(folder + "/clip.pth"),
                        weights::load_tensors(folder + "/student.pth"),
                        given.at("images"),
                        given.at("labels"),
                        given.at("label_features"),
                        {}};
  return step_work(make_our_stage1(all), stage1_products(all), folder);
}

Work stage2_work(const std::string& folder) {
  const weights::TensorMap given = weights::load_tensors(folder + "/given.pth");
  const weights::TensorMap clip = weights::load_tensors(folder + "/clip.pth");
  const clip::TextOptions text = clip::text_options(clip);
  const text::Tokenizer tokenizer(text::default_merges_path(), text.vocabulary);
  const Stage2Given all{
      clip,
      weights::load_tensors(folder + "/student.pth"),
      model::make_prompts(lines_of(folder + "/labels.txt"), model::PromptTemplate(model::kDefaultTemplate),
                          tokenizer, text.context),
      given.at("images"),
      given.at("labels"),
      {}};
  return step_work(make_our_stage2(all), stage2_products(all), folder);
}

Work eval_work(const std::string& folder) {
  const weights::TensorMap given = weights::load_tensors(folder + "/given.pth");
  const torch::Tensor label_features = given.at("label_features");
  const auto session = std::make_shared<session::Session>(session::start_session({}, {}));
  const auto encoder = artifact::load_image_encoder({weights::load_tensors(folder + "/clip.pth"), "clip.pth"},
                                                    folder + "/student.pth", session->runtime);
  const auto images = lines_of(folder + "/list");
  const scoring::ScoringOptions scoring{label_features, label_features.size(0) - given.at("unseen").size(0)};
  const auto score = [=] {
    constexpr std::int64_t kBatch = 64;  // default batch size in eval
    const scoring::Decoding decoding{8, data::OnBadImage::kError, false};
    data::DataLoader loader(images, torch::Tensor(),
                            scoring::evaluation_loader(decoding, kBatch, encoder.options().resolution(),
                                                       image::Preprocessing{}, session->runtime));
    return scoring::score_images(encoder, loader, scoring, *session);
  };
  return {{"eval", [=] { score(); }},
          {"products", image_products(encoder.options(), static_cast<std::int64_t>(images.size()),
                                      encoder.options().layers)},
          {"check", [=] { write_file(folder + "/ours.raw", score().gzsl); }}};
}

}  // namespace mkt::bench
