#pragma once
// The options of one command. Command line, configuration file, --help, completion and resolved.toml are all
// derived from the list; option.h adds options to it.

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace mkt::cli {

/// Restricts an option's values. Fields that do not apply to the option's type are ignored.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< the only values allowed; empty: any value
  std::string alone = {};   ///< implied value of an option given without one; empty: not allowed
  bool positional = false;  ///< whether the value may be given without the option name
};

Bounds at_least(double low);
Bounds between(double low, double high);
/// Allows the option without a value; `value` is then implied.
Bounds alone(std::string value);
Bounds positional();

/// Type-erased option, as used by parsing, help and configuration files.
struct Setting {
  using Target = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*,
                              std::vector<std::int64_t>*>;

  std::string name;  ///< name without leading dashes: "batch-size"
  Target target;     ///< variable that holds the value; it contains the default until parsing
  std::string help;
  Bounds bounds;
  bool required;
  std::string group;      ///< title of the option's group in --help
  bool* given = nullptr;  ///< set by parsing if the command line or the configuration file has the option

  bool is_flag() const { return std::holds_alternative<bool*>(target); }
  bool is_list() const {
    return std::holds_alternative<std::vector<std::string>*>(target) ||
           std::holds_alternative<std::vector<std::int64_t>*>(target);
  }
  bool is_number() const {
    return std::holds_alternative<std::int64_t*>(target) || std::holds_alternative<double*>(target);
  }
  /// Whether the value is a number or a list of numbers.
  bool takes_numbers() const {
    return is_number() || std::holds_alternative<std::vector<std::int64_t>*>(target);
  }
};

/// Returns the current value of a setting as JSON.
nlohmann::ordered_json value_of(const Setting& setting);

/// The options of one command, in the order of --help. The variables behind the settings must outlive the
/// list and must not be moved.
class OptionList {
 public:
  OptionList() = default;
  OptionList(const OptionList&) = delete;
  OptionList& operator=(const OptionList&) = delete;

  /// Starts the group `title` in --help; it contains the options added from now on.
  void begin_group(std::string title) { group_ = std::move(title); }
  /// Adds a setting to the current group; its own `group` is ignored.
  void add(Setting setting);
  /// Makes option `name` a replacement for `others`: if it is given, none of `others` may be given, and
  /// required ones among them may be missing.
  void replace(std::string name, std::vector<std::string> others);

  const std::vector<Setting>& settings() const { return settings_; }
  bool holds(std::string_view name) const;
  /// Returns the option that may be given instead of `name`; "" if there is none.
  std::string replacement_of(const std::string& name) const;

  /// Formats the current values as a flat TOML file that --config can read.
  std::string toml() const;

 private:
  struct Replacement {
    std::string name;
    std::vector<std::string> others;
  };

  std::vector<Setting> settings_;
  std::vector<Replacement> replacements_;
  std::string group_ = "Options";
};

}  // namespace mkt::cli
