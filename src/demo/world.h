#pragma once
// The demo's world: what can be in a picture, how a picture is laid out, and what its labels are called.

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
inline constexpr std::size_t kPlain = 0;  ///< the texture that has no label

// Pixels. What an encoder of 64 pixels sees of a picture is its middle, kViewStart … kViewStart + kViewSize:
// evaluation scales the short side to 73 and crops.
inline constexpr int kPictureSize = 73;
inline constexpr int kViewSize = 64;
inline constexpr int kViewStart = 4;
inline constexpr int kCells = 4;  ///< objects lie on a grid of kCells × kCells, at most one to a cell

/// Indices are into the arrays above; lengths are pixels of the picture, y down.
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
  std::vector<Object> objects;  ///< later ones lie over earlier ones
};

/// A scene of `least` to `most` (at most kCells²) objects.
Scene draw_scene(KeyedRandom& random, int least, int most);

/// Everything that a picture can be labelled with: shapes, colour + shape ("red circle"), texture + shape
/// ("striped circle"), backgrounds.
std::vector<std::string> label_names();

/// Indices into label_names() of what a scene holds, ascending, each once.
std::vector<std::size_t> present_labels(const Scene& scene);

/// Indices into label_names(), ascending; together all of them.
struct LabelSplit {
  std::vector<std::size_t> seen;
  std::vector<std::size_t> unseen;
};

/// The labels that training never names, a function of `split`: three shapes with all their combinations, one
/// background, and a quarter of the other combinations.
LabelSplit split_labels(std::uint64_t split);

}  // namespace mkt::demo
