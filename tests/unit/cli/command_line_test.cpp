#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <fstream>

#include "cli/option.h"
#include "support/command.h"

namespace mkt::cli {
namespace {

enum class Where { kAuto, kCpu, kGpu };
enum class Side { kLeft, kRight };

}  // namespace
}  // namespace mkt::cli

namespace mkt {
template <>
struct Names<cli::Where> {
  static constexpr NameTable<cli::Where, 3> kTable{
      {{cli::Where::kAuto, "auto"}, {cli::Where::kCpu, "cpu"}, {cli::Where::kGpu, "cuda"}}};
};
template <>
struct Names<cli::Side> {
  static constexpr NameTable<cli::Side, 2> kTable{{{cli::Side::kLeft, "left"}, {cli::Side::kRight, "right"}}};
};
}  // namespace mkt

namespace mkt::cli {
namespace {

using Texts = std::vector<std::string>;

struct Sample {
  OptionList list;
  Group data{list, "Data"};
  Option<std::string> data_path{list, "data-path", kRequired, "Folder of the data set"};
  Group training{list, "Training"};
  Option<std::int64_t> batch_size{list, "batch-size", 64, at_least(1), "Images per step"};
  Option<std::int64_t> warmup_epochs{list, "warmup-epochs", 2, at_least(0), "Epochs of warm-up"};
  Option<double> lr{list, "lr", 1e-3, at_least(0), "Base learning rate"};
  Flag no_shuffle{list, "no-shuffle", "Keep the order of the files"};
  Option<Where> device{list, "device", Where::kAuto, "Device to compute on"};
  Option<Texts> label{list, "label", "A label"};
};

const Program kProgram{"sample", "A sample.", "sample --data-path NUS-WIDE"};

ParseOutcome parse_into(Sample& sample, const std::vector<std::string>& arguments) {
  return parse(kProgram, sample.list, arguments);
}

std::string config_file(const std::string& text) {
  const std::string path = testing::TempDir() + "/config.toml";
  std::ofstream(path) << text;
  return path;
}

TEST(CommandLine, TakesAPositionalOptionWithAndWithoutItsName) {
  OptionList list;
  const Option<std::string> file{list, "file", kRequired, positional(), "A file"};
  const Flag json{list, "json", "As JSON"};
  EXPECT_TRUE(parse(kProgram, list, {"--json", "a.pt"}).run);
  EXPECT_EQ(*file, "a.pt");
  EXPECT_TRUE(json);
  EXPECT_TRUE(parse(kProgram, list, {"--file", "b.pt"}).run);
  EXPECT_EQ(*file, "b.pt");
  EXPECT_EQ(parse(kProgram, list, {"a.pt", "c.pt"}).error,
            "sample: c.pt: not an option of this program. See --help.\n");
}

TEST(CommandLine, TakesSeveralPositionalValuesBesideOptions) {
  OptionList list;
  const Option<Texts> files{list, "files", kRequired, positional(), "Files"};
  const Option<std::string> output{list, "output", "A file"};
  for (const Texts& arguments :
       {Texts{"a.pt", "b.pt", "c.pt", "--output", "o"}, Texts{"--output", "o", "a.pt", "b.pt", "c.pt"},
        Texts{"--output=o", "--files", "a.pt", "b.pt", "c.pt"}}) {
    const auto outcome = parse(kProgram, list, arguments);
    EXPECT_TRUE(outcome.run) << outcome.error;
    EXPECT_EQ(*files, (Texts{"a.pt", "b.pt", "c.pt"}));
    EXPECT_EQ(*output, "o");
  }
}

TEST(CommandLine, SetsFieldsAndKeepsDefaults) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--data-path", "d", "--batch-size=8", "--no-shuffle", "--label",
                                           "cat", "--label", "fire truck"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(*sample.batch_size, 8);
  EXPECT_EQ(*sample.lr, 1e-3);
  EXPECT_TRUE(sample.no_shuffle);
  EXPECT_EQ(*sample.label, (Texts{"cat", "fire truck"}));
}

TEST(CommandLine, TakesAnOptionOrThoseThatItStandsFor) {
  OptionList list;
  const Option<std::string> model{list, "model", "A file"};
  const Option<std::string> weights{list, "weights", kRequired, "Weights"};
  const Option<std::int64_t> topk{list, "topk", 16, "Best"};
  const Replacement replaced{list, "model", {"weights", "topk"}};
  EXPECT_TRUE(parse(kProgram, list, {"--model", "m"}).run);
  EXPECT_TRUE(parse(kProgram, list, {"--weights", "w", "--topk", "5"}).run);
  const auto error = [&](const std::vector<std::string>& arguments) {
    const auto outcome = parse(kProgram, list, arguments);
    EXPECT_FALSE(outcome.run);
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.error;
  };
  EXPECT_EQ(error({}), "sample: --weights is required, or --model. See --help.\n");
  EXPECT_EQ(error({"--model", "m", "--weights", "w"}),
            "sample: --weights cannot be combined with --model, which decides it. Drop one.\n");
  const std::string of_default =
      "sample: --topk cannot be combined with --model, which decides it. Drop one.\n";
  EXPECT_EQ(error({"--model", "m", "--topk", "16"}), of_default);
  EXPECT_EQ(error({"--model", "m", "--config", config_file("topk = 16\n")}), of_default);
  const std::string help = parse(kProgram, list, {"--help"}).output;
  EXPECT_NE(help.find("--weights TEXT, required without --model"), std::string::npos) << help;
}

TEST(CommandLine, GivesAnOptionThatStandsAloneItsImpliedValue) {
  OptionList list;
  const Option<std::string> resume{list, "resume", "", alone("auto"), "Continue"};
  const Flag quick{list, "quick", "Hurry"};
  ASSERT_TRUE(parse(kProgram, list, {"--resume", "--quick"}).run);
  EXPECT_EQ(*resume, "auto");
  EXPECT_TRUE(quick);
  ASSERT_TRUE(parse(kProgram, list, {"--resume", "state/step-1"}).run);
  EXPECT_EQ(*resume, "state/step-1");
}

TEST(CommandLine, TakesSeveralValuesAfterOneName) {
  Sample sample;
  const auto outcome = parse_into(sample, {"--label", "-a", "b", "-", "--no-shuffle", "--label=c", "d",
                                           "--data-path", "d", "--label", "e"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(*sample.label, (Texts{"-a", "b", "-", "c", "d", "e"}));
  EXPECT_EQ(*sample.data_path, "d");
  EXPECT_TRUE(sample.no_shuffle);
}

TEST(CommandLine, KeepsValuesWithBracketsAndCommasWhole) {
  const Texts labels = {"[a,b]", "red, white", "[c]", "[]"};
  Sample sample;
  const auto outcome = parse_into(
      sample, {"--data-path", "[d,e]", "--label", labels[0], labels[1], "--label=[c]", "--label", labels[3]});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(*sample.label, labels);
  EXPECT_EQ(*sample.data_path, "[d,e]");
}

TEST(CommandLine, TakesTheLastOfSeveral) {
  Sample sample;
  ASSERT_TRUE(parse_into(sample, {"--data-path", "d", "--batch-size", "8", "--batch-size", "4"}).run);
  EXPECT_EQ(*sample.batch_size, 4);
}

TEST(CommandLine, TakesBothSpellings) {
  Sample sample;
  ASSERT_TRUE(parse_into(sample, {"--data_path", "a_b", "--warmup_epochs=5"}).run);
  EXPECT_EQ(*sample.warmup_epochs, 5);
  EXPECT_EQ(*sample.data_path, "a_b");
}

TEST(CommandLine, PrefersTheCommandLineToTheFile) {
  Sample sample;
  const auto path = config_file("lr = 0.5\nbatch-size = 16\nlabel = [\"a b\", \"c\"]\nno-shuffle = true\n");
  const auto outcome = parse_into(sample, {"--data-path", "d", "--config", path, "--lr", "0.25"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(*sample.lr, 0.25);
  EXPECT_EQ(*sample.batch_size, 16);
  EXPECT_TRUE(sample.no_shuffle);
  EXPECT_EQ(*sample.label, (Texts{"a b", "c"}));
}

TEST(CommandLine, OfSeveralFilesTheLastWins) {
  const std::string folder = test::scratch_folder("configs");
  const std::string first = folder + "/first.toml";
  const std::string second = folder + "/second.toml";
  std::ofstream(first) << "lr = 0.5\nbatch-size = 16\nlabel = [\"a\", \"b\"]\n";
  std::ofstream(second) << "lr = 0.125\nlabel = [\"c\"]\n";
  Sample sample;
  const auto outcome =
      parse_into(sample, {"--data-path", "d", "--config", first, "--config=" + second, "--batch-size", "8"});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(*sample.lr, 0.125);
  EXPECT_EQ(*sample.batch_size, 8);        // the command line wins over both
  EXPECT_EQ(*sample.label, (Texts{"c"}));  // a list replaces that of the file before
  Sample reversed;
  ASSERT_TRUE(parse_into(reversed, {"--config", second, "--config", first, "--data-path", "d"}).run);
  EXPECT_EQ(*reversed.lr, 0.5);
  EXPECT_EQ(*reversed.label, (Texts{"a", "b"}));
}

TEST(CommandLine, RefusesAFaultInAnyOfSeveralFiles) {
  const std::string folder = test::scratch_folder("configs");
  const std::string good = folder + "/good.toml";
  std::ofstream(good) << "lr = 0.5\n";
  const auto error = [&](const std::string& other) {
    Sample sample;
    const auto outcome = parse_into(sample, {"--data-path", "d", "--config", other, "--config", good});
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.error;
  };
  EXPECT_NE(error(config_file("batch-sise = 16\n")).find("batch-sise"), std::string::npos);
  EXPECT_NE(error("/nowhere.toml").find("/nowhere.toml"), std::string::npos);
  EXPECT_NE(error(config_file("lr = oh\n")).find("--config: line 1: expected TOML: "), std::string::npos);
  Sample sample;  // a file name without --config is still no value of it
  EXPECT_NE(parse_into(sample, {"--data-path", "d", "--config", good, good}).error.find("not an option"),
            std::string::npos);
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

TEST(Option, ConvertsToItsValue) {
  Sample sample;
  EXPECT_EQ(*sample.device, Where::kAuto);
  ASSERT_TRUE(parse_into(sample, {"--data-path", "d", "--device", "cuda", "--lr", "1"}).run);
  const Where device = sample.device;
  const double lr = sample.lr;
  EXPECT_EQ(device, Where::kGpu);
  EXPECT_EQ(lr, 1);
  EXPECT_FALSE(sample.lr.is_default());
  EXPECT_TRUE(sample.batch_size.is_default());
}

TEST(Option, KnowsWhetherItIsGivenEvenWithItsDefault) {
  Sample sample;
  ASSERT_TRUE(parse_into(sample, {"--data-path", "d", "--batch_size=64"}).run);
  EXPECT_TRUE(sample.batch_size.given());
  EXPECT_TRUE(sample.batch_size.is_default());
  EXPECT_FALSE(sample.lr.given());
  const std::string config = test::scratch_folder("config") + "/options.toml";
  std::ofstream(config) << "data-path = 'd'\nlr = 0.001\n";
  Sample configured;
  ASSERT_TRUE(parse_into(configured, {"--config", config}).run);
  EXPECT_TRUE(configured.lr.given());
  EXPECT_FALSE(configured.batch_size.given());
}

TEST(Option, OfAnOptionalEnumIsAutoWithoutAValue) {
  OptionList list;
  const Option<std::optional<Side>> side{list, "side", std::nullopt, "Side"};
  EXPECT_EQ(*side, std::nullopt);
  ASSERT_TRUE(parse(kProgram, list, {"--side", "right"}).run);
  EXPECT_EQ(*side, Side::kRight);
  EXPECT_NE(parse(kProgram, list, {"--side", "up"}).error.find("expected one of auto, left, right; got 'up'"),
            std::string::npos);
}

TEST(Option, TakesOnlySomeValuesOfAnEnum) {
  OptionList list;
  const Option<Where> place{list, "place", Where::kCpu, among({Where::kAuto, Where::kCpu}), "Place"};
  EXPECT_NE(parse(kProgram, list, {"--place", "cuda"}).error.find("expected one of auto, cpu; got 'cuda'"),
            std::string::npos);
}

TEST(Option, TakesAListOfNumbers) {
  const auto k_of = [](const std::vector<std::string>& arguments, std::string* error = nullptr) {
    OptionList list;
    const Option<std::vector<std::int64_t>> k{list, "k", {3, 5}, at_least(1), "Numbers"};
    const auto outcome = parse(kProgram, list, arguments);
    if (error != nullptr) *error = outcome.run ? "" : outcome.output + outcome.error;
    return std::pair{*k, list.toml()};
  };
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(k_of({}).first, (Numbers{3, 5}));
  EXPECT_EQ(k_of({"--k", "10", "20"}).first, (Numbers{10, 20}));
  EXPECT_EQ(k_of({"--k", "10", "--k=20", "1"}).first, (Numbers{10, 20, 1}));
  EXPECT_EQ(k_of({"--k", "7"}).second, "k = [7]\n");
  EXPECT_EQ(k_of({"--config", config_file("k = [4, 2]\n")}).first, (Numbers{4, 2}));
  EXPECT_EQ(k_of({"--config", config_file("k = 4\n")}).first, (Numbers{4}));
  EXPECT_EQ(k_of({"--config", config_file("k = [4, 2]\n"), "--k", "9"}).first, (Numbers{9}));
  std::string error;
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--k", "3", "0"}, {"--k", "x"}, {"--k", "3,5"}, {"--k", "2.5"}, {"--k"}}) {
    k_of(wrong, &error);
    EXPECT_NE(error.find("--k"), std::string::npos) << wrong.back() << error;
  }
  k_of({"--k", "3", "0"}, &error);
  EXPECT_NE(error.find("expected a number >= 1, got 0"), std::string::npos) << error;
  k_of({"--help"}, &error);
  EXPECT_NE(error.find("--k INT ... >= 1, default 3 5"), std::string::npos) << error;
}

TEST(OptionList, WritesTheFormOfTomlThatEarlierRunsWrote) {
  Sample sample;
  ASSERT_TRUE(
      parse_into(sample, {"--data-path", "a \"b\"\\c", "--lr", "1e-6", "--label", "it's", "two"}).run);
  EXPECT_EQ(sample.list.toml(),
            "data-path = 'a \"b\"\\c'\nbatch-size = 64\nwarmup-epochs = 2\nlr = 1e-06\nno-shuffle = false\n"
            "device = \"auto\"\nlabel = [\"it's\", \"two\"]\n");
}

TEST(OptionList, WritesTomlThatReadsBack) {
  const Texts labels = {"cup of coffee", "cat",         "[a,b]",
                        "red, white",    "the \"cat\"", "both \"'\" \\ and\nline"};
  Sample written;
  ASSERT_TRUE(parse_into(written, Texts{"--data-path", "with \"quotes\" and spaces", "--lr", "0.1",
                                        "--no-shuffle", "--device", "cpu", "--label", labels[0], labels[1],
                                        labels[2], labels[3], labels[4], labels[5]})
                  .run);
  Sample read;
  const auto outcome = parse_into(read, {"--config", config_file(written.list.toml())});
  ASSERT_TRUE(outcome.run) << outcome.error;
  EXPECT_EQ(read.list.toml(), written.list.toml());
  EXPECT_EQ(*read.label, labels);
}

TEST(CommandLine, NamesTheLineOfAFileThatIsNoToml) {
  Sample sample;
  const auto error = [&](const std::string& text) {
    return parse_into(sample, {"--data-path", "d", "--config", config_file(text)}).error;
  };
  EXPECT_NE(error("lr = 1\ndevice = cpu\n").find("--config: line 2: expected TOML: "), std::string::npos);
  EXPECT_NE(error("lr = 1\n[lr2]\na = 1\n").find("--config: line 2: lr2: expected a text, a number"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::cli
