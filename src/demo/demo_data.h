#pragma once
// The demo's data set, in the NUS-WIDE layout.

#include <cstdint>
#include <string>

#include "demo/options.h"
#include "demo/world.h"

namespace mkt::demo {

/// What pictures are for. A picture is a function of (seed, part, index) alone.
enum class Part { kTrain, kValidation, kTest, kSingle, kPretraining, kPretrainingSingle };

/// The scene of one picture: one object in the parts of single objects, one to four in kPretraining, else two
/// to six.
Scene part_scene(std::uint64_t seed, Part part, std::int64_t index);

/// That scene's picture, (kPictureSize, kPictureSize, 3) uint8.
torch::Tensor part_picture(std::uint64_t seed, Part part, std::int64_t index);

/// Draws the data set into `options.output`, a new or empty folder:
///   .            training and test pictures
///   validation/  the same training pictures, others to test on
///   single/      pictures of one object to test on, none to train
/// each in the NUS-WIDE layout with Flickr/ shared, and beside its lists truth_train.jsonl and
/// truth_test.jsonl: {"name", "background", "objects": [{"shape", "colour", "texture", "box": [left, top,
/// right, bottom]}]} a line, in pixels of the picture. Returns what was written in a line. Throws ValueError
/// naming --output where the folder holds files, c10::Error where writing fails.
std::string write_data_set(const DataSetOptions& options);

}  // namespace mkt::demo
