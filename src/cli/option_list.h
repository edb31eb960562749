#pragma once
// One statement per option: its name, its default (the bound field's value), its range and its help. Command
// line, configuration file, --help and resolved.toml all follow from the list.

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace mkt::cli {

/// What values an option takes; only what applies to its type is read.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};
  std::string alone = {};   ///< value where the option is given without one; empty: not allowed
  bool positional = false;  ///< its name may be left out
};

struct Option {
  using Target = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*>;

  std::string name;  ///< without dashes: "batch-size"
  Target target;     ///< the bound field; holds the default until parsing
  std::string help;
  Bounds bounds;
  std::string group;
  bool required;
};

/// An option that stands for others.
struct Replacement {
  std::string name;
  std::vector<std::string> others;
};

/// The present value of an option's field.
nlohmann::ordered_json value_of(const Option& option);

/// The options of one executable. Fields must outlive the list.
class OptionList {
 public:
  /// Options added from now on belong to `title` in --help.
  OptionList& group(std::string title);
  OptionList& add(std::string name, Option::Target target, std::string help, Bounds bounds = {});
  OptionList& require(std::string name, Option::Target target, std::string help, Bounds bounds = {});

  /// Where option `name` is given, none of `others` may be, and those of them that are required need not.
  OptionList& replace(std::string name, std::vector<std::string> others);

  const std::vector<Option>& options() const { return options_; }
  const std::vector<Replacement>& replacements() const { return replacements_; }
  /// Which option may be given instead of `name`; "" where there is none.
  std::string replacement_of(const std::string& name) const;

  /// The present values as a flat TOML file that --config reads back.
  std::string toml() const;
  /// The present values as one JSON object.
  nlohmann::ordered_json json() const;

 private:
  std::vector<Option> options_;
  std::vector<Replacement> replacements_;
  std::string group_ = "Options";
};

}  // namespace mkt::cli
