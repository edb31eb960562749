#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>

#include "cli/completion.h"
#include "cli/version.h"
#include "core/text.h"
#include "mkt/core/error.h"

namespace mkt::cli {
namespace {

constexpr std::size_t kNamesColumn = 44;  // of --help

std::string range_text(const Bounds& bounds) {
  const bool has_low = std::isfinite(bounds.low);
  const bool has_high = std::isfinite(bounds.high);
  if (has_low && has_high) return cat("in [", bounds.low, ", ", bounds.high, "]");
  if (has_low) return cat(">= ", bounds.low);
  return has_high ? cat("<= ", bounds.high) : "";
}

/// Empty where `text` is a number within the bounds, else what is wrong.
std::string range_error(const Bounds& bounds, const std::string& text) {
  double value = 0;
  if (!CLI::detail::lexical_cast(text, value)) return cat("expected a number, got '", text, "'");
  if (value >= bounds.low && value <= bounds.high) return "";
  return cat("expected a number ", range_text(bounds), ", got ", text);
}

std::string choice_error(const Bounds& bounds, const std::string& text) {
  if (std::find(bounds.choices.begin(), bounds.choices.end(), text) != bounds.choices.end()) return "";
  return cat("expected one of ", join(bounds.choices, ", "), "; got '", text, "'");
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Option& option, bool* field) {
  return app.add_flag(flag, *field, option.help);
}

template <typename Number>
CLI::Option* add_number(CLI::App& app, const std::string& flag, const Option& option, Number* field) {
  CLI::Option* added = app.add_option(flag, *field, option.help);
  if (range_text(option.bounds).empty()) return added;
  const Bounds bounds = option.bounds;
  return added->check(CLI::Validator([bounds](std::string& text) { return range_error(bounds, text); }, ""));
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Option& option, std::int64_t* field) {
  return add_number(app, flag, option, field)->type_name("INT");
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Option& option, double* field) {
  return add_number(app, flag, option, field)->type_name("NUMBER");
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Option& option, std::string* field) {
  CLI::Option* added = app.add_option(flag, *field, option.help);
  if (option.bounds.choices.empty()) return added->type_name("TEXT");
  const Bounds bounds = option.bounds;
  added->check(CLI::Validator([bounds](std::string& text) { return choice_error(bounds, text); }, ""));
  return added->type_name(join(option.bounds.choices, "|"));
}

CLI::Option* add_typed(CLI::App& app, const std::string& flag, const Option& option,
                       std::vector<std::string>* field) {
  // Otherwise a value "[a,b]" would be taken for two.
  return app.add_option(flag, *field, option.help)->type_name("TEXT")->allow_extra_args(false);
}

bool is_list(const Option& option) {
  return std::holds_alternative<std::vector<std::string>*>(option.target);
}

/// What --help says behind an option's name: "INT in [0, 1024], default 8".
std::string values_text(const OptionList& list, const Option& option, const CLI::Option& added) {
  if (std::holds_alternative<bool*>(option.target)) return "";
  const bool text_value = std::holds_alternative<std::string*>(option.target);
  const std::string range = text_value ? "" : range_text(option.bounds);
  std::string values =
      cat(added.get_type_name(), is_list(option) ? " ..." : "", range.empty() ? "" : " ", range);
  const std::string instead = list.replacement_of(option.name);
  if (option.required) return cat(values, ", required", instead.empty() ? "" : " without --", instead);
  if (is_list(option)) return values;
  const nlohmann::ordered_json preset = value_of(option);
  const std::string text = preset.is_string() ? preset.get<std::string>() : preset.dump();
  return text.empty() ? values : cat(values, ", default ", text);
}

void add_option(CLI::App& app, const OptionList& list, const Option& option) {
  const std::string flag = cat(option.bounds.positional ? option.name + "," : "", "--", option.name);
  CLI::Option* added =
      std::visit([&](auto* field) { return add_typed(app, flag, option, field); }, option.target);
  added->group(option.group)->option_text(values_text(list, option, *added));
  if (!is_list(option)) {
    added->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);  // so that a script's flags can be overruled
  }
  if (option.required && list.replacement_of(option.name).empty()) added->required();
}

/// What is wrong with options of which some stand for others; "" where nothing is.
std::string replacement_error(const OptionList& list, const CLI::App& app) {
  const auto given = [&](const std::string& name) { return app.count("--" + name) > 0; };
  for (const Option& option : list.options()) {
    const std::string instead = list.replacement_of(option.name);
    if (instead.empty() || (given(instead) && !given(option.name))) continue;
    if (given(instead)) {
      return cat("--", option.name, ": expected none beside --", instead, ", which decides it, got ",
                 value_of(option).dump(), ". Drop one of the two.");
    }
    if (option.required && !given(option.name))
      return cat("--", option.name, " is required, or --", instead, ". See --help.");
  }
  return "";
}

/// "--warmup_epochs=2" → "--warmup-epochs=2": the original's spelling of some options.
std::string with_dashes(std::string argument) {
  if (argument.rfind("--", 0) != 0) return argument;
  const auto end = std::min(argument.find('='), argument.size());
  std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  return argument;
}

/// Gives options that may stand alone their implied value where they do.
std::vector<std::string> with_implied(const OptionList& list, const std::vector<std::string>& arguments) {
  std::vector<std::string> complete;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    complete.push_back(arguments[i]);
    const bool has_value = i + 1 < arguments.size() && arguments[i + 1].rfind("--", 0) != 0;
    for (const Option& option : list.options()) {
      const bool alone = !option.bounds.alone.empty() && !has_value && arguments[i] == "--" + option.name;
      if (alone) complete.push_back(option.bounds.alone);
    }
  }
  return complete;
}

/// Repeats the name of an option that takes several values: "--label a b" → "--label a --label b".
std::vector<std::string> with_repeated(const OptionList& list, const std::vector<std::string>& arguments) {
  std::vector<std::string> complete;
  std::string repeated;  // name of the option whose values these are
  bool first = false;
  for (const std::string& argument : arguments) {
    const bool value = first || argument.size() < 2 || argument[0] != '-';
    if (value && !first && !repeated.empty()) complete.push_back(repeated);
    complete.push_back(argument);
    first = false;
    if (value) continue;
    const std::string name = argument.substr(0, argument.find('='));
    const auto& options = list.options();
    const bool many = std::any_of(options.begin(), options.end(), [&](const Option& option) {
      return is_list(option) && name == "--" + option.name;
    });
    repeated = many ? name : "";
    first = many && name == argument;
  }
  return complete;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest_option(const OptionList& list, const std::string& unknown) {
  std::string best;
  std::size_t best_distance = unknown.size() / 2 + 1;
  for (const Option& option : list.options()) {
    const std::size_t distance = edit_distance(unknown, "--" + option.name);
    if (distance < best_distance) {
      best = "--" + option.name;
      best_distance = distance;
    }
  }
  return best;
}

std::string unknown_argument_text(const OptionList& list, const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining();
  const std::string unknown = extras.empty() ? "" : extras.front().substr(0, extras.front().find('='));
  const std::string near = nearest_option(list, unknown);
  return cat(unknown, ": not an option of this program. ",
             near.empty() ? "See --help." : cat("Did you mean ", near, "?"));
}

/// --completion SHELL, which ends parsing as --help does.
void add_completion(CLI::App& app, const Program& program, const OptionList& list) {
  const auto print = [&program, &list](const std::string& shell) {
    const auto space = std::min(program.name.find(' '), program.name.size());  // "prepare label-emb"
    const std::string command = trim(program.name.substr(space));
    throw CLI::CallForVersion(completion_script(program.name.substr(0, space), {{command, list}}, shell), 0);
  };
  const Bounds shells{0, 0, completion_shells()};
  app.add_option_function<std::string>("--completion", print,
                                       "Print a script that completes options in a shell")
      ->check(CLI::Validator([shells](std::string& text) { return choice_error(shells, text); }, ""))
      ->type_name(join(shells.choices, "|"))
      ->configurable(false);
}

ParseOutcome usage_error(const Program& program, const std::string& message) {
  std::string line = trim(message);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return {false, kExitUsage, "", cat(program.name, ": ", line, "\n")};
}

}  // namespace

ParseOutcome parse(const Program& program, const OptionList& list, std::vector<std::string> arguments) {
  CLI::App app(program.description, program.name);
  app.get_formatter()->column_width(kNamesColumn);
  app.footer(cat("Example:\n  ", program.example));
  app.set_version_flag("--version", version_text(program.name));
  add_completion(app, program, list);
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.allow_extras();  // reported below, with a suggestion
  app.set_config("--config", "", "TOML file of options, one 'name = value' a line")->type_name("FILE");
  for (const Option& option : list.options()) add_option(app, list, option);
  std::transform(arguments.begin(), arguments.end(), arguments.begin(), with_dashes);
  arguments = with_repeated(list, with_implied(list, arguments));
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return {false, kExitDone, app.help(), ""};
  } catch (const CLI::CallForVersion& version) {
    return {false, kExitDone, cat(version.what(), "\n"), ""};
  } catch (const CLI::ConfigError& error) {
    return usage_error(program, cat("--config: ", error.what(), " See --help for the options there are."));
  } catch (const CLI::RequiredError& error) {
    if (!app.remaining().empty()) return usage_error(program, unknown_argument_text(list, app));
    return usage_error(program, cat(error.what(), ". See --help."));
  } catch (const CLI::ParseError& error) {
    return usage_error(program, cat(error.what(), ". See --help."));
  }
  if (!app.remaining().empty()) return usage_error(program, unknown_argument_text(list, app));
  const std::string wrong = replacement_error(list, app);
  return wrong.empty() ? ParseOutcome{true, kExitDone, "", ""} : usage_error(program, wrong);
}

}  // namespace mkt::cli
