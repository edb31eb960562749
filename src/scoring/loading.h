#pragma once
// How data sets and their images are read.

#include <cstdint>

#include "artifact/input_options.h"
#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "session/session.h"

namespace mkt::scoring {

/// How a rank reads a data set: the images are looked for once a node. `limit`: of the test images; 0: all.
data::ReadingOptions reading_options(const artifact::DataOptions& data, std::int64_t limit,
                                     const session::Session& session);

/// Images in the order of their list, as evaluation transforms them.
data::LoaderOptions evaluation_loader(const artifact::DataOptions& data, std::int64_t batch_size,
                                      std::int64_t image_size, const session::Runtime& runtime);

}  // namespace mkt::scoring
