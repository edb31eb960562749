#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <fstream>

namespace mkt::cli {
namespace {

struct Sample {
  std::int64_t batch_size = 64;
  std::int64_t warmup_epochs = 2;
  double lr = 1e-3;
  bool no_shuffle = false;
  std::string device = "auto";
  std::string data_path;
  std::vector<std::string> label;
};

OptionList list_of(Sample& sample) {
  OptionList list;
  list.group("Data").require("data-path", &sample.data_path, "Folder of the data set");
  list.group("Training")
      .add("batch-size", &sample.batch_size, "Images a step", {1})
      .add("warmup-epochs", &sample.warmup_epochs, "Epochs of warm-up", {0})
      .add("lr", &sample.lr, "Base learning rate", {0})
      .add("no-shuffle", &sample.no_shuffle, "Keep the order of the files")
      .add("device", &sample.device, "Where to compute", {0, 0, {"auto", "cpu", "cuda"}})
      .add("label", &sample.label, "A label");
  return list;
}

const Program kProgram{"sample", "A sample.", "sample --data-path NUS-WIDE"};

ParseOutcome parse_into(Sample& sample, const std::vector<std::string>& arguments) {
  return parse(kProgram, list_of(sample), arguments);
}

std::string config_file(const std::string& text) {
  const std::string path = testing::TempDir() + "/config.toml";
  std::ofstream(path) << text;
  return path;
}

TEST(CommandLine, TakesAPositionalOptionWithAndWithoutItsName) {
  std::string file;
  bool json = false;
  Bounds bounds;
  bounds.positional = true;
  OptionList list;
  list.require("file", &file, "A file", bounds).add("json", &json, "As JSON");
  EXPECT_TRUE(parse(kProgram, list, {"--json", "a.pt"}).run);
  EXPECT_EQ(file, "a.pt");
  EXPECT_TRUE(json);
  EXPECT_TRUE(parse(kProgram, list, {"--file", "b.pt"}).run);
  EXPECT_EQ(file, "b.pt");
  EXPECT_EQ(parse(kProgram, list, {"a.pt", "c.pt"}).error,
            "sample: c.pt: not an option of this program. See --help.\n");
}

TEST(CommandLine, SetsFieldsAndKeepsDefaults) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--data-path", "d", "--batch-size=8", "--no-shuffle", "--label",
                                           "cat", "--label", "fire truck"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(sample.batch_size, 8);
  EXPECT_EQ(sample.lr, 1e-3);
  EXPECT_TRUE(sample.no_shuffle);
  EXPECT_EQ(sample.label, (std::vector<std::string>{"cat", "fire truck"}));
}

TEST(CommandLine, TakesAnOptionOrThoseThatItStandsFor) {
  std::string model;
  std::string weights;
  std::int64_t topk = 16;
  OptionList list;
  list.add("model", &model, "A file").require("weights", &weights, "Weights").add("topk", &topk, "Best");
  list.replace("model", {"weights", "topk"});
  EXPECT_TRUE(parse(kProgram, list, {"--model", "m"}).run);
  EXPECT_TRUE(parse(kProgram, list, {"--weights", "w", "--topk", "5"}).run);
  const auto error = [&](const std::vector<std::string>& arguments) {
    const auto outcome = parse(kProgram, list, arguments);
    EXPECT_FALSE(outcome.run);
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.error;
  };
  EXPECT_EQ(error({}), "sample: --weights is required, or --model. See --help.\n");
  EXPECT_EQ(
      error({"--model", "m", "--weights", "w"}),
      "sample: --weights: expected none beside --model, which decides it, got \"w\". Drop one of the two.\n");
  topk = 16;
  const std::string of_default =
      "sample: --topk: expected none beside --model, which decides it, got 16. Drop one of the two.\n";
  EXPECT_EQ(error({"--model", "m", "--topk", "16"}), of_default);
  EXPECT_EQ(error({"--model", "m", "--config", config_file("topk = 16\n")}), of_default);
  const std::string help = parse(kProgram, list, {"--help"}).output;
  EXPECT_NE(help.find("--weights TEXT, required without --model"), std::string::npos) << help;
}

TEST(CommandLine, GivesAnOptionThatStandsAloneItsImpliedValue) {
  std::string resume;
  bool quick = false;
  OptionList list;
  list.add("resume", &resume, "Continue", {0, 0, {}, "auto"}).add("quick", &quick, "Hurry");
  ASSERT_TRUE(parse(kProgram, list, {"--resume", "--quick"}).run);
  EXPECT_EQ(resume, "auto");
  EXPECT_TRUE(quick);
  ASSERT_TRUE(parse(kProgram, list, {"--resume", "state/step-1"}).run);
  EXPECT_EQ(resume, "state/step-1");
}

TEST(CommandLine, TakesSeveralValuesBehindOneName) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--label", "-a", "b", "-", "--no-shuffle", "--label=c", "d",
                                           "--data-path", "d", "--label", "e"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(sample.label, (std::vector<std::string>{"-a", "b", "-", "c", "d", "e"}));
  EXPECT_EQ(sample.data_path, "d");
  EXPECT_TRUE(sample.no_shuffle);
}

TEST(CommandLine, KeepsValuesWithBracketsAndCommasWhole) {
  const std::vector<std::string> labels = {"[a,b]", "red, white", "[c]", "[]"};
  Sample sample;
  const auto outcome = parse_into(
      sample, {"--data-path", "[d,e]", "--label", labels[0], labels[1], "--label=[c]", "--label", labels[3]});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(sample.label, labels);
  EXPECT_EQ(sample.data_path, "[d,e]");
}

TEST(CommandLine, TakesTheLastOfSeveral) {
  Sample sample;
  ASSERT_TRUE(parse_into(sample, {"--data-path", "d", "--batch-size", "8", "--batch-size", "4"}).run);
  EXPECT_EQ(sample.batch_size, 4);
}

TEST(CommandLine, TakesBothSpellings) {
  Sample sample;
  ASSERT_TRUE(parse_into(sample, {"--data_path", "a_b", "--warmup_epochs=5"}).run);
  EXPECT_EQ(sample.warmup_epochs, 5);
  EXPECT_EQ(sample.data_path, "a_b");
}

TEST(CommandLine, PrefersTheCommandLineToTheFile) {
  Sample sample;
  const auto path = config_file("lr = 0.5\nbatch-size = 16\nlabel = [\"a b\", \"c\"]\nno-shuffle = true\n");
  const auto outcome = parse_into(sample, {"--data-path", "d", "--config", path, "--lr", "0.25"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(sample.lr, 0.25);
  EXPECT_EQ(sample.batch_size, 16);
  EXPECT_TRUE(sample.no_shuffle);
  EXPECT_EQ(sample.label, (std::vector<std::string>{"a b", "c"}));
}

TEST(CommandLine, RefusesUnknownKeysOfTheFile) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--data-path", "d", "--config", config_file("batch-sise = 16\n")});
  EXPECT_FALSE(outcome.run);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.error.find("batch-sise"), std::string::npos) << outcome.error;
}

TEST(CommandLine, RefusesAMissingFile) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--data-path", "d", "--config", "/nowhere.toml"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.error.find("/nowhere.toml"), std::string::npos) << outcome.error;
}

TEST(CommandLine, SuggestsTheOptionMeant) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--data-path", "d", "--bach-size", "8"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.error,
            "sample: --bach-size: not an option of this program. Did you mean --batch-size?\n");
  EXPECT_NE(parse_into(sample, {"--dta-path", "d"}).error.find("Did you mean --data-path?"),
            std::string::npos);
}

TEST(CommandLine, ChecksRangesChoicesAndRequiredOptions) {
  Sample sample;
  const auto error_of = [&](const std::vector<std::string>& arguments) {
    const auto outcome = parse_into(sample, arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.error;
  };
  EXPECT_NE(error_of({"--data-path", "d", "--batch-size", "0"}).find("--batch-size: expected a number >= 1"),
            std::string::npos);
  EXPECT_NE(error_of({"--data-path", "d", "--batch-size", "many"}).find("--batch-size"), std::string::npos);
  EXPECT_NE(error_of({"--data-path", "d", "--device", "tpu"}).find("expected one of auto, cpu, cuda"),
            std::string::npos);
  EXPECT_NE(error_of({}).find("--data-path is required"), std::string::npos);
}

TEST(CommandLine, HelpShowsGroupsRangesDefaultsAndAnExample) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(parse_into(sample, {"-h"}).output, outcome.output);
  for (const char* part :
       {"Training:", "--batch-size INT >= 1, default 64", "--lr NUMBER >= 0, default 0.001",
        "--device auto|cpu|cuda, default auto", "--data-path TEXT, required", "--label TEXT ...  ",
        "sample --data-path NUS-WIDE"}) {
    EXPECT_NE(outcome.output.find(part), std::string::npos) << part << "\n" << outcome.output;
  }
}

TEST(OptionList, WritesTomlThatReadsBack) {
  Sample written;
  written.lr = 0.1;
  written.no_shuffle = true;
  written.data_path = "with \"quotes\" and spaces";
  written.label = {"cup of coffee", "cat", "[a,b]", "red, white", "the \"cat\""};
  Sample read;
  const auto outcome = parse_into(read, {"--config", config_file(list_of(written).toml())});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(list_of(read).json(), list_of(written).json());
}

}  // namespace
}  // namespace mkt::cli
