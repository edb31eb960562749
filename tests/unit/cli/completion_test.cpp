#include "cli/completion.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command_line.h"
#include "cli/option.h"
#include "core/text.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::cli {
namespace {

using Words = std::vector<std::string>;

struct Flags {
  OptionList list;
  Option<std::int64_t> batch_size{list, "batch-size", 64, "Images per step"};
  Option<std::string> device{list, "device", "auto", Bounds{0, 0, {"auto", "cpu", "cuda"}},
                             "Where to [compute]: it's here"};
  Option<std::string> clip_path{list, "clip-path", "Weights"};
  Option<std::string> resume{list, "resume", "", alone("auto"), "Continue"};
  Flag no_shuffle{list, "no-shuffle", "Keep the order"};
  Option<Words> label{list, "label", "A label"};
};

std::string script_for(const std::string& shell, const std::string& command = "") {
  const Flags sample;
  return completion_script("sample", {{command, &sample.list}}, shell);
}

/// Returns bash's completions for the last word, in a folder with the files a.pt and "b c.pt".
Words offered(const Words& words, const std::string& command = "") {
  const std::string folder = test::scratch_folder("completion");
  std::ofstream(folder + "/a.pt") << "";
  std::ofstream(folder + "/b c.pt") << "";
  std::ofstream(folder + "/.script") << script_for("bash", command);
  std::string line = fmt::format("cd '{}' && source .script && COMP_WORDS=(sample", folder);
  for (const std::string& word : words) line += " '" + word + "'";
  line +=
      fmt::format(") && COMP_CWORD={} && _mkt_sample && printf '%s\\n' \"${{COMPREPLY[@]}}\"", words.size());
  const auto result = test::run_command({"/bin/bash", "--norc", "-c", line});
  EXPECT_EQ(result.exit_code, 0) << result.error;
  Words found;
  std::istringstream lines(result.output);
  for (std::string entry; std::getline(lines, entry);) {
    if (!entry.empty()) found.push_back(entry);
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct BashCompletion : testing::Test {
  void SetUp() override {
    if (!std::filesystem::exists("/bin/bash")) GTEST_SKIP() << "no /bin/bash";
  }
};

TEST_F(BashCompletion, OffersOptions) {
  EXPECT_EQ(offered({"--"}), (Words{"--batch-size", "--clip-path", "--completion", "--config", "--device",
                                    "--help", "--label", "--no-shuffle", "--resume", "--version"}));
  EXPECT_EQ(offered({"--no-shuffle", "--de"}), (Words{"--device"}));
}

TEST_F(BashCompletion, OffersAnOptionsValues) {
  EXPECT_EQ(offered({"--device", "c"}), (Words{"cpu", "cuda"}));
  EXPECT_EQ(offered({"--device", "=", "a"}), (Words{"auto"}));
  EXPECT_EQ(offered({"--device", "="}), (Words{"auto", "cpu", "cuda"}));
  EXPECT_EQ(offered({"--clip-path", ""}), (Words{".script", "a.pt", "b c.pt"}));
  EXPECT_EQ(offered({"--label", "cat", "b"}), (Words{"b c.pt"}));
  EXPECT_EQ(offered({"--batch-size", ""}), Words{});
  EXPECT_EQ(offered({"--resume", "--de"}), (Words{"--device"}));  // --resume's value is optional
}

TEST_F(BashCompletion, OffersCommandsFirst) {
  EXPECT_EQ(offered({""}, "label-emb"), (Words{"--completion", "--help", "--version", "label-emb"}));
  EXPECT_EQ(offered({"label-emb", "--cl"}, "label-emb"), (Words{"--clip-path"}));
}

TEST_F(BashCompletion, IsLoadedForTheProgram) {
  const std::string file = test::scratch_folder("completion") + "/script";
  std::ofstream(file) << script_for("bash");
  const auto result = test::run_command(
      {"/bin/bash", "--norc", "-c", fmt::format("source '{}' && complete -p sample", file)});
  EXPECT_EQ(result.output, "complete -o bashdefault -o default -o filenames -F _mkt_sample sample\n")
      << result.error;
}

TEST(Completion, WritesZsh) {
  const std::string script = script_for("zsh");
  for (const char* part :
       {"'--batch-size=[Images per step]:batch-size: '", "'--clip-path=[Weights]:clip-path:_files'",
        "'--device=[Where to compute its here]:device:(auto cpu cuda)'", "'--no-shuffle[Keep the order]'",
        "'*--label=[A label]:label:_files'", "'--resume=[Continue]::resume:_files'",
        "compdef _mkt_sample sample\n"}) {
    EXPECT_NE(script.find(part), std::string::npos) << part << "\n" << script;
  }
  EXPECT_NE(script_for("zsh", "label-emb").find("compadd -- label-emb"), std::string::npos);
}

TEST(Completion, WritesFish) {
  const std::string script = script_for("fish");
  for (const char* part :
       {"complete -c sample -l batch-size -d 'Images per step' -x\n",
        "complete -c sample -l clip-path -d 'Weights' -r -F\n",
        "complete -c sample -l device -d 'Where to [compute]: its here' -x -a 'auto cpu cuda'\n",
        "complete -c sample -l no-shuffle -d 'Keep the order'\n",
        "complete -c sample -l resume -d 'Continue' -F\n"}) {
    EXPECT_NE(script.find(part), std::string::npos) << part << "\n" << script;
  }
  EXPECT_NE(script_for("fish", "label-emb").find("-n '__fish_seen_subcommand_from label-emb' -l clip-path"),
            std::string::npos);
}

TEST(Completion, IsPrintedWithoutRequiredOptions) {
  OptionList list;
  const Option<std::string> path{list, "data-path", kRequired, "Data set"};
  const Program program{"sample run", "A sample.", "sample run"};
  const ParseOutcome outcome = parse(program, list, {"--completion", "bash"});
  EXPECT_FALSE(outcome.run);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_EQ(trim(outcome.output), trim(completion_script("sample", {{"run", &list}}, "bash")));
  const ParseOutcome refused = parse(program, list, {"--completion", "tcsh"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.error.find("--completion: expected one of bash, zsh, fish; got 'tcsh'"),
            std::string::npos)
      << refused.error;
  const std::string message = test::message_of([&] { completion_script("sample", {{"", &list}}, "tcsh"); });
  EXPECT_EQ(message, "--completion: expected one of bash, zsh, fish; got 'tcsh'.");
}

}  // namespace
}  // namespace mkt::cli
