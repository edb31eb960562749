#include "artifact/file_kind.h"

#include <gtest/gtest.h>

#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"
#include "train/run_state.h"

namespace mkt::artifact {
namespace {

std::string kind_of(const std::string& path) {
  return enum_name(file_kind(path));
}

TEST(FileKind, KnowsClipUnderTheNamesOfEachProject) {
  for (const char* name :
       {"openai_archive.pt", "state_dict.pth", "state_dict_legacy.pth", "state_dict_module.pth",
        "hugging_face.safetensors", "open_clip_text_prefix.safetensors"}) {
    EXPECT_EQ(kind_of(test::golden(std::string("formats/") + name)), "CLIP weights") << name;
  }
}

TEST(FileKind, KnowsTheCheckpointsOfBothStages) {
  const auto shape = test::tiny_clip_shape();
  EXPECT_EQ(file_kind(test::formula_student_state(shape)), FileKind::kStage1);
  weights::TensorMap text;
  for (const auto& [name, tensor] : test::formula_clip_state(shape)) {
    if (name.rfind("visual.", 0) != 0) text[name] = tensor;
  }
  EXPECT_EQ(file_kind(text), FileKind::kStage2);
  EXPECT_EQ(kind_of(test::golden("nus-mini/NUS-WIDE/label_emb.pt")), "label features");
}

TEST(FileKind, KnowsClipInALightningCheckpointAndAShard) {
  const std::string folder = test::scratch_folder("lightning");
  weights::TensorMap lightning;
  for (const auto& [name, tensor] : test::tiny_weights()) lightning["model._orig_mod." + name] = tensor;
  weights::save_pth(folder + "/last.ckpt", lightning);
  EXPECT_EQ(kind_of(folder + "/last.ckpt"), "CLIP weights");
  lightning["loss.temperature"] = torch::ones({1});
  weights::save_pth(folder + "/mixed.ckpt", lightning);
  EXPECT_EQ(kind_of(folder + "/mixed.ckpt"), "tensors of another kind");
  const weights::TensorMap part{{"text_model.embeddings.token_embedding.weight", torch::ones({4, 4})}};
  weights::save_pth(folder + "/model-00001-of-00002.safetensors", part);
  EXPECT_EQ(kind_of(folder + "/model-00001-of-00002.safetensors"), "a shard of weights");
}

TEST(FileKind, KnowsARunsStateBeforeAndAfterItsFirstStep) {
  const std::string folder = test::scratch_folder("state");
  train::RunState state{"", {{"stage", 1}}, {{"step", 0}}, {{"model.ln_post.bias", torch::ones({2})}}};
  train::save_run_state(folder, 0, state, 2);
  EXPECT_EQ(kind_of(folder + "/step-0000000000.safetensors"), "the state of a training run");
  state.tensors["optimizer.step.ln_post.bias"] = torch::ones({1});
  train::save_run_state(folder, 1, state, 2);
  EXPECT_EQ(kind_of(folder + "/step-0000000001.safetensors"), "the state of a training run");
}

TEST(FileKind, ReportsFilesOfUnknownKindAsTheirReaderDoes) {
  const std::string page = test::golden("bad/html.jpg");
  const std::string message = test::message_of([&] { file_kind(page); });
  EXPECT_NE(message.find(page + ": expected a .pth, TorchScript or safetensors file"), std::string::npos)
      << message;
  EXPECT_EQ(file_kind(weights::TensorMap{{"layer1.weight", torch::ones({1})}, {"fc.bias", torch::ones({1})}}),
            FileKind::kOther);
}

TEST(RequireKind, NamesOptionFileAndKind) {
  const std::string file = test::golden("formats/openai_archive.pt");
  const auto message = [&](FileKind expected) {
    return test::message_of([&] { require_kind("img-ckpt", file, expected); });
  };
  EXPECT_EQ(message(FileKind::kClip), "");
  EXPECT_EQ(message(FileKind::kStage1),
            "img-ckpt: expected a stage-1 checkpoint, got CLIP weights in " + file + ".");
  EXPECT_EQ(test::message_of([] { require_kind("img-ckpt", "", FileKind::kClip); }), "");
  try {
    require_kind("img-ckpt", file, FileKind::kStage1);
  } catch (const WrongFileKind& error) {
    EXPECT_EQ(error.kind(), FileKind::kClip);
  }
}

}  // namespace
}  // namespace mkt::artifact
