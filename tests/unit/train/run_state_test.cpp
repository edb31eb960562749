#include "train/run_state.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/text.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;

RunState state_at(double step) {
  RunState state;
  state.path = "step-1";
  state.identity = {{"seed", 42}, {"lr", 0.001}};
  state.progress = {{"epoch", 3}, {"sums", {0.1, step}}};
  state.tensors["model.w"] = torch::full({2, 3}, step);
  return state;
}

TEST(RunState, ComesBackAsItWas) {
  const std::string folder = test::scratch_folder("state");
  save_run_state(folder, 7, state_at(0.1), 2);
  const auto found = newest_run_state(folder);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->identity, state_at(0.1).identity);
  EXPECT_EQ(found->progress, state_at(0.1).progress);  // doubles are bit-identical
  EXPECT_TRUE(found->tensors.at("model.w").equal(state_at(0.1).tensors.at("model.w")));
}

TEST(RunState, KeepsTheNewestAndSkipsADamagedOne) {
  const std::string folder = test::scratch_folder("state");
  for (const std::int64_t step : {1, 2, 10})
    save_run_state(folder, step, state_at(static_cast<double>(step)), 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 2);
  EXPECT_NE(newest_run_state(folder)->path.find("10"), std::string::npos);
  fs::resize_file(newest_run_state(folder)->path, 60);
  EXPECT_EQ(newest_run_state(folder)->tensors.at("model.w")[0][0].item<double>(), 2);
}

TEST(RunState, NewerStatesAreRenamedWhenARunContinuesFromAnOlderOne) {
  const std::string folder = test::scratch_folder("state");
  for (const std::int64_t step : {3, 4, 5})
    save_run_state(folder, step, state_at(static_cast<double>(step)), 9);
  set_aside_newer(folder, folder + "/step-0000000003.safetensors");
  save_run_state(folder, 4, state_at(40), 1);  // keeps only the state just saved
  EXPECT_EQ(newest_run_state(folder)->tensors.at("model.w")[0][0].item<double>(), 40);
  EXPECT_TRUE(fs::exists(folder + "/step-0000000005.safetensors.superseded"));
}

TEST(RunState, AnEmptyFolderHasNone) {
  EXPECT_FALSE(newest_run_state(test::scratch_folder("state")).has_value());
  EXPECT_FALSE(newest_run_state("/nowhere").has_value());
}

TEST(RunState, NamesTheOptionThatDiffers) {
  const std::string message = test::message_of([] {
    check_identity(state_at(1), {{"seed", 42}, {"lr", 0.5}});
  });
  EXPECT_NE(message.find("resume: step-1 was saved with lr = 0.001, this run has 0.5"), std::string::npos)
      << message;
}

TEST(RunState, NamesTheOptionThatOnlyOneRunHas) {
  RunState state = state_at(1);
  const nlohmann::ordered_json same = state.identity;
  EXPECT_EQ(test::message_of([&] { check_identity(state, same); }), "");
  nlohmann::ordered_json more = same;
  more["preprocessing"] = "squash";
  EXPECT_EQ(test::message_of([&] { check_identity(state, more); }),
            "resume: step-1 was saved with preprocessing = nothing, this run has \"squash\". Use the same "
            "value, or "
            "start a new run in another output folder.");
  state.identity = more;
  EXPECT_EQ(test::message_of([&] { check_identity(state, same); }),
            "resume: step-1 was saved with preprocessing = \"squash\", this run has nothing. Use the same "
            "value, or "
            "start a new run in another output folder.");
}

TEST(RunState, ComesBackFromAFolderWhoseNameIsNotUtf8) {
  const std::string folder = test::scratch_folder("state") + "/caf\xE9";
  fs::create_directories(folder);
  RunState state = state_at(0.1);
  state.identity["data"] = folder;
  save_run_state(folder, 7, state, 2);
  const auto found = newest_run_state(folder);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(test::message_of([&] { check_identity(*found, state.identity); }), "");
  state.identity["data"] = "other";
  EXPECT_EQ(test::message_of([&] { check_identity(*found, state.identity); }).rfind("resume: ", 0), 0U);
}

TEST(RunState, IsRefusedIfItsModelIsAnother) {
  const RunState state = state_at(1);
  EXPECT_EQ(test::message_of([&] { check_model(state, state.tensors); }), "");
  const auto message = [&](const weights::TensorMap& expected) {
    return test::message_of([&] { check_model(state, expected); });
  };
  EXPECT_NE(
      message({{"model.w", torch::zeros({1})}}).find("step-1: expected 'model.w' of shape [1], got [2, 3]"),
      std::string::npos);
  EXPECT_NE(message({{"model.w", torch::zeros({2, 3})}, {"model.b", torch::zeros({2})}})
                .find("step-1: expected a tensor 'model.b', got none"),
            std::string::npos);
  EXPECT_NE(message({}).find("got 'model.w' too"), std::string::npos);
}

TEST(RunState, IsRefusedIfItsProgressIsOutsideTheRun) {
  RunState state = state_at(1);
  const auto message = [&] { return test::message_of([&] { RunProgress::of(state, 4, 10); }); };
  EXPECT_NE(message().find("step-1: expected a run's progress"), std::string::npos) << message();
  state.progress = {{"epoch", 4}, {"step", 0}, {"metrics_bytes", 9}, {"sums", {0, 0, 0, 0}}, {"scaler", {}}};
  EXPECT_EQ(message(), "");
  for (const char* number : {"epoch", "step"}) {
    const auto before = state.progress[number];
    state.progress[number] = 11;
    EXPECT_NE(message().find("expected progress in a run of 4 epochs of 10 steps"), std::string::npos);
    state.progress[number] = before;
  }
}

}  // namespace
}  // namespace mkt::train
