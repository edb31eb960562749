#pragma once
// How data sets and their images are read.

#include <cstdint>

#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "session/session.h"

namespace mkt::scoring {

/// How images are decoded.
struct Decoding {
  std::int64_t workers;  ///< threads that decode; 0: only the calling one
  data::OnBadImage on_bad_image;
  bool fast;  ///< JPEGs shrunk while they are decoded (image::Decoding::kFast)
};

/// How a rank reads a data set: one rank per node checks that the images exist. `limit`: number of test
/// images; 0: all.
data::ReadingOptions reading_options(std::int64_t workers, std::int64_t limit,
                                     const session::Session& session);

/// Images in the order of their list, transformed as in evaluation.
data::LoaderOptions evaluation_loader(const Decoding& decoding, std::int64_t batch_size,
                                      std::int64_t image_size, const session::Runtime& runtime);

}  // namespace mkt::scoring
