#include "check/image_facts.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "check/image_journal.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "io/bytes.h"
#include "io/sha256.h"
#include "mkt/codecs/decode.h"
#include "mkt/core/error.h"
#include "mkt/torch.h"

namespace mkt::check {
namespace {

/// Returns whether most pixels of an image, (H, W, 3) uint8, have nearly the same shade of grey, as in
/// Flickr's "photo unavailable" notice: text on a plain background.
bool is_flat_grey(const torch::Tensor& image) {
  constexpr double kShare = 0.75;
  constexpr int kTint = 3;    // maximum difference between the channels of a grey pixel
  constexpr int kSpread = 3;  // maximum distance from the most frequent grey
  std::array<std::int64_t, 256> counts = {};
  const torch::Tensor rows = image.contiguous();
  const auto* pixels = rows.const_data_ptr<std::uint8_t>();
  const std::int64_t count = rows.numel() / 3;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = pixels + 3 * i;
    const auto [low, high] = std::minmax({pixel[0], pixel[1], pixel[2]});
    if (high - low <= kTint) ++counts[pixel[1]];
  }
  const auto top = std::distance(counts.begin(), std::max_element(counts.begin(), counts.end()));
  std::int64_t even = 0;
  for (auto grey = std::max<std::ptrdiff_t>(top - kSpread, 0);
       grey <= std::min<std::ptrdiff_t>(top + kSpread, 255); ++grey)
    even += counts[static_cast<std::size_t>(grey)];
  return static_cast<double>(even) >= kShare * static_cast<double>(count);
}

ImageFacts facts_of(const std::string& path, const std::string& bytes) {
  // Flickr's notice is a PNG of 500 × 374 pixels and 2,051 bytes; photos with that resolution are ten times
  // as large.
  constexpr std::size_t kNoticeBytes = 8192;
  ImageFacts facts;
  facts.sha256 = io::sha256(bytes);
  try {
    image::ImageFile file(bytes, path);
    file.shrink(image::denominator_for_limit(file.height(), file.width()));  // as training does
    const torch::Tensor image = file.read({0, 0, file.width(), file.height()});
    facts.state = reaches_end(bytes) && !file.is_damaged() ? ImageState::kWhole : ImageState::kCutShort;
    if (bytes.size() <= kNoticeBytes && is_flat_grey(image)) facts.state = ImageState::kUnavailable;
  } catch (const std::exception& error) {
    facts.state = ImageState::kBroken;
    facts.reason = one_line(error);
  }
  return facts;
}

}  // namespace

ImageFacts examine_image(const std::string& path) {
  struct stat status = {};
  if (path.empty() || stat(path.c_str(), &status) != 0) return {};
  try {
    const io::SharedBytes file = io::map_file(path);
    return facts_of(path, std::string(file.view()));
  } catch (const std::exception& error) {
    ImageFacts facts;
    facts.state = ImageState::kBroken;
    facts.reason = one_line(error);
    return facts;
  }
}

std::vector<ImageFacts> examine_images(const std::vector<std::string>& paths, const std::string& journal,
                                       int workers) {
  ImageJournal known(journal);
  std::vector<ImageFacts> facts(paths.size());
  std::vector<std::size_t> unknown;  // indices of the files that are not in the journal
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!known.find(paths[i], &facts[i])) unknown.push_back(i);
  }
  known.log_known(paths.size() - unknown.size());
  Progress progress("images", static_cast<std::int64_t>(paths.size()), "checked",
                    static_cast<std::int64_t>(paths.size() - unknown.size()));
  std::mutex turn;
  auto done = static_cast<std::int64_t>(paths.size() - unknown.size());
  parallel_for(static_cast<std::int64_t>(unknown.size()), workers, [&](std::int64_t k) {
    const std::size_t i = unknown[static_cast<std::size_t>(k)];
    facts[i] = examine_image(paths[i]);
    const std::lock_guard<std::mutex> lock(turn);
    known.add(paths[i], facts[i]);
    progress.update(++done);
  });
  known.finish(paths, facts);
  return facts;
}

}  // namespace mkt::check
