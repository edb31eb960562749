#include <gtest/gtest.h>

#include "cli/command_line.h"

namespace mkt::cli {
namespace {

const Program kTool{"tool", "Two commands.", "tool first a.txt"};
const std::vector<Subcommand> kCommands = {{"first", "Does one thing."}, {"second", "Does another."}};

CommandChoice choose(const std::vector<std::string>& arguments) {
  return choose_command(kTool, kCommands, arguments,
                        [](const std::string& shell) { return "script for " + shell; });
}

TEST(ChooseCommand, GivesTheCommandItsArguments) {
  const CommandChoice choice = choose({"second", "--help", "first", "--x=1", "-y", "--", "z"});
  ASSERT_TRUE(choice.outcome.run) << choice.outcome.error;
  EXPECT_EQ(choice.command, 1U);
  EXPECT_EQ(choice.arguments, (std::vector<std::string>{"--help", "first", "--x=1", "-y", "--", "z"}));
}

TEST(ChooseCommand, TakesANameAfterTheCommandAsAnArgument) {
  const CommandChoice choice = choose({"first", "second"});
  ASSERT_TRUE(choice.outcome.run) << choice.outcome.error;
  EXPECT_EQ(choice.command, 0U);
  EXPECT_EQ(choice.arguments, std::vector<std::string>{"second"});
}

TEST(ChooseCommand, RefusesOtherNames) {
  const CommandChoice choice = choose({"third", "first"});
  EXPECT_FALSE(choice.outcome.run);
  EXPECT_EQ(choice.outcome.exit_code, 2);
  EXPECT_EQ(choice.outcome.error,
            "tool: expected a command (first, second), got 'third'. See tool --help.\n");
  EXPECT_EQ(choose({}).outcome.error, "tool: expected a command (first, second), got ''. See tool --help.\n");
  EXPECT_EQ(choose({}).outcome.exit_code, 2);
}

TEST(ChooseCommand, PrintsHelpAndCompletion) {
  const ParseOutcome help = choose({"--help"}).outcome;
  EXPECT_EQ(help.exit_code, 0);
  for (const char* part : {"tool", "Commands:", "first", "Does another.", "tool COMMAND --help"})
    EXPECT_NE(help.output.find(part), std::string::npos) << help.output;
  EXPECT_EQ(choose({"-h"}).outcome.output, help.output);
  EXPECT_EQ(choose({"--completion", "zsh"}).outcome.output, "script for zsh\n");
  EXPECT_EQ(choose({"--completion", "tcsh"}).outcome.exit_code, 2);
}

}  // namespace
}  // namespace mkt::cli
