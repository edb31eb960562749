#pragma once
// The options of one command. Command line, configuration file, --help, completion and resolved.toml all
// follow from the list; option.h adds an option to it.

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
  std::vector<std::string> choices = {};  ///< the only texts allowed; empty: any text
  std::string alone = {};   ///< the value if the option is given without one; empty: not allowed
  bool positional = false;  ///< the option's name may be left out
};

Bounds at_least(double low);
Bounds between(double low, double high);
/// The option may be given without a value and then has this one.
Bounds alone(std::string value);
Bounds positional();

/// An option as parsing, help and files see it.
struct Setting {
  using Target = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string name;  ///< without dashes: "batch-size"
  Target target;     ///< the value: the default until parsing
  std::string help;
  Bounds bounds;
  bool required;
  std::string group;  ///< its title in --help

  bool is_flag() const { return std::holds_alternative<bool*>(target); }
  bool is_list() const { return std::holds_alternative<std::vector<std::string>*>(target); }
  bool is_number() const {
    return std::holds_alternative<std::int64_t*>(target) || std::holds_alternative<double*>(target);
  }
};

/// The current value of a setting.
nlohmann::ordered_json value_of(const Setting& setting);

/// The options of one command, in the order of --help. Values must outlive the list, and stay where they are.
class OptionList {
 public:
  OptionList() = default;
  OptionList(const OptionList&) = delete;
  OptionList& operator=(const OptionList&) = delete;

  /// Options added from now on belong to the group `title` in --help.
  void begin_group(std::string title) { group_ = std::move(title); }
  /// Adds a setting to the current group; its own `group` is ignored.
  void add(Setting setting);
  /// If option `name` is given, none of `others` may be, and the required ones among them need not.
  void replace(std::string name, std::vector<std::string> others);

  const std::vector<Setting>& settings() const { return settings_; }
  bool holds(std::string_view name) const;
  /// The option that may be given instead of `name`; "" if there is none.
  std::string replacement_of(const std::string& name) const;

  /// The current values as a flat TOML file that --config reads back.
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
