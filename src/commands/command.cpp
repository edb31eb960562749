#include "commands/command.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <iostream>

#include "artifact/file_kind.h"
#include "cli/command_line.h"
#include "cli/completion.h"
#include "commands/file_advice.h"
#include "core/log.h"
#include "core/stop.h"
#include "distributed/worker.h"
#include "mkt/core/error.h"
#include "session/session.h"

namespace mkt::commands {
namespace {

/// Prints one line on stderr and writes the error to this rank's error file, which the launcher reads.
int fail(const std::string& name, const std::string& message, int code) {
  std::cerr << name << ": " << message << "\n";
  distributed::write_error_file(message);
  return code;
}

/// Message for a GPU's memory that ran out: LibTorch's first sentences, then the options that make the need
/// smaller.
std::string out_of_memory(const std::exception& error, const cli::OptionList& list) {
  std::string text = one_line(error);
  const std::string end = "is free.";
  if (const std::size_t at = text.find(end); at != std::string::npos) text.resize(at + end.size());
  std::string smaller;
  for (const std::string option : {"batch-size", "test-batch-size"}) {
    if (list.holds(option)) smaller += (smaller.empty() ? "--" : " or --") + option;
  }
  return text + (smaller.empty() ? " Close other programs on this GPU, or use --device cpu."
                                 : " Lower " + smaller + ", or close other programs on this GPU.");
}

/// Calls `body` and returns its exit code. If an exception is thrown, prints one line on stderr and returns
/// the exit code for it.
int guarded(const std::string& name, const cli::OptionList& list, const std::function<int()>& body) {
  const auto message = [&](const std::exception& error) { return message_of(error, list); };
  try {
    return body();
  } catch (const Stopped& stopped) {
    std::cerr << name << ": " << stopped.what() << "\n";
    return stopped.exit_code();
  } catch (const c10::ValueError& error) {
    return fail(name, message(error), kExitUsage);
  } catch (const c10::OutOfMemoryError& error) {
    return fail(name, out_of_memory(error, list), kExitFailed);
  } catch (const std::exception& error) {
    return fail(name, message(error), kExitFailed);
  }
}

/// Adds the dashes of options' names to log lines while the command runs.
class LogNames {
 public:
  explicit LogNames(const cli::OptionList& list) {
    log::set_rewriting([&list](std::string_view message) { return with_dashes(message, list); });
  }
  ~LogNames() { log::set_rewriting({}); }
  LogNames(const LogNames&) = delete;
  LogNames& operator=(const LogNames&) = delete;
};

int print(const cli::ParseOutcome& outcome) {
  std::cout << outcome.output;
  std::cerr << outcome.error;
  return outcome.exit_code;
}

/// Returns the command name without the program name: "label-emb" for "prepare label-emb".
std::string own_name(const Command& command) {
  return command.name.substr(command.name.find(' ') + 1);
}

std::string completion_of(const std::string& program, const std::vector<Command>& commands,
                          const std::string& shell) {
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<cli::CompletedCommand> completed;
  for (const Command& command : commands) {
    calls.push_back(command.begin());
    completed.push_back({own_name(command), &calls.back()->list()});
  }
  return cli::completion_script(program, completed, shell);
}

}  // namespace

std::string with_dashes(std::string_view message, const cli::OptionList& list) {
  const std::size_t colon = message.find(": ");
  const bool named = colon != std::string_view::npos && list.holds(std::string(message.substr(0, colon)));
  return (named ? "--" : "") + std::string(message);
}

std::string message_of(const std::exception& error, const cli::OptionList& list) {
  const auto* kind = dynamic_cast<const artifact::WrongFileKind*>(&error);
  return with_dashes(one_line(error), list) + (kind == nullptr ? "" : " " + file_advice(kind->kind()));
}

int run(const Command& command, const std::vector<std::string>& arguments) {
  const std::unique_ptr<Call> call = command.begin();
  const LogNames names(call->list());
  return guarded(command.name, call->list(), [&] {
    const cli::Program program{command.name, command.help, command.name + " " + command.example};
    const cli::ParseOutcome outcome = cli::parse(program, call->list(), arguments);
    const int code = outcome.run ? call->run() : print(outcome);
    TORCH_CHECK(std::cout.flush().good(), "standard output: writing failed. Is the disk full?");
    return code;
  });
}

int run(const Command& command, int argc, char** argv) {
  return run(command, std::vector<std::string>(argv + 1, argv + argc));
}

int run(const std::string& program, const std::string& help, const std::vector<Command>& commands, int argc,
        char** argv) {
  std::vector<cli::Subcommand> names;
  names.reserve(commands.size());
  for (const Command& command : commands) names.push_back({own_name(command), command.help});
  const std::string example = commands.front().name + " " + commands.front().example;
  const auto complete = [&](const std::string& shell) { return completion_of(program, commands, shell); };
  const cli::CommandChoice choice = cli::choose_command(
      {program, help, example}, names, std::vector<std::string>(argv + 1, argv + argc), complete);
  return choice.outcome.run ? run(commands[choice.command], choice.arguments) : print(choice.outcome);
}

int run_on_ranks(const session::RankOptions& ranks, const std::function<std::string()>& work) {
  if (const auto code = session::launch_ranks(ranks)) return *code;
  std::cout << work();
  return kExitDone;
}

}  // namespace mkt::commands
