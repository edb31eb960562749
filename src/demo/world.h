#pragma once
// Scenes of the demo: objects, their layout, and labels.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/random.h"
#include "mkt/image/preprocessing.h"

namespace mkt::demo {

inline constexpr std::array<const char*, 12> kShapes = {"circle", "square", "triangle", "star",
                                                        "cross",  "ring",   "heart",    "moon",
                                                        "arrow",  "flower", "house",    "tree"};
inline constexpr std::array<const char*, 8> kColours = {"red",  "orange", "yellow", "green",
                                                        "blue", "purple", "white",  "black"};
inline constexpr std::array<const char*, 4> kTextures = {"plain", "striped", "dotted", "checkered"};
inline constexpr std::array<const char*, 6> kBackgrounds = {"grass", "sand", "night", "sky", "brick", "snow"};
inline constexpr std::size_t kPlain = 0;  ///< index of the texture that adds no label

// Lengths in pixels. Evaluation resizes the short side to 73 pixels and crops, so an encoder with 64-pixel
// input sees the centre of an image: rows and columns kViewStart to kViewStart + kViewSize - 1.
inline constexpr int kImageSize = 73;
inline constexpr int kViewSize = 64;
inline constexpr int kViewStart = 4;
/// Preprocessing that the demo's CLIP is trained with: MKT's.
inline constexpr image::Preprocessing kDemoPreprocessing{};
inline constexpr int kCells = 4;  ///< objects are placed on a grid of kCells × kCells, at most one per cell

/// Indices refer to the arrays above; lengths are in image pixels; y increases downwards.
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
  std::size_t background = 0;
  std::vector<Object> objects;  ///< in painting order: later objects cover earlier ones
};

/// Draws a random scene with `least` to `most` (at most kCells²) objects.
Scene draw_scene(KeyedRandom& random, int least, int most);

/// Returns all labels: shapes, colour + shape ("red circle"), texture + shape ("striped circle"),
/// backgrounds.
std::vector<std::string> label_names();

/// Returns a scene's labels as indices into label_names(), ascending, without duplicates.
std::vector<std::size_t> present_labels(const Scene& scene);

/// Partition of label_names(), as ascending indices.
struct LabelSplit {
  std::vector<std::size_t> seen;
  std::vector<std::size_t> unseen;
};

/// Draws seen and unseen labels with the seed `split`. Three shapes with all their combinations, one
/// background, and a quarter of the other combinations are unseen.
LabelSplit split_labels(std::uint64_t split);

}  // namespace mkt::demo
