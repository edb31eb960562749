#pragma once
// A command: its name, help, example, options and work. commands.h lists them; the programs run them.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_list.h"
#include "session/session_options.h"

namespace mkt::commands {

/// One call of a command: its options, at their defaults until they are parsed, and its work.
class Call {
 public:
  Call() = default;
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  virtual const cli::OptionList& list() const = 0;
  /// Does the work and returns the exit code.
  virtual int run() = 0;
};

struct Command {
  std::string name;     ///< of the program, or "prepare label-emb"
  std::string help;     ///< one or two sentences
  std::string example;  ///< the arguments of a complete call
  std::function<std::unique_ptr<Call>()> begin;
};

/// The call of a command whose options are an `Options` with a member `list`; `work` returns the exit code.
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

/// Parses `arguments` and runs the command. Prints help, or one line on stderr if it fails; returns the exit
/// code.
int run(const Command& command, const std::vector<std::string>& arguments);
/// The main of a program that is one command.
int run(const Command& command, int argc, char** argv);
/// The main of a program with commands, whose names begin with "<program> ".
int run(const std::string& program, const std::string& help, const std::vector<Command>& commands, int argc,
        char** argv);

/// Starts the ranks that the options ask for, or does `work` as one of them and prints the text that it
/// returns.
int run_on_ranks(const session::RankOptions& ranks, const std::function<std::string()>& work);

/// The message as a user of the command reads it: if it begins with the name of an option ("topk: expected
/// …"), with that option's dashes ("--topk: expected …").
std::string with_dashes(const std::string& message, const cli::OptionList& list);
/// The same for the options that artifact/file_kind advises: "The option clip-path takes it."
std::string with_dashes(std::string message);

}  // namespace mkt::commands
