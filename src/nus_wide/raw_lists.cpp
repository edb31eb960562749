#include "nus_wide/raw_lists.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "core/text.h"
#include "io/numbered_lines.h"

namespace mkt::nus_wide {
namespace {

using LineOf = std::unordered_map<std::string, std::int64_t>;

/// "C:\ImageData\Flickr\actor\0001_2124494179.jpg" and "actor/0001_2124494179.jpg" are the same picture.
RawPicture parse_picture(const io::NumberedLines& lines) {
  std::string text(lines.text());
  std::replace(text.begin(), text.end(), '\\', '/');
  const auto slash = text.rfind('/');
  RawPicture picture;
  if (slash != std::string::npos) {
    const auto before = slash == 0 ? std::string::npos : text.rfind('/', slash - 1);
    const std::size_t first = before == std::string::npos ? 0 : before + 1;
    picture = {text.substr(first, slash - first), text.substr(slash + 1)};
  }
  // The layout finds folder and file again by the last two underscores of the name.
  const auto underscore = picture.file.find('_');
  const bool two_parts = underscore != std::string::npos && underscore > 0 &&
                         underscore + 1 < picture.file.size() && underscore == picture.file.rfind('_');
  TORCH_CHECK(!picture.folder.empty() && two_parts, lines.where(),
              ": expected a picture <class>\\<number>_<id>.jpg, got '", lines.text(), "'. Correct the line.");
  return picture;
}

/// Notes that `key` stands in this line.
void note(LineOf& seen, const std::string& key, const io::NumberedLines& lines) {
  const auto [earlier, added] = seen.emplace(key, lines.number());
  TORCH_CHECK(added, lines.where(), ": expected each entry once, got '", key, "' again, after line ",
              earlier->second, ". Drop one of the two.");
}

std::unordered_map<std::string, Place> index(RawSplit& train, RawSplit& test) {
  std::unordered_map<std::string, Place> places;
  places.reserve(train.pictures.size() + test.pictures.size());
  for (RawSplit* split : {&train, &test}) {
    for (std::size_t i = 0; i < split->pictures.size(); ++i)
      places.emplace(split->pictures[i].name(), Place{split, i});
  }
  return places;
}

}  // namespace

std::string where_is(const std::string& path, std::size_t row) {
  io::NumberedLines lines(path);
  for (std::size_t i = 0; i <= row; ++i) lines.next();
  return lines.where();
}

std::vector<std::string> read_labels(const std::string& path) {
  io::NumberedLines lines(path);
  std::vector<std::string> labels;
  LineOf seen;
  while (lines.next()) {
    labels.emplace_back(lines.text());
    note(seen, labels.back(), lines);
  }
  TORCH_CHECK(!labels.empty(), path, ": expected a label a line, got none. Unpack the archive again.");
  return labels;
}

std::vector<RawPicture> read_pictures(const std::string& path) {
  io::NumberedLines lines(path);
  std::vector<RawPicture> pictures;
  LineOf seen;
  while (lines.next()) {
    pictures.push_back(parse_picture(lines));
    note(seen, pictures.back().name(), lines);
  }
  TORCH_CHECK(!pictures.empty(), path, ": expected a picture a line, got none. Unpack the archive again.");
  return pictures;
}

std::vector<Place> places_of(const std::string& whole, RawSplit& train, const std::string& train_list,
                             RawSplit& test, const std::string& test_list, std::size_t* in_no_split) {
  auto left = index(train, test);
  std::vector<Place> places;
  *in_no_split = 0;
  for (const RawPicture& picture : read_pictures(whole)) {
    const auto found = left.find(picture.name());
    places.push_back(found == left.end() ? Place{} : found->second);
    if (found == left.end()) {
      ++*in_no_split;
    } else {
      left.erase(found);
    }
  }
  for (RawSplit* split : {&train, &test}) {
    const std::string& list = split == &train ? train_list : test_list;
    for (std::size_t i = 0; i < split->pictures.size(); ++i) {
      TORCH_CHECK(left.count(split->pictures[i].name()) == 0, where_is(list, i), ": expected a picture of ",
                  whole, ", got ", split->pictures[i].folder, "\\", split->pictures[i].file,
                  ". Take both lists from one archive.");
    }
  }
  return places;
}

std::vector<Place> places_of(RawSplit& split) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < split.pictures.size(); ++i) places.push_back({&split, i});
  return places;
}

void check_apart(const RawSplit& train, const std::string& train_list, const RawSplit& test,
                 const std::string& test_list) {
  std::unordered_map<std::string, std::size_t> rows;
  for (std::size_t i = 0; i < train.pictures.size(); ++i) rows.emplace(train.pictures[i].name(), i);
  for (std::size_t i = 0; i < test.pictures.size(); ++i) {
    const auto found = rows.find(test.pictures[i].name());
    if (found == rows.end()) continue;
    TORCH_CHECK(false, where_is(test_list, i), ": expected a picture that is not to train on, got ",
                test.pictures[i].folder, "\\", test.pictures[i].file, ", which is ",
                where_is(train_list, found->second), " too. Drop one of the two.");
  }
}

}  // namespace mkt::nus_wide
