#pragma once
// Declares an option in one statement: type, name, default, range, help. The constructor adds the option to
// an OptionList.
//
// Example usage:
//   struct Options {
//     cli::OptionList list;
//     cli::Group data{list, "Data"};
//     cli::Option<std::string> data_path{list, "data-path", cli::kRequired, "Data set to read"};
//     cli::Option<std::int64_t> topk{list, "topk", 16, cli::at_least(1), "Patches per label"};
//     cli::Option<ScoreKind> score{list, "score", ScoreKind::kMkt, "Score to rank labels by"};
//   };

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/option_list.h"
#include "mkt/core/enum_names.h"

namespace mkt::cli {

/// Passed instead of a default: the option is required.
struct Required {};
inline constexpr Required kRequired;

/// Starts a group in --help; the options declared after it belong to the group.
struct Group {
  Group(OptionList& list, std::string title) { list.begin_group(std::move(title)); }
};

/// Declares that option `name` replaces the options `others` (OptionList::replace).
struct Replacement {
  Replacement(OptionList& list, std::string name, std::vector<std::string> others) {
    list.replace(std::move(name), std::move(others));
  }
};

constexpr const char* kAuto = "auto";

/// Representation of a type during parsing. An enum, or an optional enum (nullopt is "auto"), is represented
/// by its name.
template <typename T>
struct Kept {
  using Type = T;
  static constexpr bool kNamed = false;
  static T from(T value) { return value; }
  static const T& to(const T& kept) { return kept; }
};

template <typename Enum>
struct KeptEnum {
  using Type = std::string;
  static constexpr bool kNamed = true;
  static std::vector<std::string> choices() { return enum_names<Enum>(); }
  static std::string from(Enum value) { return enum_name(value); }
  static Enum to(const std::string& kept) { return enum_value<Enum>(kept).value(); }
};

template <typename Enum>
struct KeptOptionalEnum {
  using Type = std::string;
  static constexpr bool kNamed = true;
  static std::vector<std::string> choices() {
    std::vector<std::string> names = enum_names<Enum>();
    names.insert(names.begin(), kAuto);
    return names;
  }
  static std::string from(std::optional<Enum> value) { return value ? enum_name(*value) : kAuto; }
  static std::optional<Enum> to(const std::string& kept) { return enum_value<Enum>(kept); }
};

template <typename T>
struct Stored : std::conditional_t<std::is_enum_v<T>, KeptEnum<T>, Kept<T>> {};
template <typename Enum>
struct Stored<std::optional<Enum>> : KeptOptionalEnum<Enum> {};

/// An option of type bool (a flag), std::int64_t, double, std::string, std::vector of std::string or
/// std::int64_t, an enum with a table of names, or std::optional of such an enum. Converts implicitly to its
/// value.
template <typename T>
class Option {
 public:
  using Preset = std::common_type_t<T>;  // non-deduced context, so that 16 and "text" convert

  Option(OptionList& list, std::string name, Preset preset, Bounds bounds, std::string help)
      : value_(Stored<T>::from(std::move(preset))), preset_(value_) {
    add(list, std::move(name), std::move(bounds), std::move(help), /*required=*/false);
  }
  Option(OptionList& list, std::string name, Preset preset, std::string help)
      : Option(list, std::move(name), std::move(preset), Bounds{}, std::move(help)) {}
  Option(OptionList& list, std::string name, Required, Bounds bounds, std::string help) {
    add(list, std::move(name), std::move(bounds), std::move(help), /*required=*/true);
  }
  Option(OptionList& list, std::string name, Required, std::string help)
      : Option(list, std::move(name), kRequired, Bounds{}, std::move(help)) {}
  /// Declares an option whose default is off or empty.
  Option(OptionList& list, std::string name, std::string help) {
    static_assert(!Stored<T>::kNamed && !std::is_arithmetic_v<T>, "such an option needs a default");
    add(list, std::move(name), Bounds{}, std::move(help), /*required=*/false);
  }
  Option(const Option&) = delete;
  Option& operator=(const Option&) = delete;

  decltype(auto) operator*() const { return Stored<T>::to(value_); }
  const T* operator->() const { return &value_; }
  operator decltype(Stored<T>::to({}))() const { return Stored<T>::to(value_); }  // NOLINT: implicit use

  bool is_default() const { return value_ == preset_; }
  /// Whether the command line or the configuration file has the option, perhaps with its default.
  bool given() const { return given_; }

 private:
  void add(OptionList& list, std::string name, Bounds bounds, std::string help, bool required) {
    if constexpr (Stored<T>::kNamed) {
      if (bounds.choices.empty()) bounds.choices = Stored<T>::choices();
    }
    list.add({std::move(name), &value_, std::move(help), std::move(bounds), required, "", &given_});
  }

  typename Stored<T>::Type value_{};
  typename Stored<T>::Type preset_{};
  bool given_ = false;
};

/// A boolean option without a value; off unless given.
class Flag : public Option<bool> {
 public:
  Flag(OptionList& list, std::string name, std::string help)
      : Option(list, std::move(name), false, std::move(help)) {}
};

/// Restricts an enum option to `values`.
template <typename Enum>
Bounds among(std::initializer_list<Enum> values) {
  Bounds bounds;
  for (const Enum value : values) bounds.choices.push_back(enum_name(value));
  return bounds;
}

}  // namespace mkt::cli
