#include "nus_wide/raw_lists.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "io/numbered_lines.h"

namespace mkt::nus_wide {
namespace {

using LineOf = std::unordered_map<std::string, std::int64_t>;

/// Parses a path; "C:\ImageData\Flickr\actor\0001_2124494179.jpg" and "actor/0001_2124494179.jpg" are the
/// same image.
RawImage parse_image(const io::NumberedLines& lines) {
  std::string text(lines.text());
  std::replace(text.begin(), text.end(), '\\', '/');
  const auto slash = text.rfind('/');
  RawImage image;
  if (slash != std::string::npos) {
    const auto before = slash == 0 ? std::string::npos : text.rfind('/', slash - 1);
    const std::size_t first = before == std::string::npos ? 0 : before + 1;
    image = {text.substr(first, slash - first), text.substr(slash + 1)};
  }
  // Folder and file are recovered from the last two underscores in the name of the NUS-WIDE layout.
  const auto underscore = image.file.find('_');
  const bool two_parts = underscore != std::string::npos && underscore > 0 &&
                         underscore + 1 < image.file.size() && underscore == image.file.rfind('_');
  TORCH_CHECK(!image.folder.empty() && two_parts, lines.where(),
              ": expected an image <class>\\<number>_<id>.jpg, got '", lines.text(), "'. Correct the line.");
  return image;
}

/// Records the line number of `key`; throws c10::Error if the key is already recorded.
void note(LineOf& seen, const std::string& key, const io::NumberedLines& lines) {
  const auto [earlier, added] = seen.emplace(key, lines.number());
  TORCH_CHECK(added, lines.where(), ": expected each entry once, got '", key, "' again, after line ",
              earlier->second, ". Remove one of the two.");
}

std::unordered_map<std::string, Place> index(RawSplit& train, RawSplit& test) {
  std::unordered_map<std::string, Place> places;
  places.reserve(train.images.size() + test.images.size());
  for (RawSplit* split : {&train, &test}) {
    for (std::size_t i = 0; i < split->images.size(); ++i)
      places.emplace(split->images[i].name(), Place{split, i});
  }
  return places;
}

}  // namespace

std::string where_is(const std::string& path, std::size_t row) {
  io::NumberedLines lines(path, io::kFileNames);
  for (std::size_t i = 0; i <= row; ++i) lines.next();
  return lines.where();
}

std::vector<RawImage> read_images(const std::string& path) {
  io::NumberedLines lines(path, io::kFileNames);
  std::vector<RawImage> images;
  LineOf seen;
  while (lines.next()) {
    images.push_back(parse_image(lines));
    note(seen, images.back().name(), lines);
  }
  TORCH_CHECK(!images.empty(), path, ": expected one image per line, got none. Unpack the archive again.");
  return images;
}

std::vector<Place> places_of(const std::string& whole, RawSplit& train, const std::string& train_list,
                             RawSplit& test, const std::string& test_list, std::size_t* in_no_split) {
  auto left = index(train, test);
  std::vector<Place> places;
  *in_no_split = 0;
  for (const RawImage& image : read_images(whole)) {
    const auto found = left.find(image.name());
    places.push_back(found == left.end() ? Place{} : found->second);
    if (found == left.end()) {
      ++*in_no_split;
    } else {
      left.erase(found);
    }
  }
  for (RawSplit* split : {&train, &test}) {
    const std::string& list = split == &train ? train_list : test_list;
    for (std::size_t i = 0; i < split->images.size(); ++i) {
      TORCH_CHECK(left.count(split->images[i].name()) == 0, where_is(list, i), ": expected an image of ",
                  whole, ", got ", split->images[i].folder, "\\", split->images[i].file,
                  ". Use lists of the same archive.");
    }
  }
  return places;
}

std::vector<Place> places_of(RawSplit& split) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < split.images.size(); ++i) places.push_back({&split, i});
  return places;
}

void check_apart(const RawSplit& train, const std::string& train_list, const RawSplit& test,
                 const std::string& test_list) {
  std::unordered_map<std::string, std::size_t> rows;
  for (std::size_t i = 0; i < train.images.size(); ++i) rows.emplace(train.images[i].name(), i);
  for (std::size_t i = 0; i < test.images.size(); ++i) {
    const auto found = rows.find(test.images[i].name());
    if (found == rows.end()) continue;
    TORCH_CHECK(false, where_is(test_list, i), ": expected an image that is not for training, got ",
                test.images[i].folder, "\\", test.images[i].file, ", which is ",
                where_is(train_list, found->second), ", too. Remove one of the two.");
  }
}

}  // namespace mkt::nus_wide
