#pragma once
// Draws the demo's data set in the NUS-WIDE layout.

#include <cstdint>
#include <string>

#include "demo/options.h"
#include "demo/world.h"

namespace mkt::demo {

/// The purpose of an image. An image is a function of (seed, part, index) only.
enum class Part { kTrain, kValidation, kTest, kSingle, kPretraining, kPretrainingSingle };

/// The scene of an image: one object in kSingle and kPretrainingSingle, one to four in kPretraining, two to
/// six in the other parts.
Scene part_scene(std::uint64_t seed, Part part, std::int64_t index);

/// The image of that scene, (kImageSize, kImageSize, 3) uint8.
torch::Tensor part_image(std::uint64_t seed, Part part, std::int64_t index);

/// Draws the data set into `options.output`, a new or empty folder:
///   .            training and test images
///   validation/  the same training images, other test images
///   single/      test images of one object, no training images
/// Each is in the NUS-WIDE layout; they share Flickr/. truth_train.jsonl and truth_test.jsonl describe one
/// image per line: {"name", "background", "objects": [{"shape", "colour", "texture", "box": [left, top,
/// right, bottom]}]}, in pixels of the image. Returns a summary on one line. Throws ValueError if the folder
/// has files, c10::Error if writing fails.
std::string write_data_set(const DataSetOptions& options);

}  // namespace mkt::demo
