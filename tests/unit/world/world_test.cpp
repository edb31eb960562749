#include "world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "world/outline.h"

namespace mkt::demo {
namespace {

std::set<std::string> named(const Scene& scene) {
  const auto names = label_names(WorldKind::kShapes);
  std::set<std::string> present;
  for (const std::size_t label : present_labels(scene)) present.insert(names.at(label));
  return present;
}

std::string last_word(const std::string& label) {
  return label.substr(label.rfind(' ') + 1);
}

TEST(World, HasEveryCombinationOnce) {
  const auto names = label_names(WorldKind::kShapes);
  EXPECT_EQ(names.size(), 12U + 96 + 36 + 6);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const char* label : {"circle", "purple moon", "checkered tree", "brick"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), label), 1) << label;
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "plain circle"), 0);
}

TEST(World, LabelsDescribeTheObjectsOfAScene) {
  Scene scene;
  scene.background = 2;
  scene.objects = {{3, 0, 1, 20, 20, 7, 0}, {3, 7, kPlain, 50, 20, 7, 0}, {3, 0, 1, 50, 50, 7, 0}};
  EXPECT_EQ(named(scene), (std::set<std::string>{"star", "red star", "black star", "striped star", "night"}));
}

TEST(World, ObjectsLieInSeparateCellsInsideTheView) {
  KeyedRandom random({5});
  std::set<std::size_t> counts;
  for (int i = 0; i < 300; ++i) {
    const Scene scene = draw_scene(WorldKind::kShapes, random, {1, 4}, Frequencies::kWorld);
    counts.insert(scene.objects.size());
    std::set<std::pair<int, int>> cells;
    for (const Object& object : scene.objects) {
      const int cell = kViewSize / kCells;
      cells.emplace(static_cast<int>(object.x - kViewStart) / cell,
                    static_cast<int>(object.y - kViewStart) / cell);
      const Bounds box = bounds(world(scene.world), object);
      EXPECT_LE(box.left, object.x);
      EXPECT_GE(box.bottom, object.y);
      EXPECT_GT(std::min(box.left, box.top), 0);
      EXPECT_LT(std::max(box.right, box.bottom), kImageSize);
      EXPECT_LE(std::max(box.right - box.left, box.bottom - box.top), 2 * 1.3 * object.radius);
    }
    EXPECT_EQ(cells.size(), scene.objects.size());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{1, 2, 3, 4}));
}

TEST(World, SplitsPartitionTheLabels) {
  const auto names = label_names(WorldKind::kShapes);
  std::set<std::vector<std::size_t>> splits;
  for (std::uint64_t split = 0; split < 5; ++split) {
    const LabelSplit labels = split_labels(WorldKind::kShapes, split);
    splits.insert(labels.unseen);
    EXPECT_EQ(labels.unseen.size(), 61U);
    EXPECT_EQ(labels.seen.size() + labels.unseen.size(), names.size());
    std::set<std::size_t> both(labels.seen.begin(), labels.seen.end());
    both.insert(labels.unseen.begin(), labels.unseen.end());
    EXPECT_EQ(both.size(), names.size());
    std::set<std::string> unseen_shapes;
    for (const std::size_t label : labels.unseen) {
      if (label < 12) unseen_shapes.insert(names[label]);
    }
    EXPECT_EQ(unseen_shapes.size(), 3U);
    for (const std::size_t label : labels.seen)
      EXPECT_EQ(unseen_shapes.count(last_word(names[label])), 0U) << names[label];
  }
  EXPECT_EQ(splits.size(), 5U);
}

TEST(Outline, EveryShapeFillsMostOfItsSquare) {
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns, WorldKind::kCatalogue}) {
    for (const ShapeKind& shape : world(kind).shapes) {
      double widest = 0;
      for (const Contour& contour : shape.outline()) {
        for (const Point& point : contour) widest = std::max({widest, std::abs(point.x), std::abs(point.y)});
      }
      EXPECT_LE(widest, 1.02) << shape.name;
      EXPECT_GE(widest, 0.8) << shape.name;
    }
  }
}

}  // namespace
}  // namespace mkt::demo
