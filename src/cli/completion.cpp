#include "cli/completion.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>

#include <algorithm>

#include "core/text.h"

namespace mkt::cli {
namespace {

/// Kind of value that an option expects.
enum class Value { kNone, kChoice, kNumber, kFile };

struct Completed {
  std::string name;  // name without leading dashes
  std::string help;
  Value value;
  std::vector<std::string> choices;
  bool many;            // whether the option can be repeated
  bool optional_value;  // whether the option can be given without a value
};

Value value_kind(const Setting& setting) {
  if (setting.is_flag()) return Value::kNone;
  if (!setting.bounds.choices.empty()) return Value::kChoice;
  return setting.takes_numbers() ? Value::kNumber : Value::kFile;
}

/// Lists a command's options, then the options common to all commands.
std::vector<Completed> completed_options(const OptionList& list) {
  std::vector<Completed> all;
  for (const Setting& setting : list.settings()) {
    all.push_back({setting.name, setting.help, value_kind(setting), setting.bounds.choices, setting.is_list(),
                   !setting.bounds.alone.empty()});
  }
  all.push_back({"config", "TOML file of options", Value::kFile, {}, false, false});
  all.push_back(
      {"completion", "Completion script for a shell", Value::kChoice, completion_shells(), false, false});
  all.push_back({"help", "Print the options", Value::kNone, {}, false, false});
  all.push_back(
      {"version", "Print the versions of the program and of LibTorch", Value::kNone, {}, false, false});
  return all;
}

std::string without(std::string text, const std::string& characters) {
  const auto is_unwanted = [&](char c) { return characters.find(c) != std::string::npos; };
  text.erase(std::remove_if(text.begin(), text.end(), is_unwanted), text.end());
  return text;
}

std::string function_name(const std::string& program) {
  return "_mkt_" + program;
}

std::vector<std::string> names_of(const std::vector<CompletedCommand>& commands) {
  std::vector<std::string> names;
  for (const CompletedCommand& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  return names;
}

// ---------------------------------------------------------------------------------------------------- bash

// Bash splits --name=value into three words.
constexpr const char* kBashStart = R"({}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  if [ "$current" = = ]; then current=
  elif [ "$previous" = = ]; then previous=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  COMPREPLY=()
  case $previous in
)";
constexpr const char* kBashEnd = R"(  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "{}" -- "$current")) ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}}
)";
constexpr const char* kBashCommands = R"({}() {{
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} --help --version --completion" -- "${{COMP_WORDS[1]}}"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
}}
)";

/// Returns the options with this kind of value as a `case` pattern; empty if there are none.
std::string bash_pattern(const std::vector<Completed>& options, Value value) {
  std::vector<std::string> names;
  for (const Completed& option : options) {
    if (option.value == value && !option.optional_value) names.push_back("--" + option.name);
  }
  return join(names, "|");
}

std::string bash_case(const std::string& pattern, const std::string& body) {
  return pattern.empty() ? "" : fmt::format("    {}) {}return ;;\n", pattern, body);
}

std::string bash_function(const std::string& name, const OptionList& list) {
  const std::vector<Completed> options = completed_options(list);
  std::vector<std::string> names;
  std::string cases;
  for (const Completed& option : options) {
    names.push_back("--" + option.name);
    if (option.value != Value::kChoice) continue;
    cases += bash_case("--" + option.name, fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$current\")); ",
                                                       join(option.choices, " ")));
  }
  std::string script = fmt::format(kBashStart, name);
  script += cases + bash_case(bash_pattern(options, Value::kNumber), "");
  script += bash_case(bash_pattern(options, Value::kFile),
                      "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); ");
  return script + fmt::format(kBashEnd, join(names, " "));
}

std::string bash_script(const std::string& program, const std::vector<CompletedCommand>& commands) {
  const std::string function = function_name(program);
  const std::vector<std::string> names = names_of(commands);
  std::string script =
      fmt::format("# Completion of {} in bash: source <({} --completion bash)\n", program, program);
  if (names.empty()) {
    script += bash_function(function, *commands.front().list);
  } else {
    std::string cases;
    for (const CompletedCommand& command : commands) {
      script += bash_function(function + "_" + command.name, *command.list);
      cases += fmt::format("    {}) {}_{} ;;\n", command.name, function, command.name);
    }
    script += fmt::format(kBashCommands, function, join(names, " "), cases);
  }
  return script +
         fmt::format("complete -o bashdefault -o default -o filenames -F {} {}\n", function, program);
}

// ----------------------------------------------------------------------------------------------------- zsh

constexpr const char* kZshCommands = R"(  if (( CURRENT == 2 )); then
    compadd -- {} --help --version --completion
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
)";

std::string zsh_spec(const Completed& option) {
  const std::string help = without(option.help, "[]':\\");
  std::string spec = fmt::format("{}--{}{}[{}]", option.many ? "*" : "", option.name,
                                 option.value == Value::kNone ? "" : "=", help);
  const std::string colon = option.optional_value ? "::" : ":";
  if (option.value == Value::kChoice)
    spec += fmt::format("{}{}:({})", colon, option.name, join(option.choices, " "));
  if (option.value == Value::kNumber) spec += colon + option.name + ": ";
  if (option.value == Value::kFile) spec += colon + option.name + ":_files";
  return "'" + spec + "'";
}

std::string zsh_arguments(const OptionList& list, const std::string& indent) {
  std::string text = indent + "_arguments";
  for (const Completed& option : completed_options(list))
    text += fmt::format(" \\\n{}  {}", indent, zsh_spec(option));
  return fmt::format("{} \\\n{}  '*:value:_files'\n", text, indent);
}

std::string zsh_script(const std::string& program, const std::vector<CompletedCommand>& commands) {
  const std::string function = function_name(program);
  const std::vector<std::string> names = names_of(commands);
  std::string script =
      fmt::format("# Completion of {} in zsh, after compinit: source <({} --completion zsh)\n{}() {{\n",
                  program, program, function);
  if (names.empty()) {
    script += zsh_arguments(*commands.front().list, "  ");
  } else {
    script += fmt::format(kZshCommands, join(names, " "));
    for (const CompletedCommand& command : commands)
      script += fmt::format("    ({})\n{}      ;;\n", command.name, zsh_arguments(*command.list, "      "));
    script += "  esac\n";
  }
  return script + fmt::format("}}\ncompdef {} {}\n", function, program);
}

// ---------------------------------------------------------------------------------------------------- fish

std::string fish_line(const std::string& start, const Completed& option) {
  std::string line = fmt::format("{} -l {} -d '{}'", start, option.name, without(option.help, "'\\"));
  if (option.value == Value::kChoice) line += fmt::format(" -x -a '{}'", join(option.choices, " "));
  if (option.value == Value::kNumber) line += " -x";
  if (option.value == Value::kFile) line += option.optional_value ? " -F" : " -r -F";
  return line + "\n";
}

std::string fish_script(const std::string& program, const std::vector<CompletedCommand>& commands) {
  const std::vector<std::string> names = names_of(commands);
  std::string script =
      fmt::format("# Completion of {} in fish: {} --completion fish | source\n", program, program);
  if (!names.empty()) {
    script += fmt::format("complete -c {} -n __fish_use_subcommand -f -a '{}'\n", program, join(names, " "));
  }
  for (const CompletedCommand& command : commands) {
    const std::string condition =
        command.name.empty() ? "" : fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
    for (const Completed& option : completed_options(*command.list))
      script += fish_line("complete -c " + program + condition, option);
  }
  return script;
}

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  return shells;
}

std::string completion_script(const std::string& program, const std::vector<CompletedCommand>& commands,
                              const std::string& shell) {
  if (shell == "bash") return bash_script(program, commands);
  if (shell == "zsh") return zsh_script(program, commands);
  TORCH_CHECK_VALUE(shell == "fish", "--completion: expected one of ", join(completion_shells(), ", "),
                    "; got '", shell, "'.");
  return fish_script(program, commands);
}

}  // namespace mkt::cli
