#include "world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

namespace mkt::demo {
namespace {

constexpr double kCell = static_cast<double>(kViewSize) / kCells;

/// Index of each kind's first label in label_names().
struct FirstLabels {
  explicit FirstLabels(const World& world)
      : coloured(world.labels.shapes ? world.shapes.size() : 0),
        textured(coloured + world.colours.size() * world.shapes.size()),
        background(textured +
                   (world.labels.textured ? (world.textures.size() - 1) * world.shapes.size() : 0)),
        end(background + (world.labels.backgrounds ? world.backgrounds.size() : 0)) {}

  std::size_t coloured;
  std::size_t textured;
  std::size_t background;
  std::size_t end;
};

std::size_t draw_index(KeyedRandom& random, std::size_t size) {
  return static_cast<std::size_t>(random.below(size));
}

void draw_shape_and_colour(const World& world, KeyedRandom& random, Frequencies frequencies, Object& object) {
  if (world.law.order.empty() || frequencies == Frequencies::kUniform) {
    object.shape = draw_index(random, world.shapes.size());
    object.colour = draw_index(random, world.colours.size());
    return;
  }
  const auto& shares = world.law.cumulative;
  const auto at = std::upper_bound(shares.begin(), shares.end() - 1, random.uniform()) - shares.begin();
  const std::size_t combination = world.law.order[static_cast<std::size_t>(at)];
  object.shape = combination % world.shapes.size();
  object.colour = combination / world.shapes.size();
}

Object draw_object(const World& world, KeyedRandom& random, std::int64_t cell, Frequencies frequencies) {
  const Placement& placement = world.placement;
  Object object;
  draw_shape_and_colour(world, random, frequencies, object);
  if (world.textures.size() > 1 && random.uniform() >= placement.plain_share)
    object.texture = 1 + draw_index(random, world.textures.size() - 1);
  const auto near_middle = [&](std::int64_t line) {
    const double middle = kViewStart + kCell * (static_cast<double>(line) + 0.5);
    return middle + random.uniform(-placement.jitter, placement.jitter);
  };
  object.x = near_middle(cell % kCells);
  object.y = near_middle(cell / kCells);
  object.radius = random.uniform(placement.least_radius, placement.most_radius);
  object.angle = random.uniform(-placement.most_angle, placement.most_angle);
  return object;
}

/// Returns the labels that `wanted` accepts, in the order of their frequencies, the most frequent first.
std::vector<std::size_t> by_frequency(const World& world, const std::vector<std::size_t>& labels) {
  constexpr auto kLast = std::numeric_limits<std::size_t>::max();
  const FirstLabels first(world);
  std::vector<std::size_t> places(first.end, kLast);
  for (std::size_t place = 0; place < world.law.order.size(); ++place)
    places[first.coloured + world.law.order[place]] = place;
  std::vector<std::size_t> sorted = labels;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  return sorted;
}

/// Draws one in World::unseen_share of `labels`.
std::vector<std::size_t> draw_share(const World& world, const std::vector<std::size_t>& labels,
                                    std::uint64_t split) {
  const std::size_t count = labels.size() / world.unseen_share;
  std::vector<std::size_t> drawn;
  if (world.law.order.empty()) {
    const auto order = permutation(static_cast<std::int64_t>(labels.size()), KeyedRandom({split, 2}));
    for (std::size_t i = 0; i < count; ++i) drawn.push_back(labels[static_cast<std::size_t>(order[i])]);
    return drawn;
  }
  const auto sorted = by_frequency(world, labels);
  KeyedRandom random({split, 2});
  for (std::size_t i = 0; i < count; ++i)
    drawn.push_back(sorted[i * world.unseen_share + draw_index(random, world.unseen_share)]);
  return drawn;
}

}  // namespace

Scene draw_scene(WorldKind kind, KeyedRandom& random, ObjectCount count, Frequencies frequencies) {
  const World& own = world(kind);
  Scene scene;
  scene.world = kind;
  scene.background = draw_index(random, own.backgrounds.size());
  const auto least = static_cast<std::size_t>(count.least);
  const auto objects = least + draw_index(random, static_cast<std::size_t>(count.most) - least + 1);
  const auto cells = permutation(std::int64_t{kCells} * kCells, KeyedRandom({random.bits()}));
  for (std::size_t i = 0; i < objects; ++i)
    scene.objects.push_back(draw_object(own, random, cells[i], frequencies));
  return scene;
}

std::vector<std::string> label_names(WorldKind kind) {
  const World& own = world(kind);
  std::vector<std::string> names;
  const auto add_combinations = [&](const char* word) {
    for (const ShapeKind& shape : own.shapes) names.push_back(fmt::format("{} {}", word, shape.name));
  };
  if (own.labels.shapes) {
    for (const ShapeKind& shape : own.shapes) names.emplace_back(shape.name);
  }
  for (const ColourKind& colour : own.colours) add_combinations(colour.name);
  if (own.labels.textured) {
    for (std::size_t i = 1; i < own.textures.size(); ++i) add_combinations(own.textures[i].name);
  }
  if (own.labels.backgrounds) {
    for (const BackgroundKind& background : own.backgrounds) names.emplace_back(background.name);
  }
  return names;
}

std::vector<std::size_t> present_labels(const Scene& scene) {
  const World& own = world(scene.world);
  const FirstLabels first(own);
  std::set<std::size_t> labels;
  if (own.labels.backgrounds) labels.insert(first.background + scene.background);
  for (const Object& object : scene.objects) {
    if (own.labels.shapes) labels.insert(object.shape);
    labels.insert(first.coloured + object.colour * own.shapes.size() + object.shape);
    if (own.labels.textured && object.texture != kPlain)
      labels.insert(first.textured + (object.texture - 1) * own.shapes.size() + object.shape);
  }
  return {labels.begin(), labels.end()};
}

LabelSplit split_labels(WorldKind kind, std::uint64_t split) {
  const World& own = world(kind);
  const FirstLabels first(own);
  const auto shapes = permutation(static_cast<std::int64_t>(own.shapes.size()), KeyedRandom({split, 0}));
  const auto backgrounds =
      permutation(static_cast<std::int64_t>(own.backgrounds.size()), KeyedRandom({split, 1}));
  std::set<std::size_t> unseen;
  if (own.labels.backgrounds) unseen.insert(first.background + static_cast<std::size_t>(backgrounds[0]));
  const std::set<std::int64_t> unseen_shapes(shapes.begin(),
                                             shapes.begin() + static_cast<std::ptrdiff_t>(own.unseen_shapes));
  std::vector<std::size_t> others;
  for (std::size_t label = 0; label < first.background; ++label) {
    if (unseen_shapes.count(static_cast<std::int64_t>(label % own.shapes.size())) != 0) {
      unseen.insert(label);
    } else if (label >= first.coloured) {
      others.push_back(label);
    }
  }
  const auto drawn = draw_share(own, others, split);
  unseen.insert(drawn.begin(), drawn.end());
  LabelSplit result;
  for (std::size_t label = 0; label < first.end; ++label) {
    (unseen.count(label) != 0 ? result.unseen : result.seen).push_back(label);
  }
  return result;
}

}  // namespace mkt::demo
