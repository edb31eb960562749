#include "scoring/loading.h"

namespace mkt::scoring {

void Decoding::apply_to(data::LoaderOptions& loader) const {
  loader.workers = static_cast<int>(workers);
  loader.on_bad_image = on_bad_image;
  if (fast) loader.decoding = image::Decoding::kFast;
  if (exif_rotate) loader.exif_rotation = image::ExifRotation::kApply;
}

data::ReadingOptions reading_options(std::int64_t workers, std::int64_t limit,
                                     const session::Session& session) {
  data::ReadingOptions reading;
  reading.workers = static_cast<int>(workers);
  reading.limit = limit;
  reading.look_for_images = session.ranks.topology().local_rank == 0;
  return reading;
}

data::LoaderOptions evaluation_loader(const Decoding& decoding, std::int64_t batch_size,
                                      std::int64_t image_size, const image::Preprocessing& preprocessing,
                                      const session::Runtime& runtime) {
  data::LoaderOptions loader;
  loader.batch_size = batch_size;
  loader.image_size = image_size;
  loader.preprocessing = preprocessing;
  decoding.apply_to(loader);
  loader.pin_memory = runtime.device.is_cuda();
  return loader;
}

}  // namespace mkt::scoring
