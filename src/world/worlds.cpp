// Descriptions of the demo's worlds.

#include <cmath>

#include "world/grounds.h"
#include "world/outlines.h"
#include "world/patterns.h"
#include "world/world.h"

namespace mkt::demo {
namespace {

World shapes_world() {
  World world;
  world.shapes = {
      {"circle", outlines::circle}, {"square", outlines::square}, {"triangle", outlines::triangle},
      {"star", outlines::star},     {"cross", outlines::cross},   {"ring", outlines::ring},
      {"heart", outlines::heart},   {"moon", outlines::moon},     {"arrow", outlines::arrow},
      {"flower", outlines::flower}, {"house", outlines::house},   {"tree", outlines::tree}};
  world.colours = {{"red", {212, 40, 40}},     {"orange", {240, 138, 28}}, {"yellow", {238, 216, 50}},
                   {"green", {44, 164, 62}},   {"blue", {46, 82, 214}},    {"purple", {148, 58, 184}},
                   {"white", {238, 238, 238}}, {"black", {28, 28, 28}}};
  world.textures = {{"plain", patterns::plain},
                    {"striped", patterns::striped},
                    {"dotted", patterns::dotted},
                    {"checkered", patterns::checkered}};
  world.backgrounds = {{"grass", grounds::grass}, {"sand", grounds::sand},   {"night", grounds::night},
                       {"sky", grounds::sky},     {"brick", grounds::brick}, {"snow", grounds::snow}};
  return world;
}

World signs_world() {
  World world;
  world.shapes = {{"diamond", outlines::diamond},     {"bolt", outlines::bolt},
                  {"crown", outlines::crown},         {"drop", outlines::drop},
                  {"hourglass", outlines::hourglass}, {"fish", outlines::fish},
                  {"gear", outlines::gear},           {"cup", outlines::cup},
                  {"boat", outlines::boat},           {"key", outlines::key},
                  {"shield", outlines::shield},       {"cloud", outlines::cloud}};
  world.colours = {{"pink", {246, 150, 186}}, {"brown", {126, 76, 34}},   {"cyan", {60, 208, 222}},
                   {"gray", {136, 136, 136}}, {"lime", {168, 232, 44}},   {"navy", {24, 32, 120}},
                   {"gold", {226, 172, 32}},  {"magenta", {206, 36, 160}}};
  world.textures = {{"plain", patterns::plain},
                    {"wavy", patterns::wavy},
                    {"gridded", patterns::gridded},
                    {"speckled", patterns::speckled}};
  world.backgrounds = {{"sea", grounds::sea},       {"wood", grounds::wood}, {"marble", grounds::marble},
                       {"forest", grounds::forest}, {"city", grounds::city}, {"lava", grounds::lava}};
  world.placement.jitter = 3;
  world.placement.least_radius = 6;
  world.placement.most_radius = 10;
  world.placement.most_angle = 0.4;
  world.placement.plain_share = 0.3;
  world.clutter.most_lines = 1;
  world.clutter.most_specks = 30;
  world.clutter.most_noise = 9;
  return world;
}

FrequencyLaw zipf_law(std::size_t combinations, double exponent) {
  constexpr std::uint64_t kKey = 0x21F;  // the order is part of the world, not of a data set's seed
  FrequencyLaw law;
  double sum = 0;
  for (const std::int64_t at : permutation(static_cast<std::int64_t>(combinations), KeyedRandom({kKey}))) {
    law.order.push_back(static_cast<std::size_t>(at));
    sum += std::pow(static_cast<double>(law.order.size()), -exponent);
    law.cumulative.push_back(sum);
  }
  for (double& share : law.cumulative) share /= sum;
  return law;
}

World catalogue_world() {
  const World shapes = shapes_world();
  const World signs = signs_world();
  World world;
  for (const std::size_t i : {0, 2, 3, 4, 6, 7, 8, 9, 10, 11}) world.shapes.push_back(shapes.shapes[i]);
  for (const std::size_t i : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) world.shapes.push_back(signs.shapes[i]);
  world.colours = shapes.colours;
  world.colours.insert(world.colours.end(), signs.colours.begin(), signs.colours.end());
  world.textures = {shapes.textures[kPlain]};
  world.backgrounds = {{"paper", grounds::paper}, {"cloth", grounds::cloth}, {"slate", grounds::slate}};
  world.labels = {false, false, false};
  world.clutter.most_lines = 2;
  world.clutter.colour_spread = 10;
  world.objects = {1, 3};
  world.pretraining = {1, 3};
  world.law = zipf_law(world.shapes.size() * world.colours.size(), 0.8);
  return world;
}

}  // namespace

const World& world(WorldKind kind) {
  static const World shapes = shapes_world();
  static const World signs = signs_world();
  static const World catalogue = catalogue_world();
  switch (kind) {
    case WorldKind::kSigns:
      return signs;
    case WorldKind::kCatalogue:
      return catalogue;
    case WorldKind::kShapes:
      break;
  }
  return shapes;
}

}  // namespace mkt::demo
