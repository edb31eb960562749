#pragma once
// The two decoders behind decode_bytes().

#include <torch/types.h>

#include <string>

namespace mkt::data {

/// (H, W, 3) uint8. `bytes` begin with the format's signature; `name` stands for the file in messages. Both
/// throw c10::Error where not even the first row of pixels (of blocks, in a JPEG) can be read, and give what
/// there is of a file cut short later: what is missing is grey in a JPEG and black in a PNG, as with Pillow.
torch::Tensor decode_jpeg(const std::string& bytes, const std::string& name);
torch::Tensor decode_png(const std::string& bytes, const std::string& name);

/// Throws c10::Error where an image of this size would exceed kMaxPixels.
void check_pixels(const std::string& name, std::int64_t height, std::int64_t width);

}  // namespace mkt::data
