#include "cli/completion.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "core/text.h"

namespace mkt::cli {
namespace {

/// What stands behind an option.
enum class Value { kNone, kChoice, kNumber, kFile };

struct Completed {
  std::string name;  // without dashes
  std::string help;
  Value value;
  std::vector<std::string> choices;
  bool many;      // may be given again
  bool may_lack;  // its value may
};

Value value_kind(const Option& option) {
  if (std::holds_alternative<bool*>(option.target)) return Value::kNone;
  if (!option.bounds.choices.empty()) return Value::kChoice;
  const bool number =
      std::holds_alternative<std::int64_t*>(option.target) || std::holds_alternative<double*>(option.target);
  return number ? Value::kNumber : Value::kFile;
}

/// A command's options and those that every command has.
std::vector<Completed> completed_options(const OptionList& list) {
  std::vector<Completed> all;
  for (const Option& option : list.options()) {
    all.push_back({option.name, option.help, value_kind(option), option.bounds.choices,
                   std::holds_alternative<std::vector<std::string>*>(option.target),
                   !option.bounds.alone.empty()});
  }
  all.push_back({"config", "TOML file of options", Value::kFile, {}, false, false});
  all.push_back({"completion", "Script for a shell", Value::kChoice, completion_shells(), false, false});
  all.push_back({"help", "What there is to set", Value::kNone, {}, false, false});
  all.push_back({"version", "Version of this and of LibTorch", Value::kNone, {}, false, false});
  return all;
}

std::string without(std::string text, const std::string& characters) {
  const auto is_unwanted = [&](char c) { return characters.find(c) != std::string::npos; };
  text.erase(std::remove_if(text.begin(), text.end(), is_unwanted), text.end());
  return text;
}

/// A name for shell functions.
std::string function_name(const std::string& program) {
  return "_mkt_" + program;
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  return names;
}

// ---------------------------------------------------------------------------------------------------- bash

/// The options whose value is of a kind, as a pattern of `case`; empty where there are none.
std::string bash_pattern(const std::vector<Completed>& options, Value value) {
  std::vector<std::string> names;
  for (const Completed& option : options) {
    if (option.value == value && !option.may_lack) names.push_back("--" + option.name);
  }
  return join(names, "|");
}

std::string bash_case(const std::string& pattern, const std::string& body) {
  return pattern.empty() ? "" : cat("    ", pattern, ") ", body, "return ;;\n");
}

std::string bash_function(const std::string& name, const OptionList& list) {
  const std::vector<Completed> options = completed_options(list);
  std::vector<std::string> names;
  std::string cases;
  for (const Completed& option : options) {
    names.push_back("--" + option.name);
    if (option.value != Value::kChoice) continue;
    cases += bash_case("--" + option.name, cat("COMPREPLY=($(compgen -W \"", join(option.choices, " "),
                                               "\" -- \"$current\")); "));
  }
  return cat(
      name, "() {\n", "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n",
      "  if [ \"$current\" = = ]; then current=\n",  // --name=value comes as three words
      "  elif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n",
      "  COMPREPLY=()\n  case $previous in\n", cases, bash_case(bash_pattern(options, Value::kNumber), ""),
      bash_case(bash_pattern(options, Value::kFile),
                "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); "),
      "  esac\n  case $current in\n    -*) COMPREPLY=($(compgen -W \"", join(names, " "),
      "\" -- \"$current\")) ;;\n",
      "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n  esac\n}\n");
}

std::string bash_script(const std::string& program, const std::vector<Command>& commands) {
  const std::string function = function_name(program);
  const std::vector<std::string> names = names_of(commands);
  std::string script =
      cat("# Completion of ", program, " in bash: source <(", program, " --completion bash)\n");
  if (names.empty()) {
    script += bash_function(function, commands.front().list);
  } else {
    std::string cases;
    for (const Command& command : commands) {
      script += bash_function(function + "_" + command.name, command.list);
      cases += cat("    ", command.name, ") ", function, "_", command.name, " ;;\n");
    }
    script +=
        cat(function, "() {\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"",
            join(names, " "), " --help --version --completion\" -- \"${COMP_WORDS[1]}\"))\n    return\n",
            "  fi\n  case ${COMP_WORDS[1]} in\n", cases, "  esac\n}\n");
  }
  return script + cat("complete -o bashdefault -o default -o filenames -F ", function, " ", program, "\n");
}

// ----------------------------------------------------------------------------------------------------- zsh

std::string zsh_spec(const Completed& option) {
  const std::string help = without(option.help, "[]':\\");
  std::string spec =
      cat(option.many ? "*" : "", "--", option.name, option.value == Value::kNone ? "" : "=", "[", help, "]");
  const std::string colon = option.may_lack ? "::" : ":";
  if (option.value == Value::kChoice) spec += cat(colon, option.name, ":(", join(option.choices, " "), ")");
  if (option.value == Value::kNumber) spec += cat(colon, option.name, ": ");
  if (option.value == Value::kFile) spec += cat(colon, option.name, ":_files");
  return "'" + spec + "'";
}

std::string zsh_arguments(const OptionList& list, const std::string& indent) {
  std::string text = indent + "_arguments";
  for (const Completed& option : completed_options(list))
    text += cat(" \\\n", indent, "  ", zsh_spec(option));
  return cat(text, " \\\n", indent, "  '*:value:_files'\n");
}

std::string zsh_script(const std::string& program, const std::vector<Command>& commands) {
  const std::string function = function_name(program);
  const std::vector<std::string> names = names_of(commands);
  std::string script = cat("# Completion of ", program, " in zsh, behind compinit: source <(", program,
                           " --completion zsh)\n", function, "() {\n");
  if (names.empty()) {
    script += zsh_arguments(commands.front().list, "  ");
  } else {
    script += cat("  if (( CURRENT == 2 )); then\n    compadd -- ", join(names, " "),
                  " --help --version --completion\n    return\n  fi\n",
                  "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n");
    for (const Command& command : commands)
      script += cat("    (", command.name, ")\n", zsh_arguments(command.list, "      "), "      ;;\n");
    script += "  esac\n";
  }
  return script + cat("}\ncompdef ", function, " ", program, "\n");
}

// ---------------------------------------------------------------------------------------------------- fish

std::string fish_line(const std::string& start, const Completed& option) {
  std::string line = cat(start, " -l ", option.name, " -d '", without(option.help, "'\\"), "'");
  if (option.value == Value::kChoice) line += cat(" -x -a '", join(option.choices, " "), "'");
  if (option.value == Value::kNumber) line += " -x";
  if (option.value == Value::kFile) line += option.may_lack ? " -F" : " -r -F";
  return line + "\n";
}

std::string fish_script(const std::string& program, const std::vector<Command>& commands) {
  const std::vector<std::string> names = names_of(commands);
  std::string script =
      cat("# Completion of ", program, " in fish: ", program, " --completion fish | source\n");
  if (!names.empty()) {
    script += cat("complete -c ", program, " -n __fish_use_subcommand -f -a '", join(names, " "), "'\n");
  }
  for (const Command& command : commands) {
    const std::string condition =
        command.name.empty() ? "" : cat(" -n '__fish_seen_subcommand_from ", command.name, "'");
    for (const Completed& option : completed_options(command.list))
      script += fish_line(cat("complete -c ", program, condition), option);
  }
  return script;
}

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  return shells;
}

std::string completion_script(const std::string& program, const std::vector<Command>& commands,
                              const std::string& shell) {
  if (shell == "bash") return bash_script(program, commands);
  if (shell == "zsh") return zsh_script(program, commands);
  if (shell == "fish") return fish_script(program, commands);
  TORCH_CHECK_VALUE(false, "--completion: expected one of ", join(completion_shells(), ", "), "; got '",
                    shell, "'.");
}

}  // namespace mkt::cli
