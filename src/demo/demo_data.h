#pragma once
// Draws the demo's data set in the NUS-WIDE layout.

#include <cstdint>
#include <string>

#include "demo/options.h"
#include "demo/world.h"

namespace mkt::demo {

/// Parts of the demo's data. An image depends on (seed, part, index) only.
enum class Part { kTrain, kValidation, kTest, kSingle, kPretraining, kPretrainingSingle };

/// Draws the scene for an image: one object in kSingle and kPretrainingSingle, one to four in kPretraining,
/// two to six in the other parts.
Scene part_scene(std::uint64_t seed, Part part, std::int64_t index);

/// Paints the image of part_scene(seed, part, index), (kImageSize, kImageSize, 3) uint8.
torch::Tensor part_image(std::uint64_t seed, Part part, std::int64_t index);

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
