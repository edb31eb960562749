#include "train/trainer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <tuple>

#include "io/numbered_lines.h"
#include "mkt/data/dataset.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::train {
namespace {

constexpr std::int64_t kImages = 8;  // training images in the miniature data set
constexpr std::int64_t kNever = -1;

const TrainingData& mini_data() {
  static const TrainingData data = [] {
    TrainingData read;
    std::tie(read.train, read.test) = data::load_dataset(test::golden("nus-mini/NUS-WIDE"));
    return read;
  }();
  return data;
}

/// A stage with three weights, fitted to the images' mean colour by plain gradient descent.
class FakeStage : public Stage {
 public:
  std::string name() const override { return "fake stage"; }
  bool has_distillation() const override { return false; }
  nlohmann::ordered_json identity() const override { return {{"stage", 0}}; }
  std::string checkpoint_name(std::int64_t epoch) const override {
    return fmt::format("model_{}.pth", epoch);
  }

  void begin_step() override { calls += "b"; }
  void end_step() override { calls += "e"; }

  Losses losses(const torch::Tensor& images, const torch::Tensor& /*labels*/,
                const torch::Tensor& /*rows*/) override {
    calls += "l";
    const torch::Tensor distance = (images.mean({2, 3}) - weights_).square().sum(1).mean();
    ++batches_;
    return {batches_ == bad_batch ? distance * std::numeric_limits<double>::infinity() : distance, {}};
  }

  loss::LabelLoss& label_loss() override { return *label_loss_; }
  std::vector<torch::Tensor> parameters() const override { return {weights_}; }
  weights::TensorMap averaged() override { return {{"weights", weights_}}; }

  void update(double lr) override {
    calls += "u";
    const torch::NoGradGuard no_grad;
    rates.push_back(lr);
    last_gradient = weights_.grad().clone();
    weights_ -= lr * weights_.grad();
    history.push_back(weights_.detach().clone());
  }

  weights::TensorMap state() override { return {{"model.weights", weights_.detach().clone()}}; }
  void load_state(const weights::TensorMap& state) override {
    const torch::NoGradGuard no_grad;
    weights_.copy_(state.at("model.weights"));
  }
  weights::TensorMap checkpoint() override { return state(); }

  clip::FrozenVisionEncoder image_encoder() override {
    return clip::make_frozen_vision_encoder({test::tiny_weights(), "golden CLIP"});
  }
  torch::Tensor label_features() override {
    const auto labels = static_cast<std::int64_t>(data::all_labels(mini_data().test).size());
    return test::formula_tensor("labels", {labels, test::tiny_clip_shape().embed_dim}, -1, 1);
  }

  std::string calls;  ///< order of the calls: (b)egin_step, (l)osses, (e)nd_step, (u)pdate
  std::vector<double> rates;
  torch::Tensor last_gradient;
  std::vector<torch::Tensor> history;  ///< the weights after each update
  std::int64_t bad_batch = kNever;     ///< number of the batch with an infinite loss, counted from 1

 private:
  torch::Tensor weights_ = torch::zeros({3}).requires_grad_();
  std::unique_ptr<loss::LabelLoss> label_loss_ = loss::make_label_loss();
  std::int64_t batches_ = 0;
};

/// Settings for a short run: two epochs, two steps per epoch, four images per step unless a test changes
/// them.
struct ShortRun {
  std::string output = test::scratch_folder("trainer") + "/run";
  std::string resume;
  std::int64_t batch_size = 4;
  std::int64_t accumulate = 1;
  std::int64_t epochs = 2;
  std::int64_t eval_every = 0;
  bool average_per_rank = false;
  session::Precision precision = session::Precision::kFp32;
  double ema = 0;

  /// Trains `stage`; returns the last checkpoint's path.
  std::string train(FakeStage& stage) const {
    TrainingOptions options{};
    options.seed = 42;
    options.test_batch_size = 471;
    options.batch_size = batch_size;
    options.accumulate = accumulate;
    options.decoding.workers = 0;
    session::Session session{distributed::Communicator(), {torch::kCPU, precision}};
    const StepPlan plan = plan_steps(options, kImages, 1);
    const TrainingLoaders loaders = make_loaders(options, plan, mini_data(), 64, session);
    RunStore store({output, resume, 1, 0, 99, epochs, plan.steps_per_epoch}, stage.identity(), session.ranks);
    Trainer trainer({plan, {0.1, 0, 0, 2}, epochs, eval_every, average_per_rank, 5, ema}, mini_data(),
                    loaders, stage, store, session);
    const auto point = store.find();
    if (point) trainer.resume(*point);
    store.begin("", point);
    return trainer.run();
  }

  std::vector<nlohmann::json> records(const std::string& kind) const {
    std::vector<nlohmann::json> found;
    for (const std::string& line : io::read_lines(output + "/metrics.jsonl")) {
      const auto record = nlohmann::json::parse(line);
      if (record["kind"] == kind) found.push_back(record);
    }
    return found;
  }

  std::string state_file(std::int64_t step) const {
    return fmt::format("{}/state/step-{:010}.safetensors", output, step);
  }
};

TEST(Trainer, TakesTheStepsOfAllEpochs) {
  const ShortRun run;
  FakeStage stage;
  EXPECT_EQ(run.train(stage), run.output + "/model_1.pth");
  EXPECT_EQ(stage.calls, "bleubleubleubleu");
  ASSERT_EQ(stage.rates.size(), 4U);
  EXPECT_EQ(stage.rates[0], 0.1);
  EXPECT_EQ(stage.rates[2], 0.05) << "half of the cosine";
  EXPECT_EQ(run.records("step").size(), 4U);
  EXPECT_EQ(run.records("step")[3]["lr"], stage.rates[3]);
  EXPECT_EQ(run.records("epoch").size(), 2U);
  EXPECT_LT(run.records("epoch")[1]["rank_loss"], run.records("epoch")[0]["rank_loss"]);
}

TEST(Trainer, SavesACheckpointPerEpochAndAStatePerStep) {
  const ShortRun run;
  FakeStage stage;
  run.train(stage);
  for (const std::int64_t step : {1, 2, 3, 4})
    EXPECT_TRUE(std::filesystem::exists(run.state_file(step))) << step;
  const auto last = weights::load_tensors(run.output + "/model_1.pth");
  EXPECT_TRUE(last.at("weights").equal(stage.state().at("model.weights")));
  EXPECT_FALSE(weights::load_tensors(run.output + "/model_0.pth").at("weights").equal(last.at("weights")));
}

TEST(Trainer, EvaluatesAsOftenAsAskedAndAtTheEnd) {
  ShortRun run;
  run.epochs = 3;
  run.eval_every = 2;
  FakeStage stage;
  run.train(stage);
  const auto evaluations = run.records("eval");
  ASSERT_EQ(evaluations.size(), 2U);
  EXPECT_EQ(evaluations[0]["epoch"], 1);
  EXPECT_EQ(evaluations[1]["epoch"], 2);
  EXPECT_EQ(evaluations[0]["images"], mini_data().test.names.size());
}

TEST(Trainer, AResumedRunEndsInTheSameBits) {
  const ShortRun run;
  FakeStage whole;
  run.train(whole);
  for (const std::int64_t step : {1, 2, 3, 4}) {
    ShortRun resumed;
    resumed.resume = run.state_file(step);
    FakeStage stage;
    resumed.train(stage);
    EXPECT_TRUE(stage.state().at("model.weights").equal(whole.state().at("model.weights"))) << step;
    EXPECT_EQ(resumed.records("step").size(), static_cast<std::size_t>(4 - step));
  }
}

TEST(Trainer, RefusesAStateOfAnotherModel) {
  const ShortRun run;
  FakeStage stage;
  run.train(stage);
  auto state = load_run_state(run.state_file(1));
  state.tensors = {{"model.other", torch::zeros({3})}};
  const std::string folder = test::scratch_folder("trainer");
  save_run_state(folder, 1, state, 1);
  ShortRun resumed;
  resumed.resume = folder + "/step-0000000001.safetensors";
  const std::string message = test::message_of([&] { resumed.train(stage); });
  EXPECT_NE(message.find("expected a tensor 'model.weights', got none"), std::string::npos) << message;
}

/// The moving average of the weights, which start at zero.
torch::Tensor plain_average(const std::vector<torch::Tensor>& history, double decay) {
  torch::Tensor average = torch::zeros({3}, torch::kFloat64);
  for (const torch::Tensor& weights : history) average = decay * average + (1 - decay) * weights;
  return average.to(torch::kFloat32);
}

TEST(Trainer, SavesAndEvaluatesTheMovingAverageBesideTheWeights) {
  ShortRun run;
  run.ema = 0.75;
  FakeStage stage;
  EXPECT_EQ(run.train(stage), run.output + "/model_1.pth");
  const torch::Tensor last = weights::load_tensors(run.output + "/model_1.pth").at("weights");
  EXPECT_TRUE(last.equal(stage.history.back())) << "the weights are those of the optimiser again";
  const torch::Tensor average = weights::load_tensors(run.output + "/model_1.ema.pth").at("weights");
  EXPECT_TRUE(torch::allclose(average, plain_average(stage.history, 0.75), 1e-6, 1e-7));
  EXPECT_FALSE(torch::allclose(average, last, 1e-2));
  EXPECT_TRUE(std::filesystem::exists(run.output + "/model_1.ema.pth.json"));
  EXPECT_EQ(run.records("epoch")[1]["ema_checkpoint"], run.output + "/model_1.ema.pth");
  const auto evaluations = run.records("eval");
  ASSERT_EQ(evaluations.size(), 2U);
  EXPECT_FALSE(evaluations[0].contains("weights"));
  EXPECT_EQ(evaluations[1]["weights"], "ema");
}

TEST(Trainer, AMovingAverageChangesNothingElse) {
  const ShortRun plain;
  FakeStage without;
  plain.train(without);
  ShortRun averaged;
  averaged.ema = 0.5;
  FakeStage with;
  averaged.train(with);
  EXPECT_TRUE(with.state().at("model.weights").equal(without.state().at("model.weights")));
  EXPECT_EQ(with.calls, without.calls);
  EXPECT_EQ(plain.records("eval").size(), 1U);
  EXPECT_FALSE(plain.records("epoch")[0].contains("ema_checkpoint"));
  EXPECT_EQ(load_run_state(plain.state_file(1)).tensors.size(), 1U);
}

TEST(Trainer, AMovingAverageResumesInTheSameBits) {
  ShortRun run;
  run.ema = 0.9;
  FakeStage whole;
  run.train(whole);
  const std::string expected = test::file_text(run.output + "/model_1.ema.pth");
  for (const std::int64_t step : {1, 2, 3, 4}) {
    ShortRun resumed = run;
    resumed.output = test::scratch_folder("trainer") + "/run";
    resumed.resume = run.state_file(step);
    FakeStage stage;
    resumed.train(stage);
    if (step == 4) continue;  // the last state follows the last checkpoint
    EXPECT_TRUE(test::file_text(resumed.output + "/model_1.ema.pth") == expected) << step;
  }
}

TEST(Trainer, RefusesAStateWithoutTheAverageNamingItsFile) {
  const ShortRun plain;
  FakeStage stage;
  plain.train(stage);
  ShortRun resumed;
  resumed.ema = 0.5;
  resumed.resume = plain.state_file(1);
  const std::string message = test::message_of([&] { resumed.train(stage); });
  EXPECT_EQ(message,
            plain.state_file(1) + ": expected a tensor 'ema.weights', got none. Name another state.");
}

TEST(Trainer, AnUpdateThatIsSkippedDoesNotEnterTheAverage) {
  ShortRun run;
  run.precision = session::Precision::kFp16;
  run.ema = 0.5;
  class Overflowing : public FakeStage {
   public:
    Losses losses(const torch::Tensor& images, const torch::Tensor& labels,
                  const torch::Tensor& rows) override {
      Losses result = FakeStage::losses(images, labels, rows);
      if (calls == "bleubl") result.rank = result.rank + (parameters()[0].sum() * 0).sqrt();
      return result;
    }
  } stage;
  run.train(stage);
  ASSERT_EQ(stage.history.size(), 3U);
  const torch::Tensor average = weights::load_tensors(run.output + "/model_1.ema.pth").at("weights");
  EXPECT_TRUE(torch::allclose(average, plain_average(stage.history, 0.5), 1e-6, 1e-7));
}

TEST(Trainer, AccumulatedBatchesMakeOneStep) {
  ShortRun whole;
  whole.batch_size = 8;
  whole.epochs = 1;
  FakeStage at_once;
  whole.train(at_once);
  ShortRun parts = whole;
  parts.output += "-parts";
  parts.batch_size = 2;
  parts.accumulate = 4;
  FakeStage accumulated;
  parts.train(accumulated);
  EXPECT_EQ(accumulated.calls, "blllleu");
  EXPECT_TRUE(torch::allclose(accumulated.last_gradient, at_once.last_gradient, 1e-4, 1e-6));
  EXPECT_EQ(parts.records("step")[0]["images"], kImages);
}

TEST(Trainer, FailsOnALossThatIsNotFiniteWithTheStateBeforeTheStep) {
  ShortRun run;
  run.batch_size = 1;
  run.accumulate = 2;
  FakeStage stage;
  stage.bad_batch = 6;  // the third step's second batch
  const std::string message = test::message_of([&] { run.train(stage); });
  EXPECT_NE(message.find("epoch 0, step 2: the loss is not finite (rank inf, dist 0). The state before this "
                         "step is saved in " +
                         run.output + "/state."),
            std::string::npos)
      << message;
  EXPECT_EQ(stage.rates.size(), 2U);
  const auto state = load_run_state(run.state_file(2));
  EXPECT_TRUE(state.tensors.at("model.weights").equal(stage.state().at("model.weights")));
  const std::string images = message.substr(message.find("Images: ") + 8);
  EXPECT_EQ(images.find(' '), std::string::npos) << "only the bad batch's image: " << images;
  EXPECT_NE(images.find(".jpg"), std::string::npos) << images;
}

TEST(Trainer, LeavesOutAnOverflowInFp16AndShrinksTheScale) {
  ShortRun run;
  run.precision = session::Precision::kFp16;
  class Overflowing : public FakeStage {
   public:
    Losses losses(const torch::Tensor& images, const torch::Tensor& labels,
                  const torch::Tensor& rows) override {
      Losses result = FakeStage::losses(images, labels, rows);
      if (calls == "bl") {  // first batch only: a finite loss with an infinite gradient
        result.rank = result.rank + (parameters()[0].sum() * 0).sqrt();
      }
      return result;
    }
  } stage;
  run.train(stage);
  EXPECT_EQ(stage.calls, "blebleubleubleu");
  EXPECT_EQ(load_run_state(run.state_file(1)).progress["scaler"]["factor"], 32768.0);
  EXPECT_EQ(load_run_state(run.state_file(4)).progress["scaler"]["good_steps"], 3);
  EXPECT_EQ(run.records("step").size(), 4U) << "the step is recorded";
}

}  // namespace
}  // namespace mkt::train
