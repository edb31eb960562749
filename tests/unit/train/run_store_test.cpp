#include "train/run_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/numbered_lines.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::train {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSteps = 10;  // steps per epoch

const nlohmann::ordered_json kIdentity = {{"seed", 42}, {"lr", 0.001}, {"on_bad_image", "error"}};

weights::TensorMap tensors_of(double value) {
  return {{"model.w", torch::full({2, 3}, value)}, {"optimizer.m", torch::full({2, 3}, -value)}};
}

double value_of(const ResumePoint& point) {
  return point.state.tensors.at("model.w")[0][0].item<double>();
}

nlohmann::ordered_json step_record(std::int64_t step) {
  return {{"kind", "step"}, {"epoch", 0}, {"step", step}, {"lr", 0.5}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Opens a run folder repeatedly, as successive processes of one run would.
class RunStoreTest : public testing::Test {
 protected:
  RunStore open(const std::string& resume, const nlohmann::ordered_json& identity = kIdentity) {
    options.resume = resume;
    return {options, identity, ranks, [this] { return now; }};
  }

  /// Starts a run that saves a state after each of `steps`; the tensors' values are the step number.
  void run_and_save(const std::vector<std::int64_t>& steps) {
    RunStore store = open("");
    store.begin("seed = 42\n", std::nullopt);
    for (const std::int64_t step : steps) {
      store.record(step_record(step - 1));
      store.save({0, step, 0, {}, {}}, tensors_of(static_cast<double>(step)));
    }
  }

  std::vector<std::string> state_files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(options.output + "/state")) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string state_file(const std::string& name) const { return options.output + "/state/" + name; }

  RunStoreOptions options{test::scratch_folder("store") + "/run", "", 3, 0, 2, 4, kSteps};
  distributed::Communicator ranks;
  double now = 0;  // time on the stores' clock, in seconds
};

TEST_F(RunStoreTest, ANewRunHasNothingToResume) {
  EXPECT_FALSE(open("").find().has_value());
  EXPECT_FALSE(open("auto").find().has_value());
}

TEST_F(RunStoreTest, FindsTheNewestStateAsItWasSaved) {
  options.keep_states = 9;
  run_and_save({3, 6});
  {
    RunStore store = open("auto");
    store.begin("", std::nullopt);
    store.save({1, 2, 0, {0.1, 0.2, 3, 12}, {{"factor", 8.0}}}, tensors_of(12));
  }
  const auto point = open("auto").find();
  ASSERT_TRUE(point.has_value());
  EXPECT_EQ(fs::path(point->state.path).filename(), "step-0000000012.safetensors");
  EXPECT_EQ(value_of(*point), 12);
  EXPECT_EQ(point->progress.epoch, 1);
  EXPECT_EQ(point->progress.step, 2);
  EXPECT_EQ(point->progress.sums.rank_loss, 0.1);  // bit-identical
  EXPECT_EQ(point->progress.sums.dist_loss, 0.2);
  EXPECT_EQ(point->progress.sums.steps, 3);
  EXPECT_EQ(point->progress.sums.images, 12);
  EXPECT_EQ(point->progress.scaler["factor"], 8.0);
}

TEST_F(RunStoreTest, FallsBackToTheNewestStateThatCanBeRead) {
  run_and_save({3, 6});
  fs::resize_file(state_file("step-0000000006.safetensors"), 60);
  const auto point = open("auto").find();
  ASSERT_TRUE(point.has_value());
  EXPECT_EQ(value_of(*point), 3);
}

TEST_F(RunStoreTest, ResumesFromANamedStateAndRenamesTheNewerOnes) {
  run_and_save({3, 6});
  RunStore store = open(state_file("step-0000000003.safetensors"));
  const auto point = store.find();
  ASSERT_TRUE(point.has_value());
  EXPECT_EQ(state_files().back(), "step-0000000006.safetensors") << "nothing changes before begin()";
  store.begin("", point);
  EXPECT_EQ(state_files().back(), "step-0000000006.safetensors.superseded");
}

TEST_F(RunStoreTest, RemovesRecordsMadeAfterTheState) {
  run_and_save({1, 2});
  RunStore store = open(state_file("step-0000000001.safetensors"));
  store.begin("", store.find());
  EXPECT_EQ(io::read_lines(options.output + "/metrics.jsonl"),
            std::vector<std::string>{step_record(0).dump()});
}

TEST_F(RunStoreTest, RefusesAStateOfAnotherIdentityNamingTheOption) {
  run_and_save({3});
  nlohmann::ordered_json other = kIdentity;
  other["lr"] = 0.5;
  const std::string message = test::message_of([&] { open("auto", other).find(); });
  EXPECT_TRUE(contains(message, "was saved with lr = 0.001, this run has 0.5")) << message;
  EXPECT_TRUE(contains(message, state_file("step-0000000003.safetensors"))) << message;
}

TEST_F(RunStoreTest, ARunThatFailedAtABadImageMayBeResumedWithAnotherPolicy) {
  run_and_save({3});
  nlohmann::ordered_json other = kIdentity;
  other["on_bad_image"] = "skip";
  EXPECT_TRUE(open("auto", other).find().has_value());
}

TEST_F(RunStoreTest, AStateWithoutALossWasTrainedWithThePublishedOne) {
  run_and_save({3});
  nlohmann::ordered_json other = kIdentity;
  other["loss"] = "smooth-rank, scale 20.0";
  const std::string message = test::message_of([&] { open("auto", other).find(); });
  EXPECT_TRUE(contains(message,
                       "was saved with loss = \"rank, margin 1.0\", this run has \"smooth-rank, "
                       "scale 20.0\". Use the same value"))
      << message;
}

TEST_F(RunStoreTest, AStateOfAnEarlierBuildHoldsImagesThatWereNotRotated) {
  run_and_save({3});
  nlohmann::ordered_json identity = kIdentity;
  identity["exif_rotate"] = false;
  EXPECT_TRUE(open("auto", identity).find().has_value());
  identity["exif_rotate"] = true;
  const std::string message = test::message_of([&] { open("auto", identity).find(); });
  EXPECT_TRUE(contains(message, "was saved with exif_rotate = false, this run has true")) << message;
}

TEST_F(RunStoreTest, RefusesAProgressOutsideTheRun) {
  run_and_save({3});
  options.steps_per_epoch = 2;
  const std::string message = test::message_of([&] { open("auto").find(); });
  EXPECT_TRUE(contains(message, "4 epochs of 2 steps")) << message;
}

TEST_F(RunStoreTest, RefusesToWriteIntoAnotherRun) {
  run_and_save({3});
  const std::string state = state_file("step-0000000003.safetensors");
  EXPECT_TRUE(contains(test::message_of([&] { open(""); }), "holds an earlier run"));
  options.output = test::scratch_folder("store") + "/other";
  run_and_save({3});
  const std::string message = test::message_of([&] { open(state).find(); });
  EXPECT_TRUE(contains(message, state + " is a state of another run")) << message;
}

TEST_F(RunStoreTest, StartsANewRunFromAStateElsewhere) {
  run_and_save({3});
  const std::string state = state_file("step-0000000003.safetensors");
  options.output = test::scratch_folder("store") + "/other";
  RunStore store = open(state);
  const auto point = store.find();
  ASSERT_TRUE(point.has_value());
  store.begin("", point);
  EXPECT_TRUE(fs::exists(state)) << "the other run stays as it is";
  EXPECT_TRUE(io::read_lines(options.output + "/metrics.jsonl").empty());
}

TEST_F(RunStoreTest, RefusesARunWithCheckpointsButNoStateThatCanBeRead) {
  run_and_save({3});
  fs::resize_file(state_file("step-0000000003.safetensors"), 60);
  EXPECT_FALSE(open("auto").find().has_value()) << "without checkpoints nothing is lost by a new start";
  std::ofstream(options.output + "/model_0.pth") << "weights";
  const std::string message = test::message_of([&] { open("auto").find(); });
  EXPECT_TRUE(contains(message, "holds checkpoints, but no state that can be read")) << message;
}

TEST_F(RunStoreTest, NamesAStateFileThatIsMissing) {
  const std::string message = test::message_of([&] { open("/nowhere/a.safetensors").find(); });
  EXPECT_TRUE(contains(message, "resume: ")) << message;
  EXPECT_TRUE(contains(message, "/nowhere/a.safetensors")) << message;
}

TEST_F(RunStoreTest, KeepsTheNewestStates) {
  run_and_save({1, 2, 3, 4});
  EXPECT_EQ(state_files(),
            (std::vector<std::string>{"step-0000000003.safetensors", "step-0000000004.safetensors"}));
}

TEST_F(RunStoreTest, StatesAreDueBySteps) {
  const RunStore store = open("");
  for (std::int64_t step = 1; step <= kSteps; ++step) {
    EXPECT_EQ(store.is_due(step), step == 3 || step == 6 || step == 9) << step;
  }
  options.output += "-rarely";
  options.checkpoint_every = 0;
  EXPECT_FALSE(open("").is_due(3));
}

TEST_F(RunStoreTest, StatesAreDueByTimeSinceTheLastOne) {
  options.checkpoint_every = 0;
  options.checkpoint_minutes = 2;
  RunStore store = open("");
  store.begin("", std::nullopt);
  EXPECT_FALSE(store.is_due(1));
  now = 119;
  EXPECT_FALSE(store.is_due(1));
  now = 120;
  EXPECT_TRUE(store.is_due(1));
  EXPECT_FALSE(store.is_due(kSteps)) << "the epoch's end saves a state anyway";
  store.save({0, 1, 0, {}, {}}, tensors_of(1));
  EXPECT_FALSE(store.is_due(2));
  now = 240;
  EXPECT_TRUE(store.is_due(2));
}

TEST_F(RunStoreTest, NeitherStepsNorTimeNeverSavesWithinAnEpoch) {
  options.checkpoint_every = 0;
  const RunStore store = open("");
  now = 1e9;
  for (std::int64_t step = 1; step <= kSteps; ++step) EXPECT_FALSE(store.is_due(step)) << step;
}

TEST_F(RunStoreTest, RefusesADiskThatIsTooSmall) {
  const RunStore store = open("");
  EXPECT_NO_THROW(store.check_space(1, 1));
  const std::string message = test::message_of([&] { store.check_space(std::int64_t{1} << 60, 1); });
  EXPECT_TRUE(contains(message, "output: " + options.output + " has ")) << message;
  EXPECT_TRUE(contains(message, "one state and one epoch's checkpoints take 1073741824.000")) << message;
}

TEST_F(RunStoreTest, WritesCheckpointsIntoItsFolder) {
  const RunStore store = open("");
  store.save_checkpoint("model_0.pth", tensors_of(7));
  EXPECT_EQ(store.checkpoint_path("model_0.pth"), options.output + "/model_0.pth");
  EXPECT_TRUE(weights::load_tensors(store.checkpoint_path("model_0.pth"))
                  .at("model.w")
                  .equal(tensors_of(7).at("model.w")));
}

}  // namespace
}  // namespace mkt::train
