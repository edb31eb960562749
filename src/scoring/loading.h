#pragma once
// Options for reading data sets and their images.

#include <cstdint>

#include "mkt/data/dataset.h"
#include "mkt/data/loader.h"
#include "session/session.h"

namespace mkt::scoring {

/// Options for image decoding.
struct Decoding {
  std::int64_t workers;           ///< number of decoding threads; 0: the calling thread decodes
  data::OnBadImage on_bad_image;  ///< action for an image that cannot be decoded
  bool fast;                 ///< whether JPEGs are shrunk while they are decoded (image::Decoding::kFast)
  bool exif_rotate = false;  ///< whether images are turned upright (image::ExifRotation::kApply)

  /// Sets the options of `loader` that this struct holds.
  void apply_to(data::LoaderOptions& loader) const;
};

/// Options for reading a data set on this rank with `workers` threads: only one rank per node checks that the
/// images exist. `limit` is the number of test images to read; 0 reads all.
data::ReadingOptions reading_options(std::int64_t workers, std::int64_t limit,
                                     const session::Session& session);

/// Options for a loader that returns images in list order, preprocessed for evaluation to `image_size` pixels
/// per side, in page-locked memory if the runtime's device is a GPU.
data::LoaderOptions evaluation_loader(const Decoding& decoding, std::int64_t batch_size,
                                      std::int64_t image_size, const image::Preprocessing& preprocessing,
                                      const session::Runtime& runtime);

}  // namespace mkt::scoring
