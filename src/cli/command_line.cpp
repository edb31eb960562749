#include "cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/completion.h"
#include "cli/toml.h"
#include "cli/version.h"
#include "core/text.h"
#include "mkt/core/error.h"

namespace mkt::cli {
namespace {

constexpr std::size_t kNamesColumn = 44;     // width of the column with option names in --help
constexpr std::size_t kCommandsColumn = 17;  // width of the column with subcommand names in --help

/// Parses --config files with toml++ instead of CLI11's own reader.
class TomlConfig : public CLI::Config {
 public:
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return ""; }

  std::vector<CLI::ConfigItem> from_config(std::istream& file) const override {
    try {
      std::vector<CLI::ConfigItem> entries;
      for (auto& [name, texts] : read_toml(file)) {
        if (!texts.empty()) entries.push_back({{}, name, texts});
      }
      return entries;
    } catch (const std::runtime_error& error) {
      throw CLI::ConfigError(error.what());
    }
  }
};

std::string range_text(const Bounds& bounds) {
  const bool has_low = std::isfinite(bounds.low);
  const bool has_high = std::isfinite(bounds.high);
  if (has_low && has_high) return fmt::format("in [{:g}, {:g}]", bounds.low, bounds.high);
  if (has_low) return fmt::format(">= {:g}", bounds.low);
  return has_high ? fmt::format("<= {:g}", bounds.high) : "";
}

/// Returns the error message for a value that is not a number within the bounds; "" if it is valid.
std::string range_error(const Bounds& bounds, const std::string& text) {
  double value = 0;
  if (!CLI::detail::lexical_cast(text, value)) return fmt::format("expected a number, got '{}'", text);
  if (value >= bounds.low && value <= bounds.high) return "";
  return fmt::format("expected a number {}, got {}", range_text(bounds), text);
}

std::string choice_error(const std::vector<std::string>& choices, const std::string& text) {
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
  return fmt::format("expected one of {}; got '{}'", join(choices, ", "), text);
}

void limit_choices(CLI::Option& option, const std::vector<std::string>& choices) {
  option.check(CLI::Validator([choices](std::string& text) { return choice_error(choices, text); }, ""));
  option.type_name(join(choices, "|"));
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting, bool* value) {
  return app.add_flag(flag, *value, setting.help);
}

/// Adds an option for a number or a list of numbers, each within the bounds.
template <typename Numbers>
CLI::Option* add_number(CLI::App& app, const std::string& flag, const Setting& setting, Numbers* value) {
  CLI::Option* added = app.add_option(flag, *value, setting.help);
  if (range_text(setting.bounds).empty()) return added;
  const Bounds bounds = setting.bounds;
  return added->check(CLI::Validator([bounds](std::string& text) { return range_error(bounds, text); }, ""));
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting, std::int64_t* value) {
  return add_number(app, flag, setting, value)->type_name("INT");
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting, double* value) {
  return add_number(app, flag, setting, value)->type_name("NUMBER");
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting, std::string* value) {
  CLI::Option* added = app.add_option(flag, *value, setting.help)->type_name("TEXT");
  if (!setting.bounds.choices.empty()) limit_choices(*added, setting.bounds.choices);
  return added;
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting,
                       std::vector<std::string>* value) {
  // With extra arguments, which several positional ones are, CLI11 splits a value "[a,b]" into two.
  return app.add_option(flag, *value, setting.help)
      ->type_name("TEXT")
      ->allow_extra_args(setting.bounds.positional);
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Setting& setting,
                       std::vector<std::int64_t>* value) {
  return add_number(app, flag, setting, value)->type_name("INT")->allow_extra_args(false);
}

/// Formats a default: text without quotes, the items of a list separated by spaces.
std::string preset_text(const nlohmann::ordered_json& preset) {
  if (preset.is_string()) return preset.get<std::string>();
  if (!preset.is_array()) return preset.dump();
  std::vector<std::string> items;
  for (const nlohmann::ordered_json& item : preset) items.push_back(preset_text(item));
  return join(items, " ");
}

/// Formats the text after an option's name in --help: "INT in [0, 1024], default 8".
std::string values_text(const OptionList& list, const Setting& setting, const CLI::Option& added) {
  if (setting.is_flag()) return "";
  const std::string range = setting.takes_numbers() ? range_text(setting.bounds) : "";
  std::string values = fmt::format("{}{}{}{}", added.get_type_name(), setting.is_list() ? " ..." : "",
                                   range.empty() ? "" : " ", range);
  const std::string instead = list.replacement_of(setting.name);
  if (setting.required) return values + ", required" + (instead.empty() ? "" : " without --" + instead);
  const std::string text = preset_text(value_of(setting));
  return text.empty() ? values : values + ", default " + text;
}

void add_setting(CLI::App& app, const OptionList& list, const Setting& setting) {
  const std::string flag = (setting.bounds.positional ? setting.name + "," : "") + "--" + setting.name;
  CLI::Option* added =
      std::visit([&](auto* value) { return add_typed(app, flag, setting, value); }, setting.target);
  added->group(setting.group)->option_text(values_text(list, setting, *added));
  if (!setting.is_list())
    added->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);  // so that a script's flags can be overridden
  if (setting.required && list.replacement_of(setting.name).empty()) added->required();
}

/// Returns the error message if replaced options are given together with their replacement, or if required
/// ones are missing without it; "" if there is no error.
std::string replacement_error(const OptionList& list, const CLI::App& app) {
  const auto given = [&](const std::string& name) { return app.count("--" + name) > 0; };
  for (const Setting& setting : list.settings()) {
    const std::string instead = list.replacement_of(setting.name);
    if (instead.empty()) continue;
    if (given(instead) && given(setting.name))
      return fmt::format("--{} cannot be combined with --{}, which decides it. Drop one.", setting.name,
                         instead);
    if (setting.required && !given(instead) && !given(setting.name))
      return fmt::format("--{} is required, or --{}. See --help.", setting.name, instead);
  }
  return "";
}

std::string unknown_argument_text(const OptionList& list, const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining();
  const std::string unknown = extras.empty() ? "" : extras.front().substr(0, extras.front().find('='));
  const std::string near = nearest_option(list, unknown);
  return fmt::format("{}: not an option of this program. {}", unknown,
                     near.empty() ? "See --help." : "Did you mean " + near + "?");
}

/// Adds --completion SHELL, which ends parsing as --help does.
void add_completion(CLI::App& app, const std::function<std::string(const std::string&)>& complete) {
  const auto print = [complete](const std::string& shell) { throw CLI::CallForVersion(complete(shell), 0); };
  CLI::Option* added = app.add_option_function<std::string>(
      "--completion", print, "Print a script that completes options in a shell");
  limit_choices(*added, completion_shells());
  added->configurable(false);
}

/// Adds --config FILE, which may be repeated: CLI11 reads the last file first and keeps what is set.
void add_config(CLI::App& app) {
  app.set_config("--config", "",
                 "TOML file of options, one 'name = value' per line; of several the last wins")
      ->type_name("FILE")
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string own_completion(const Program& program, const OptionList& list, const std::string& shell) {
  const auto space = std::min(program.name.find(' '), program.name.size());  // separates the subcommand
  return completion_script(program.name.substr(0, space), {{trim(program.name.substr(space)), &list}}, shell);
}

ParseOutcome usage_error(const Program& program, const std::string& message) {
  std::string line = trim(message);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return {false, kExitUsage, "", fmt::format("{}: {}\n", program.name, line)};
}

/// Calls `parse_all` for `app` and converts its exceptions to a ParseOutcome; `unknown` returns the error
/// message for unparsed arguments.
ParseOutcome guarded(const Program& program, const CLI::App& app, const std::function<void()>& parse_all,
                     const std::function<std::string()>& unknown) {
  try {
    parse_all();
  } catch (const CLI::CallForHelp&) {
    return {false, kExitDone, app.help(), ""};
  } catch (const CLI::CallForVersion& version) {
    return {false, kExitDone, fmt::format("{}\n", version.what()), ""};
  } catch (const CLI::ConfigError& error) {
    return usage_error(program, fmt::format("--config: {} See --help for the options.", error.what()));
  } catch (const CLI::RequiredError& error) {
    if (app.remaining().empty()) return usage_error(program, fmt::format("{}. See --help.", error.what()));
  } catch (const CLI::ParseError& error) {
    return usage_error(program, fmt::format("{}. See --help.", error.what()));
  }
  if (!app.remaining().empty()) return usage_error(program, unknown());
  return {true, kExitDone, "", ""};
}

/// Adds the subcommands. Each one parses its own arguments, including --help.
std::vector<CLI::App*> add_commands(CLI::App& app, const std::vector<Subcommand>& commands) {
  std::vector<CLI::App*> added;
  for (const Subcommand& command : commands) {
    added.push_back(app.add_subcommand(command.name, command.description)->prefix_command());
    added.back()->set_help_flag();
    added.back()->group("Commands");
  }
  return added;
}

std::string names_text(const std::vector<Subcommand>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const Subcommand& command : commands) names.push_back(command.name);
  return join(names, ", ");
}

}  // namespace

ParseOutcome parse(const Program& program, const OptionList& list,
                   const std::vector<std::string>& arguments) {
  CLI::App app(program.description, program.name);
  app.get_formatter()->column_width(kNamesColumn);
  app.footer("Example:\n  " + program.example);
  app.set_version_flag("--version", version_text(program.name));
  add_completion(app, [&](const std::string& shell) { return own_completion(program, list, shell); });
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.config_formatter(std::make_shared<TomlConfig>());
  app.allow_extras();  // unknown options are reported with a suggestion
  add_config(app);
  for (const Setting& setting : list.settings()) add_setting(app, list, setting);
  std::vector<std::string> reversed = normalised_arguments(list, arguments);
  std::reverse(reversed.begin(), reversed.end());  // CLI11 expects the arguments in reverse order
  ParseOutcome outcome = guarded(
      program, app, [&] { app.parse(reversed); }, [&] { return unknown_argument_text(list, app); });
  if (!outcome.run) return outcome;
  for (const Setting& setting : list.settings()) {
    if (setting.given != nullptr) *setting.given = app.count("--" + setting.name) > 0;
  }
  const std::string wrong = replacement_error(list, app);
  return wrong.empty() ? outcome : usage_error(program, wrong);
}

CommandChoice choose_command(const Program& program, const std::vector<Subcommand>& commands,
                             const std::vector<std::string>& arguments,
                             const std::function<std::string(const std::string& shell)>& complete) {
  CLI::App app(program.description, program.name);
  app.get_formatter()->column_width(kCommandsColumn);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.footer(fmt::format("{} COMMAND --help describes the options of a command.\n\nExample:\n  {}",
                         program.name, program.example));
  app.set_version_flag("--version", version_text(program.name));
  add_completion(app, complete);
  app.allow_extras();
  app.require_subcommand(0, 1);  // after the first subcommand, all arguments belong to it
  const std::vector<CLI::App*> added = add_commands(app, commands);
  const auto no_command = [&] {
    const std::string got = app.remaining().empty() ? "" : app.remaining().front();
    return fmt::format("expected a command ({}), got '{}'. See {} --help.", names_text(commands), got,
                       program.name);
  };
  CommandChoice choice{0, {}, {}};
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  choice.outcome = guarded(
      program, app, [&] { app.parse(reversed); }, no_command);
  const auto chosen = app.get_subcommands();
  if (choice.outcome.run && chosen.empty()) choice.outcome = usage_error(program, no_command());
  if (!choice.outcome.run) return choice;
  choice.command = static_cast<std::size_t>(std::find(added.begin(), added.end(), chosen[0]) - added.begin());
  choice.arguments = chosen[0]->remaining();
  return choice;
}

}  // namespace mkt::cli
