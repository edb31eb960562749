#include "artifact/checkpoint_facts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "artifact/encoders.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::artifact {
namespace {

using test::message_of;

clip::Weights tiny(const clip::Facts& facts = {}) {
  return {test::tiny_weights(), "ViT-B-16.pt", facts};
}

/// A stage-1 checkpoint of the tiny CLIP, with what it was trained with beside it.
struct Trained {
  std::string path = test::scratch_folder("trained") + "/model_epoch_3.pth";
  explicit Trained(const clip::Facts& facts = {}) {
    weights::save_pth(path, test::formula_student_state(test::tiny_clip_shape()));
    write_checkpoint_facts(path, tiny(facts), image::mkt_preprocessing(64), 16);
  }
  std::string message(const clip::Weights& clip) const {
    return message_of([&] { load_image_weights(clip, path); });
  }
};

TEST(CheckpointFacts, LieBesideTheCheckpoint) {
  const Trained trained;
  EXPECT_EQ(checkpoint_facts_path(trained.path), trained.path + ".json");
  const auto facts = nlohmann::json::parse(test::file_text(trained.path + ".json"));
  EXPECT_EQ(facts["clip"], "ViT-B-16.pt");
  EXPECT_EQ(facts["input_size"], 64);
  EXPECT_EQ(facts["vision"]["activation"], "quick-gelu");
  EXPECT_EQ(facts["vision"]["heads"], 2);
  EXPECT_EQ(trained_preprocessing(trained.path), image::mkt_preprocessing(64));
  EXPECT_EQ(facts["pooling"]["topk"], 16);
  EXPECT_EQ(trained.message(tiny()), "");
}

TEST(CheckpointFacts, HoldTheLossOfTheTraining) {
  const Trained trained;
  EXPECT_FALSE(nlohmann::json::parse(test::file_text(trained.path + ".json")).contains("loss"));
  write_checkpoint_facts(trained.path, tiny(), image::mkt_preprocessing(64), 16, {{"kind", "smooth-rank"}});
  EXPECT_EQ(nlohmann::json::parse(test::file_text(trained.path + ".json"))["loss"]["kind"], "smooth-rank");
  EXPECT_EQ(trained.message(tiny()), "");
}

/// What warn_of_other_scores() prints.
std::string score_warning(const std::string& checkpoint, model::ScoreKind kind,
                          const model::LocalPooling& pooling) {
  testing::internal::CaptureStderr();
  warn_of_other_scores(checkpoint, kind, pooling);
  return testing::internal::GetCapturedStderr();
}

TEST(CheckpointFacts, WarnOfScoresOtherThanThoseOfTheTraining) {
  const Trained trained;
  const model::LocalPooling soft(model::Pooling::kSoftmax, 20);
  EXPECT_EQ(score_warning(trained.path, model::ScoreKind::kMkt, 16), "");
  EXPECT_EQ(score_warning(trained.path, model::ScoreKind::kGlobal, soft), "") << "a score without patches";
  EXPECT_EQ(score_warning("", model::ScoreKind::kMkt, soft), "") << "no checkpoint";
  EXPECT_NE(
      score_warning(trained.path, model::ScoreKind::kMkt, soft)
          .find("model_epoch_3.pth: was trained with the 16 best patches, and is scored with the softmax "
                "of 20 × cosine. Set local, local-scale or topk as in training."),
      std::string::npos);
  EXPECT_NE(score_warning(trained.path, model::ScoreKind::kStandard, 4).find("with the 4 best patches"),
            std::string::npos);

  write_checkpoint_facts(trained.path, tiny(), image::mkt_preprocessing(64), soft, {{"kind", "asymmetric"}});
  EXPECT_EQ(score_warning(trained.path, model::ScoreKind::kMeanCosine, soft), "");
  EXPECT_NE(
      score_warning(trained.path, model::ScoreKind::kCosine, soft)
          .find("was trained with the asymmetric loss, which has the score mean-cosine, and is scored by "
                "cosine."),
      std::string::npos);
}

TEST(CheckpointFacts, RefuseAnotherActivationOrOtherHeads) {
  const Trained trained;
  clip::Facts gelu;
  gelu.vision.activation = {nn::Activation::kGelu, "test"};
  EXPECT_EQ(trained.message(tiny(gelu)),
            trained.path +
                ": expected vision activation \"quick-gelu\", with which it was trained, got \"gelu\". Use "
                "the CLIP weights and options of its training.");
  clip::Facts heads;
  heads.vision.heads = {4, "test"};
  EXPECT_NE(trained.message(tiny(heads)).find("expected vision heads 2, with which it was trained, got 4"),
            std::string::npos);
  EXPECT_EQ(Trained(gelu).message(tiny(gelu)), "");
}

TEST(CheckpointFacts, AreMissedWithAWarning) {
  const Trained trained;
  std::filesystem::remove(trained.path + ".json");
  testing::internal::CaptureStderr();
  EXPECT_EQ(trained.message(tiny()), "");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("model_epoch_3.pth.json is absent, so it is unknown"),
            std::string::npos);
  EXPECT_FALSE(trained_preprocessing(trained.path));
}

TEST(CheckpointFacts, AreRefusedIfTheyAreNotReadable) {
  const Trained trained;
  std::ofstream(trained.path + ".json") << "{}";
  EXPECT_NE(trained.message(tiny()).find(trained.path + ".json: expected what"), std::string::npos);
}

TEST(CheckOrigin, RefusesACheckpointOfOtherWeights) {
  const Trained trained;
  clip::Weights other = tiny();
  other.tensors["visual.conv1.weight"] = other.tensors["visual.conv1.weight"] * 1.5;
  EXPECT_EQ(trained.message(other),
            trained.path +
                ": expected the tensor 'visual.conv1.weight' of ViT-B-16.pt, which training does not "
                "change, got other values. Use the CLIP weights that the checkpoint was trained from.");
  clip::Weights tuned = tiny();
  tuned.tensors["visual.transformer.resblocks.3.ln_1.bias"] = torch::zeros({128});
  EXPECT_EQ(trained.message(tuned), "");
}

TEST(CheckOrigin, AcceptsTheSameWeightsInAnotherDtype) {
  const Trained trained;
  for (const auto dtype : {torch::kFloat16, torch::kBFloat16}) {
    clip::Weights other = tiny();
    for (auto& [name, tensor] : other.tensors) tensor = tensor.to(dtype);
    EXPECT_EQ(trained.message(other), "") << dtype;
  }
}

TEST(CheckOrigin, RefusesATextEncoderOfOtherWeights) {
  const std::string path = test::scratch_folder("stage2") + "/model_3.pth";
  weights::TensorMap text;
  for (const auto& [name, tensor] : test::tiny_weights()) {
    if (name.rfind("visual.", 0) != 0 && name != "logit_scale") text["module." + name] = tensor;
  }
  text["module.token_embedding.weight"] = text["module.token_embedding.weight"] * 0.9;
  weights::save_pth(path, text);
  EXPECT_EQ(message_of([&] { load_text_weights(tiny(), path); }), "");
  clip::Weights other = tiny();
  other.tensors["ln_final.bias"] = torch::zeros({128});
  EXPECT_NE(message_of([&] { load_text_weights(other, path); }).find("expected the tensor 'ln_final.bias'"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::artifact
