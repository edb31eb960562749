#include "io/record_scalars.h"

#include <cmath>
#include <string>

namespace mkt::io {
namespace {

void add_numbers(std::vector<Scalar>& scalars, const std::string& tag, const nlohmann::ordered_json& value) {
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) add_numbers(scalars, tag + "/" + name, part);
  } else if (value.is_number() && std::isfinite(value.get<double>())) {
    scalars.push_back({tag, value.get<double>()});
  }
}

}  // namespace

StepScalars scalars_of(const nlohmann::ordered_json& record, std::int64_t steps_per_epoch) {
  nlohmann::ordered_json numbers = record;
  const auto epoch = record.at("epoch").get<std::int64_t>();
  StepScalars result;
  result.step = epoch * steps_per_epoch + record.value("step", steps_per_epoch - 1);
  numbers.erase("epoch");
  numbers.erase("step");
  std::string kind = record.at("kind").get<std::string>();
  if (record.contains("weights")) kind += "_" + record["weights"].get<std::string>();
  add_numbers(result.scalars, kind, numbers);
  return result;
}

}  // namespace mkt::io
