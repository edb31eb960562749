#include "demo/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mkt::demo {
namespace {

constexpr double kCell = static_cast<double>(kViewSize) / kCells;
constexpr double kPlainShare = 0.4;
constexpr double kJitter = 2;
constexpr double kLeastRadius = 6.5;
constexpr double kMostRadius = 9;
constexpr double kMostAngle = 0.26;

constexpr std::size_t kUnseenShapes = 3;
constexpr std::size_t kUnseenShare = 4;  // one in kUnseenShare of the other combinations is unseen

// Index of each kind's first label in label_names().
constexpr std::size_t kFirstColoured = kShapes.size();
constexpr std::size_t kFirstTextured = kFirstColoured + kColours.size() * kShapes.size();
constexpr std::size_t kFirstBackground = kFirstTextured + (kTextures.size() - 1) * kShapes.size();
constexpr std::size_t kLabels = kFirstBackground + kBackgrounds.size();

std::size_t draw_index(KeyedRandom& random, std::size_t size) {
  return static_cast<std::size_t>(random.below(size));
}

std::size_t coloured(const Object& object) {
  return kFirstColoured + object.colour * kShapes.size() + object.shape;
}

std::size_t textured(const Object& object) {
  return kFirstTextured + (object.texture - 1) * kShapes.size() + object.shape;
}

Object draw_object(KeyedRandom& random, std::int64_t cell) {
  Object object;
  object.shape = draw_index(random, kShapes.size());
  object.colour = draw_index(random, kColours.size());
  if (random.uniform() >= kPlainShare) object.texture = 1 + draw_index(random, kTextures.size() - 1);
  const auto row = cell / kCells;
  object.x =
      kViewStart + kCell * (static_cast<double>(cell % kCells) + 0.5) + random.uniform(-kJitter, kJitter);
  object.y = kViewStart + kCell * (static_cast<double>(row) + 0.5) + random.uniform(-kJitter, kJitter);
  object.radius = random.uniform(kLeastRadius, kMostRadius);
  object.angle = random.uniform(-kMostAngle, kMostAngle);
  return object;
}

}  // namespace

Scene draw_scene(KeyedRandom& random, int least, int most) {
  Scene scene;
  scene.background = draw_index(random, kBackgrounds.size());
  const auto fewest = static_cast<std::size_t>(least);
  const auto count = fewest + draw_index(random, static_cast<std::size_t>(most) - fewest + 1);
  const auto cells = permutation(std::int64_t{kCells} * kCells, KeyedRandom({random.bits()}));
  for (std::size_t i = 0; i < count; ++i) scene.objects.push_back(draw_object(random, cells[i]));
  return scene;
}

std::vector<std::string> label_names() {
  std::vector<std::string> names(kShapes.begin(), kShapes.end());
  for (const char* colour : kColours) {
    for (const char* shape : kShapes) names.push_back(fmt::format("{} {}", colour, shape));
  }
  for (std::size_t texture = 1; texture < kTextures.size(); ++texture) {
    for (const char* shape : kShapes) names.push_back(fmt::format("{} {}", kTextures[texture], shape));
  }
  names.insert(names.end(), kBackgrounds.begin(), kBackgrounds.end());
  return names;
}

std::vector<std::size_t> present_labels(const Scene& scene) {
  std::set<std::size_t> labels = {kFirstBackground + scene.background};
  for (const Object& object : scene.objects) {
    labels.insert(object.shape);
    labels.insert(coloured(object));
    if (object.texture != kPlain) labels.insert(textured(object));
  }
  return {labels.begin(), labels.end()};
}

LabelSplit split_labels(std::uint64_t split) {
  const auto shapes = permutation(kShapes.size(), KeyedRandom({split, 0}));
  const auto backgrounds = permutation(kBackgrounds.size(), KeyedRandom({split, 1}));
  std::set<std::size_t> unseen = {kFirstBackground + static_cast<std::size_t>(backgrounds[0])};
  const std::set<std::int64_t> unseen_shapes(shapes.begin(), shapes.begin() + kUnseenShapes);
  std::vector<std::size_t> others;
  for (std::size_t label = 0; label < kFirstBackground; ++label) {
    if (unseen_shapes.count(static_cast<std::int64_t>(label % kShapes.size())) != 0) {
      unseen.insert(label);
    } else if (label >= kFirstColoured) {
      others.push_back(label);
    }
  }
  const auto order = permutation(static_cast<std::int64_t>(others.size()), KeyedRandom({split, 2}));
  for (std::size_t i = 0; i < others.size() / kUnseenShare; ++i) {
    unseen.insert(others[static_cast<std::size_t>(order[i])]);
  }
  LabelSplit result;
  for (std::size_t label = 0; label < kLabels; ++label) {
    (unseen.count(label) != 0 ? result.unseen : result.seen).push_back(label);
  }
  return result;
}

}  // namespace mkt::demo
