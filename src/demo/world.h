#pragma once
// The demo's world: the objects of its images, their layout, and the labels.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mkt/core/random.h"

namespace mkt::demo {

inline constexpr std::array<const char*, 12> kShapes = {"circle", "square", "triangle", "star",
                                                        "cross",  "ring",   "heart",    "moon",
                                                        "arrow",  "flower", "house",    "tree"};
inline constexpr std::array<const char*, 8> kColours = {"red",  "orange", "yellow", "green",
                                                        "blue", "purple", "white",  "black"};
inline constexpr std::array<const char*, 4> kTextures = {"plain", "striped", "dotted", "checkered"};
inline constexpr std::array<const char*, 6> kBackgrounds = {"grass", "sand", "night", "sky", "brick", "snow"};
inline constexpr std::size_t kPlain = 0;  ///< the texture without a label

// Lengths in pixels. An encoder with 64-pixel input sees the centre of an image, kViewStart … kViewStart +
// kViewSize, because evaluation resizes the short side to 73 pixels and crops.
inline constexpr int kImageSize = 73;
inline constexpr int kViewSize = 64;
inline constexpr int kViewStart = 4;
inline constexpr int kCells = 4;  ///< objects lie on a grid of kCells × kCells, at most one per cell

/// Indices refer to the arrays above; lengths are pixels of the image; y grows downwards.
struct Object {
  std::size_t shape = 0;
  std::size_t colour = 0;
  std::size_t texture = kPlain;
  double x = 0;  ///< centre
  double y = 0;
  double radius = 0;  ///< half the size
  double angle = 0;   ///< radians
};

struct Scene {
  std::size_t background = 0;
  std::vector<Object> objects;  ///< later objects cover earlier ones
};

/// Draws a scene of `least` to `most` (at most kCells²) objects.
Scene draw_scene(KeyedRandom& random, int least, int most);

/// All labels: shapes, colour + shape ("red circle"), texture + shape ("striped circle"), backgrounds.
std::vector<std::string> label_names();

/// Indices into label_names() of a scene's labels, ascending, without duplicates.
std::vector<std::size_t> present_labels(const Scene& scene);

/// Partition of label_names() into ascending indices.
struct LabelSplit {
  std::vector<std::size_t> seen;
  std::vector<std::size_t> unseen;
};

/// Draws seen and unseen labels from `split`. Unseen are three shapes with all their combinations, one
/// background, and a quarter of the other combinations.
LabelSplit split_labels(std::uint64_t split);

}  // namespace mkt::demo
