#pragma once
// Scenes of the demo's worlds: objects, their layout, and labels. A world is data (worlds.cpp): words and the
// functions that draw what they name, sizes, clutter, frequencies, and what is a label.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/enum_names.h"
#include "mkt/core/random.h"
#include "mkt/image/preprocessing.h"

namespace cv {
class Mat;
}

namespace mkt::demo {

enum class WorldKind {
  kShapes,    ///< 150 labels: shapes, colour + shape, texture + shape, backgrounds
  kSigns,     ///< other words, outlines, textures, colours, clutter and backgrounds; labels as in kShapes
  kCatalogue  ///< 320 labels, colour + shape, with long-tailed frequencies; one to three per image
};

// Lengths in pixels. Evaluation resizes the short side to 73 pixels and crops, so an encoder with 64-pixel
// input sees the centre of an image: rows and columns kViewStart to kViewStart + kViewSize - 1.
inline constexpr int kImageSize = 73;
inline constexpr int kViewSize = 64;
inline constexpr int kViewStart = 4;
/// Preprocessing that the demo's CLIP is trained with: MKT's.
inline constexpr image::Preprocessing kDemoPreprocessing{};
inline constexpr int kCells = 4;  ///< objects are placed on a grid of kCells × kCells, at most one per cell

struct Point {
  double x = 0;
  double y = 0;  ///< increases downwards
};
using Contour = std::vector<Point>;

struct ShapeKind {
  const char* name;
  std::vector<Contour> (*outline)();  ///< within [-1, 1]²; a point inside two contours is in a hole
};

struct ColourKind {
  const char* name;
  std::array<double, 3> rgb;
};

struct TextureKind {
  const char* name;
  /// Whether a texture has its second shade at (u, v), the texture's own coordinates in canvas pixels.
  bool (*second_shade)(double u, double v);
};

struct BackgroundKind {
  const char* name;
  void (*paint)(cv::Mat& canvas, KeyedRandom& random);
};

/// Kinds of words and combinations that are labels.
struct LabelKinds {
  bool shapes = true;
  bool textured = true;  ///< texture + shape; colour + shape always is a label
  bool backgrounds = true;
};

/// Sizes and placement of objects. Lengths are in image pixels.
struct Placement {
  double jitter = 2;  ///< largest distance from a cell's centre, per axis
  double least_radius = 6.5;
  double most_radius = 9;
  double most_angle = 0.26;  ///< radians
  double plain_share = 0.4;  ///< share of objects with the texture kPlain
};

struct Clutter {
  std::uint64_t most_lines = 4;
  std::uint64_t most_specks = 0;
  double colour_spread = 16;  ///< of an object's colour around its kind's, per channel
  double most_noise = 6;      ///< largest standard deviation of the noise, in levels
};

struct ObjectCount {
  int least = 1;
  int most = 1;  ///< at most kCells²
};

/// Long-tailed frequencies of colour + shape: the combination order[r] is drawn in proportion to
/// (r + 1)^-exponent. Empty: all are equally frequent. Source: Zipf's law.
struct FrequencyLaw {
  std::vector<std::size_t> order;  ///< combinations, colour · shapes + shape, the most frequent first
  std::vector<double> cumulative;  ///< per place in `order`: share of it and those before it
};

struct World {
  std::vector<ShapeKind> shapes;
  std::vector<ColourKind> colours;
  std::vector<TextureKind> textures;  ///< the first, kPlain, is neither label nor word
  std::vector<BackgroundKind> backgrounds;
  LabelKinds labels;
  Placement placement;
  Clutter clutter;
  ObjectCount objects{2, 6};      ///< per image of the data set
  ObjectCount pretraining{1, 4};  ///< per image for pre-training a CLIP
  FrequencyLaw law;
  std::size_t unseen_shapes = 3;  ///< shapes that are unseen with all their combinations
  std::size_t unseen_share = 4;   ///< one in unseen_share of the other combinations is unseen
};

/// Returns the description of a world.
const World& world(WorldKind kind);

inline constexpr std::size_t kPlain = 0;  ///< index of the texture that adds no label

/// Indices refer to the world's lists; lengths are in image pixels; y increases downwards.
struct Object {
  std::size_t shape = 0;
  std::size_t colour = 0;
  std::size_t texture = kPlain;
  double x = 0;  ///< x coordinate of the centre
  double y = 0;
  double radius = 0;  ///< half the side length
  double angle = 0;   ///< rotation in radians
};

struct Scene {
  WorldKind world = WorldKind::kShapes;
  std::size_t background = 0;
  std::vector<Object> objects;  ///< in painting order: later objects cover earlier ones
};

/// Frequencies of an object's shape and colour.
enum class Frequencies {
  kWorld,   ///< the world's law
  kUniform  ///< equal
};

/// Draws a random scene with `count` objects.
Scene draw_scene(WorldKind kind, KeyedRandom& random, ObjectCount count, Frequencies frequencies);

/// Returns all labels of a world, those of these kinds that it has: shapes, colour + shape ("red circle"),
/// texture + shape ("striped circle"), backgrounds.
std::vector<std::string> label_names(WorldKind kind);

/// Returns a scene's labels as indices into label_names(scene.world), ascending, without duplicates.
std::vector<std::size_t> present_labels(const Scene& scene);

/// Partition of label_names(), as ascending indices.
struct LabelSplit {
  std::vector<std::size_t> seen;
  std::vector<std::size_t> unseen;
};

/// Draws seen and unseen labels with the seed `split`. Unseen are World::unseen_shapes shapes with all their
/// combinations, one background if backgrounds are labels, and one in World::unseen_share of the other
/// combinations; with a frequency law one of each unseen_share neighbours in frequency.
LabelSplit split_labels(WorldKind kind, std::uint64_t split);

}  // namespace mkt::demo

namespace mkt {

template <>
struct Names<demo::WorldKind> {
  static constexpr NameTable<demo::WorldKind, 3> kTable{{{demo::WorldKind::kShapes, "shapes"},
                                                         {demo::WorldKind::kSigns, "signs"},
                                                         {demo::WorldKind::kCatalogue, "catalogue"}}};
};

}  // namespace mkt
