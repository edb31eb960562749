#include "nus_wide/nus_wide_raw.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "core/parallel.h"
#include "core/text.h"
#include "lists/label_list.h"
#include "nus_wide/raw_files.h"
#include "nus_wide/raw_labels.h"
#include "nus_wide/raw_lists.h"

namespace mkt::nus_wide {
namespace {

constexpr const char* kTagList = "TagList1k.txt";
constexpr const char* kConceptList = "Concepts81.txt";
constexpr const char* kWholeList = "Imagelist.txt";
constexpr const char* kTrainList = "TrainImagelist.txt";
constexpr const char* kTestList = "TestImagelist.txt";

std::string label_file(const std::string& label, const std::string& ending) {
  return fmt::format("Labels_{}{}", label, ending);
}

class Reader {
 public:
  explicit Reader(const RawOptions& options) : options_(options), files_(options.root, options.images) {}

  RawNusWide read() {
    read_names();
    read_lists();
    read_tags();
    if (options_.human) {
      read_ground_truth();
    } else {
      read_concept_tags();
    }
    return std::move(raw_);
  }

 private:
  /// Finds the file and records it as a source.
  const std::string& source(const std::string& name) {
    const std::string& path = files_.find(name);
    raw_.sources.push_back(files_.relative(path));
    return path;
  }

  void read_names() {
    const std::vector<std::string> tags = data::read_distinct_labels(source(kTagList));
    raw_.unseen = data::read_distinct_labels(source(kConceptList));
    raw_.tags = tags.size();
    const auto has = [](const std::vector<std::string>& all, const std::string& one) {
      return std::find(all.begin(), all.end(), one) != all.end();
    };
    for (const std::string& tag : tags) {
      const bool seen = !has(raw_.unseen, tag);
      tag_columns_.push_back(seen ? static_cast<int>(raw_.seen.size()) : -1);
      if (seen) raw_.seen.push_back(tag);
    }
    for (const std::string& label : raw_.unseen) {
      if (!has(tags, label)) raw_.without_tag.push_back(label);
    }
    TORCH_CHECK(!raw_.seen.empty(), files_.find(kTagList), ": expected tags that are not concepts of ",
                files_.find(kConceptList), ", got none. Check that it is the right file.");
  }

  void read_lists() {
    const std::string& train = source(kTrainList);
    const std::string& test = source(kTestList);
    raw_.train.images = read_images(train);
    raw_.test.images = read_images(test);
    check_apart(raw_.train, train, raw_.test, test);
    for (RawSplit* split : {&raw_.train, &raw_.test}) {
      split->seen = {raw_.seen.size(), std::vector<std::int8_t>(split->images.size() * raw_.seen.size(), -1)};
    }
    raw_.test.unseen = {raw_.unseen.size(),
                        std::vector<std::int8_t>(raw_.test.images.size() * raw_.unseen.size(), -1)};
  }

  /// Returns the list of all images; read only if a table corresponds to it.
  const ImageList& whole() {
    if (whole_.places.empty()) {
      whole_.path = source(kWholeList);
      whole_.places = places_of(whole_.path, raw_.train, files_.find(kTrainList), raw_.test,
                                files_.find(kTestList), &raw_.in_no_split);
    }
    return whole_;
  }
  ImageList own(RawSplit& split) {
    return {files_.find(&split == &raw_.train ? kTrainList : kTestList), places_of(split)};
  }

  void read_tags() {
    if (files_.has("AllTags1k.txt")) {
      const ImageList& list = whole();
      return read_table(source("AllTags1k.txt"), kTagList, tag_columns_, list, &RawSplit::seen);
    }
    for (RawSplit* split : {&raw_.train, &raw_.test}) {
      const std::string start = split == &raw_.train ? "Train" : "Test";
      const std::string text = start + "_Tags1k.txt";
      read_table(source(files_.has(text) ? text : start + "_Tags1k.dat"), kTagList, tag_columns_, own(*split),
                 &RawSplit::seen);
    }
  }

  void read_concept_tags() {
    std::vector<int> columns;
    for (std::size_t i = 0; i < raw_.unseen.size(); ++i) columns.push_back(static_cast<int>(i));
    const bool all = files_.has("AllTags81.txt");
    const ImageList list = all ? whole() : own(raw_.test);
    read_table(source(all ? "AllTags81.txt" : "Test_Tags81.txt"), kConceptList, columns, list,
               &RawSplit::unseen);
  }

  void read_ground_truth() {
    const auto exists = [&](const char* ending) {
      return std::any_of(raw_.unseen.begin(), raw_.unseen.end(),
                         [&](const std::string& label) { return files_.has(label_file(label, ending)); });
    };
    const bool all = exists(".txt");
    const char* ending = all || !exists("_Test.txt") ? ".txt" : "_Test.txt";
    check_concepts(ending);
    const ImageList list = all ? whole() : own(raw_.test);
    std::vector<std::string> paths;
    for (const std::string& label : raw_.unseen) paths.push_back(files_.find(label_file(label, ending)));
    raw_.sources.push_back(files_.relative(paths.front()));
    parallel_for(static_cast<std::int64_t>(paths.size()), options_.workers, [&](std::int64_t i) {
      const auto column = static_cast<std::size_t>(i);
      read_column(paths[column], column, list, &RawSplit::unseen);
    });
  }

  /// Checks that there is one label file per concept and no other label file.
  void check_concepts(const std::string& ending) {
    std::unordered_set<std::string> known;  // a set, because one concept is called "train"
    for (const std::string& label : raw_.unseen) {
      for (const char* part : {".txt", "_train.txt", "_test.txt"})
        known.insert(lower_case(label_file(label, part)));
    }
    for (const std::string& name : files_.starting("labels_")) {
      TORCH_CHECK(known.count(name) > 0, files_.find(name), ": expected labels of a concept of ",
                  files_.find(kConceptList),
                  ", got those of another one. Add the concept there, or move the file away.");
    }
    for (std::size_t i = 0; i < raw_.unseen.size(); ++i) {
      TORCH_CHECK(files_.has(label_file(raw_.unseen[i], ending)), where_is(files_.find(kConceptList), i),
                  ": expected ", label_file(raw_.unseen[i], ending), " in ", files_.root(),
                  ", got none. Unpack Groundtruth.zip there.");
    }
  }

  RawOptions options_;
  RawFiles files_;
  RawNusWide raw_;
  std::vector<int> tag_columns_;  // index among the seen labels per tag, or -1
  ImageList whole_;
};

}  // namespace

RawNusWide read_raw_nus_wide(const RawOptions& options) {
  return Reader(options).read();
}

}  // namespace mkt::nus_wide
