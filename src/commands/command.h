#pragma once
// A command: name, help, example, options and the function to run. commands.h lists all commands; the
// programs run them.

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/option_list.h"
#include "session/session_options.h"

namespace mkt::commands {

/// One invocation of a command: its options, which have their defaults until parsing, and the function to
/// run.
class Call {
 public:
  Call() = default;
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  virtual const cli::OptionList& list() const = 0;
  /// Runs the command with the parsed options and returns the exit code.
  virtual int run() = 0;
};

struct Command {
  std::string name;     ///< program name, or program and subcommand: "prepare label-emb"
  std::string help;     ///< one or two sentences for --help
  std::string example;  ///< arguments of a complete invocation
  std::function<std::unique_ptr<Call>()> begin;
};

/// Creates invocations of a command whose options are an `Options` struct with a member `list`; `work` runs
/// the command and returns the exit code.
template <typename Options>
std::function<std::unique_ptr<Call>()> calls(int (*work)(const Options&)) {
  class Of : public Call {
   public:
    explicit Of(int (*given)(const Options&)) : work_(given) {}
    const cli::OptionList& list() const override { return options_.list; }
    int run() override { return work_(options_); }

   private:
    Options options_;
    int (*work_)(const Options&);
  };
  return [work] { return std::make_unique<Of>(work); };
}

/// Parses `arguments` and runs the command. Prints help, or one line on stderr if the command fails; returns
/// the exit code.
int run(const Command& command, const std::vector<std::string>& arguments);
/// Implements main() for a program with a single command.
int run(const Command& command, int argc, char** argv);
/// Implements main() for a program with subcommands; the commands' names begin with "<program> ".
int run(const std::string& program, const std::string& help, const std::vector<Command>& commands, int argc,
        char** argv);

/// Starts the ranks requested by the options, or runs `work` as one of these ranks and prints the text that
/// `work` returns.
int run_on_ranks(const session::RankOptions& ranks, const std::function<std::string()>& work);

/// Returns a line with dashes if it begins with an option's name: "topk: …" becomes "--topk: …".
std::string with_dashes(std::string_view message, const cli::OptionList& list);

/// Message of an error for the command line, on one line: if it begins with an option's name ("topk: expected
/// …"), with dashes ("--topk: expected …"); for a file of a wrong kind, with the option that takes the kind.
std::string message_of(const std::exception& error, const cli::OptionList& list);

}  // namespace mkt::commands
