// scripts/study.sh with stand-ins for the programs, which note their arguments and write small files.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "support/command.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStandIn = R"SH(#!/bin/sh
name=$(basename "$0")
if [ "$1" = --version ]; then echo "$name 1.0"; exit; fi
if [ "$1" = demo-compare ]; then exec "$real" "$@"; fi
echo "$name $*" >>"$root/calls"
output= json= command=$1
for word in "$@"; do
  case "$before" in --output) output=$word ;; --json) json=$word ;; esac
  before=$word
done
case "$name $command" in
  "prepare demo") mkdir -p "$output/validation" ;;
  "prepare demo-clip") echo clip >"$output" ;;
  train_stage1*) mkdir -p "$output"; for e in 0 9 10; do echo $e >"$output/model_epoch_$e.pth"; done ;;
  train_stage2*) mkdir -p "$output"; echo 0 >"$output/model_0.pth" ;;
  eval*) echo '{"zsl": {"map": 0.25, "f1_3": 0.5}, "gzsl": {"map": 0.25, "f1_3": 0.5}, "images": 7}' >"$json" ;;
esac
if [ -f "$root/kill" ] && echo "$name $*" | grep -q -e "$(cat "$root/kill")"; then kill -9 $PPID; fi
if [ -f "$root/fail" ] && echo "$name $*" | grep -q -e "$(cat "$root/fail")"; then exit 1; fi
)SH";

constexpr const char* kVariants =
    "# name, stage 1, stage 2, eval, base\n"
    "published\t-\t-\t-\t-\n"
    "slow\t-\t--lr 1e-4\t-\tpublished\n"
    "wide\t--topk 3\tskip\t--topk 3\tpublished\n";

class Study {
 public:
  explicit Study(const std::string& name, const std::string& variants = kVariants)
      : root_(scratch_folder("study_" + name)) {
    fs::create_directories(root_ + "/bin");
    for (const char* stand_in : {"prepare", "train_stage1", "train_stage2", "eval"}) {
      const std::string path = root_ + "/bin/" + stand_in;
      std::string text = kStandIn;
      text.insert(text.find('\n') + 1, fmt::format("root='{}' real='{}'\n", root_, program("prepare")));
      std::ofstream(path) << text;
      fs::permissions(path, fs::perms::owner_all);
    }
    write("variants.tsv", variants);
  }

  CommandResult run(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {"/bin/bash",  MKT_STUDY_SCRIPT,
                                        "--bin",      root_ + "/bin",
                                        "--variants", root_ + "/variants.tsv",
                                        "--output",   root_ + "/out",
                                        "--seeds",    "2"};
    command.insert(command.end(), more.begin(), more.end());
    return run_command(command);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ + "/" + name) << text;
  }
  void remove(const std::string& name) const { fs::remove(root_ + "/" + name); }
  std::string path(const std::string& name) const { return root_ + "/" + name; }

  /// Number of calls that have all `words`.
  std::int64_t calls(const std::vector<std::string>& words) const {
    std::istringstream lines(file_text(root_ + "/calls"));
    std::int64_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      count += std::all_of(words.begin(), words.end(),
                           [&](const std::string& word) { return line.find(word) != std::string::npos; });
    }
    return count;
  }
  void forget_calls() const { remove("calls"); }

 private:
  std::string root_;
};

TEST(Study, SharesWhatVariantsHaveInCommon) {
  const Study study("shares");
  const auto result = study.run();
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(study.calls({"prepare demo-clip", "--world shapes"}), 2);
  EXPECT_EQ(study.calls({"prepare demo ", "--split 2"}), 1);
  EXPECT_EQ(study.calls({"train_stage1"}), 4);  // published and slow share theirs
  EXPECT_EQ(study.calls({"train_stage1", "--topk 2", "--topk 3"}), 2);
  EXPECT_EQ(study.calls({"train_stage2"}), 4);
  EXPECT_EQ(study.calls({"train_stage2", "model_epoch_10.pth", "--lr 1e-4"}), 2);
  EXPECT_EQ(study.calls({"eval", "/validation", "--topk 3"}), 2);
  EXPECT_EQ(study.calls({"eval"}), 8);  // the stage 1 of published and slow is evaluated once
  EXPECT_NE(result.output.find("wide, stage 1 - published, stage 1"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("slow, stage 1 + 2 - published, stage 1 + 2"), std::string::npos);
  const auto table =
      nlohmann::json::parse(file_text(study.path("out/tables/variants-shapes-validation.json")));
  EXPECT_EQ(table["seeds"].size(), 2U);
  EXPECT_EQ(table["rows"].size(), 5U);
}

TEST(Study, DryRunPrintsWhatIsLeftAndRunsNothing) {
  const Study study("dry");
  const auto before = study.run({"--dry-run", "--set", "test", "--world", "signs"});
  ASSERT_EQ(before.exit_code, 0) << before.error;
  EXPECT_EQ(file_text(study.path("calls")), "");
  EXPECT_FALSE(fs::exists(study.path("out")));
  for (const char* part : {"prepare demo-clip --world signs --seed 1", "train_stage1 --clip-path",
                           "--lr 1e-4", "--eval-ckpt", "demo-compare --cells"}) {
    EXPECT_NE(before.output.find(part), std::string::npos) << part << " in " << before.output;
  }
  EXPECT_EQ(before.output.find("/validation --ckpt-path"), std::string::npos) << before.output;
  ASSERT_EQ(study.run({"--set", "test", "--world", "signs"}).exit_code, 0);
  const auto after = study.run({"--dry-run", "--set", "test", "--world", "signs"});
  EXPECT_EQ(std::count(after.output.begin(), after.output.end(), '\n'), 1)
      << after.output;  // the table alone
}

TEST(Study, SkipsFinishedCells) {
  const Study study("skips");
  ASSERT_EQ(study.run().exit_code, 0);
  study.forget_calls();
  ASSERT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(file_text(study.path("calls")), "");
  ASSERT_EQ(study.run({"--set", "test"}).exit_code, 0);  // other images, the same training
  EXPECT_EQ(study.calls({"train_stage"}), 0);
  EXPECT_EQ(study.calls({"eval"}), 8);
  study.forget_calls();
  ASSERT_EQ(study.run({"--seeds", "3"}).exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage1", "--seed 3"}), 2);
  EXPECT_EQ(study.calls({"train_stage1"}), 2);
}

TEST(Study, RedoesTheCellThatWasKilled) {
  const std::vector<std::pair<std::string, int>> cases = {{"train_stage1.*--seed 2.*--topk 3", 1},
                                                          {"train_stage2.*--seed 2", 1},
                                                          {"eval", 0},
                                                          {"prepare demo ", 1},
                                                          {"prepare demo-clip", 1}};
  for (const auto& [where, again] : cases) {
    const Study study("killed");
    study.write("kill", where);
    EXPECT_EQ(study.run().exit_code, 128 + 9) << where;
    study.remove("kill");
    const auto resumed = study.run();
    ASSERT_EQ(resumed.exit_code, 0) << where << resumed.error;
    EXPECT_EQ(study.calls({"train_stage"}) + study.calls({"prepare demo"}), 8 + 4 + again) << where;
  }
}

TEST(Study, ReportsTheCellThatFailedAndContinuesWithTheOthers) {
  const Study study("failed");
  study.write("fail", "train_stage2.*--seed 1");
  const auto failed = study.run();
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.error.find("failed, see "), std::string::npos) << failed.error;
  EXPECT_NE(failed.error.find("study.sh: some cells failed; the same command continues with them."),
            std::string::npos);
  EXPECT_EQ(failed.output, "");
  EXPECT_EQ(study.calls({"train_stage2", "--seed 2"}), 2);
  study.remove("fail");
  EXPECT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage1"}), 4);
}

TEST(Study, RedoesAStageWhoseCheckpointIsDamaged) {
  const Study study("damaged");
  ASSERT_EQ(study.run().exit_code, 0);
  study.forget_calls();
  for (const auto& entry : fs::recursive_directory_iterator(study.path("out/stage2"))) {
    if (entry.path().extension() == ".pth") fs::resize_file(entry.path(), 0);
  }
  ASSERT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage2"}), 4);
  EXPECT_EQ(study.calls({"train_stage1"}), 0);
}

TEST(Study, KnowsConfigurationsByTheirContents) {
  const Study study("configs");
  study.write("c.toml", "lr = 0.5\n");
  study.write("variants.tsv", "a\t--config " + study.path("c.toml") + "\tskip\t-\t-\n");
  ASSERT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage1", "--config configs/demo/stage1.toml", "c.toml"}), 2);
  ASSERT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage1"}), 2);
  study.write("c.toml", "lr = 0.25\n");
  ASSERT_EQ(study.run().exit_code, 0);
  EXPECT_EQ(study.calls({"train_stage1"}), 4);
}

TEST(Study, RunsSeedsSideBySide) {
  const Study study("jobs");
  const auto result = study.run({"--jobs", "2", "--seeds", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(study.calls({"train_stage1"}), 6);
  EXPECT_NE(result.output.find("over 3 seeds"), std::string::npos) << result.output;
}

TEST(Study, WarnsOfResultsOfOtherPrograms) {
  const Study study("programs");
  ASSERT_EQ(study.run().exit_code, 0);
  std::ofstream(study.path("bin/eval"), std::ios::app) << "# changed\n";
  const auto changed = study.run();
  EXPECT_EQ(changed.exit_code, 0);
  EXPECT_NE(changed.error.find("warning: " + study.path("out") + " has results of other builds"),
            std::string::npos)
      << changed.error;
}

std::string refusal(const std::string& variants) {
  const Study study("refusals", variants);
  const auto result = study.run();
  EXPECT_EQ(result.exit_code, 2) << result.error;
  EXPECT_FALSE(fs::exists(study.path("calls")));
  const auto at = result.error.find("variants.tsv");
  return at == std::string::npos ? result.error : result.error.substr(at);
}

TEST(Study, RefusesFaultyVariants) {
  EXPECT_EQ(
      refusal("a\t-\t-\t-\n"),
      "variants.tsv:1: expected five fields separated by tabs (name, stage-1 options, stage-2 options, eval "
      "options, base), got 4.\n");
  EXPECT_EQ(refusal("a\t-\t-\t-\t-\na\t-\t-\t-\t-\n"),
            "variants.tsv:2: expected a name once, got 'a' again.\n");
  EXPECT_EQ(refusal("a\t-\t-\t-\tb\nb\t-\t-\t-\t-\n"),
            "variants.tsv:1: expected a variant above as the base, or -, got 'b'.\n");
  EXPECT_EQ(refusal("a\t--lr 1 --seed=4\t-\t-\t-\n"),
            "variants.tsv:1: expected options of the method, got --seed, which the study sets.\n");
  EXPECT_EQ(refusal("a\t-\t--ckpt_path x\t-\t-\n"),
            "variants.tsv:1: expected options of the method, got --ckpt-path, which the study sets.\n");
  EXPECT_EQ(refusal("a\t-\t-\t--template \"a {}\"\t-\n"),
            "variants.tsv:1: expected options without quotes, \\, $ and `, got '--template \"a {}\"'.\n");
  EXPECT_EQ(refusal("# nothing\n\n"), "variants.tsv: expected at least one variant, got none.\n");
}

TEST(Study, RefusesFaultyOptions) {
  const Study study("options");
  const auto error = [&](const std::vector<std::string>& more) {
    const auto result = study.run(more);
    EXPECT_EQ(result.exit_code, 2);
    return result.error;
  };
  EXPECT_EQ(error({"--world", "mars"}),
            "study.sh: --world: expected one of shapes, signs, catalogue, got 'mars'.\n");
  EXPECT_EQ(error({"--seeds", "0"}), "study.sh: --seeds: expected a number from 1, got '0'.\n");
  EXPECT_EQ(error({"--images", "5,6"}), "study.sh: --images: expected TRAIN,VALIDATION,TEST, got '5,6'.\n");
  EXPECT_EQ(error({"--set"}), "study.sh: --set: expected a value, got none. See scripts/study.sh --help.\n");
  EXPECT_EQ(error({"--sets"}), "study.sh: unknown option '--sets'. See scripts/study.sh --help.\n");
}

}  // namespace
}  // namespace mkt::test
