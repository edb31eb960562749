#pragma once
// Draws the demo's data set in the NUS-WIDE layout.

#include <cstdint>
#include <string>

#include "world/world.h"

namespace mkt::demo {

struct DataSetOptions {
  std::string output;  ///< output folder: new or empty
  std::int64_t seed;   ///< seed for the images
  std::int64_t split;  ///< seed for choosing the unseen labels
  std::int64_t train;
  std::int64_t validation;  ///< validation images, for tuning hyper-parameters; 0: none
  std::int64_t test;
  std::int64_t single;  ///< number of images with one object; 0: none
  std::int64_t workers;
  WorldKind world = WorldKind::kShapes;
};

/// Parts of the demo's data. An image depends on the world and on (seed, part, index) only.
enum class Part { kTrain, kValidation, kTest, kSingle, kPretraining, kPretrainingSingle };

/// An image of a world is known by seed, part and index.
struct ImageKey {
  WorldKind world = WorldKind::kShapes;
  std::uint64_t seed = 0;
  Part part = Part::kTrain;
  std::int64_t index = 0;
};

/// Draws the scene for an image: one object in kSingle and kPretrainingSingle, World::pretraining in
/// kPretraining, World::objects in the other parts. A CLIP is pre-trained on equal frequencies.
Scene part_scene(const ImageKey& key);

/// Paints the image of part_scene(key), (kImageSize, kImageSize, 3) uint8.
torch::Tensor part_image(const ImageKey& key);

/// Draws the data set into `options.output`, a new or empty folder:
///   .            training and test images
///   validation/  the same training images, other test images
///   single/      test images with one object each, no training images
/// Each folder has the NUS-WIDE layout; they share Flickr/. truth_train.jsonl and truth_test.jsonl have one
/// image per line: {"name", "background", "objects": [{"shape", "colour", "texture", "box": [left, top,
/// right, bottom]}]}, in image pixels. Returns a summary on one line. Throws ValueError if the folder
/// is not empty, c10::Error if writing fails.
std::string write_data_set(const DataSetOptions& options);

}  // namespace mkt::demo
