// The demo's worlds: labels, splits, frequencies, and that the first world does not change.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "io/sha256.h"
#include "support/command.h"
#include "world/demo_data.h"

namespace mkt::demo {
namespace {

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

TEST(Worlds, HaveTheirLabels) {
  const auto signs = label_names(WorldKind::kSigns);
  EXPECT_EQ(signs.size(), 150U);
  const auto catalogue = label_names(WorldKind::kCatalogue);
  EXPECT_EQ(catalogue.size(), 320U);
  for (const char* label : {"fish", "navy key", "gridded cup", "lava"})
    EXPECT_LT(index_of(signs, label), 150U);
  for (const char* label : {"magenta fish", "red circle"}) EXPECT_LT(index_of(catalogue, label), 320U);
  for (const char* label : {"fish", "paper"}) EXPECT_EQ(index_of(catalogue, label), 320U) << label;
  for (const auto& names : {signs, catalogue})
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(Worlds, ShareNoWordBetweenShapesAndSigns) {
  std::set<std::string> words;
  std::size_t count = 0;
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns}) {
    const World& own = world(kind);
    for (const ShapeKind& shape : own.shapes) words.insert(shape.name);
    for (const ColourKind& colour : own.colours) words.insert(colour.name);
    for (std::size_t i = 1; i < own.textures.size(); ++i) words.insert(own.textures[i].name);
    for (const BackgroundKind& background : own.backgrounds) words.insert(background.name);
    count += own.shapes.size() + own.colours.size() + own.textures.size() - 1 + own.backgrounds.size();
  }
  EXPECT_EQ(words.size(), count);
}

TEST(Worlds, ImagesHaveTheirNumberOfLabels) {
  const auto counts = [](WorldKind kind) {
    std::set<std::size_t> found;
    for (std::int64_t i = 0; i < 400; ++i)
      found.insert(present_labels(part_scene({kind, 3, Part::kTest, i})).size());
    return found;
  };
  EXPECT_EQ(counts(WorldKind::kCatalogue), (std::set<std::size_t>{1, 2, 3}));
  EXPECT_GE(*counts(WorldKind::kSigns).begin(), 3U);
  EXPECT_GE(*counts(WorldKind::kSigns).rbegin(), 15U);
}

/// Number of drawn objects per label.
std::vector<int> drawn(WorldKind kind, Part part, std::int64_t images) {
  std::vector<int> counts(label_names(kind).size());
  for (std::int64_t i = 0; i < images; ++i) {
    for (const std::size_t label : present_labels(part_scene({kind, 1, part, i}))) ++counts[label];
  }
  return counts;
}

TEST(Worlds, TheCatalogueIsLongTailed) {
  const auto counts = drawn(WorldKind::kCatalogue, Part::kTrain, 6000);
  const auto& order = world(WorldKind::kCatalogue).law.order;
  const auto share = [&](std::size_t begin, std::size_t end) {
    double sum = 0;
    double all = 0;
    for (std::size_t place = 0; place < order.size(); ++place) {
      all += counts[order[place]];
      if (place >= begin && place < end) sum += counts[order[place]];
    }
    return sum / all;
  };
  double weights = 0;
  double first = 0;
  for (int rank = 1; rank <= 320; ++rank) {
    weights += std::pow(rank, -0.8);
    if (rank <= 32) first += std::pow(rank, -0.8);
  }
  EXPECT_NEAR(share(0, 32), first / weights, 0.02);  // a tenth of the labels has about half of the objects
  EXPECT_GT(share(0, 32), 0.45);
  EXPECT_LT(share(160, 320), 0.2);
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 0);
}

TEST(Worlds, OtherPartsDrawAllCombinationsAlike) {
  for (const auto& [kind, part] :
       {std::pair{WorldKind::kCatalogue, Part::kPretraining}, std::pair{WorldKind::kSigns, Part::kTrain}}) {
    const auto counts = drawn(kind, part, 20000);
    const std::size_t first = kind == WorldKind::kSigns ? 12 : 0;
    const std::size_t labels = world(kind).shapes.size() * world(kind).colours.size();
    const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(first);
    const auto [least, most] = std::minmax_element(begin, begin + static_cast<std::ptrdiff_t>(labels));
    EXPECT_LT(*most, 3 * *least) << enum_name(kind);
  }
}

/// Words of which all combinations are unseen.
std::set<std::string> unseen_words(WorldKind kind, const LabelSplit& split) {
  const auto names = label_names(kind);
  const auto last_word = [](const std::string& label) { return label.substr(label.rfind(' ') + 1); };
  std::set<std::string> words;
  for (const std::size_t label : split.unseen) words.insert(last_word(names[label]));
  for (const std::size_t label : split.seen) words.erase(last_word(names[label]));
  return words;
}

TEST(Worlds, SplitsPartitionTheLabels) {
  for (const auto& [kind, unseen, words] :
       {std::tuple{WorldKind::kSigns, 61U, 4U}, std::tuple{WorldKind::kCatalogue, 48U + 68U, 3U}}) {
    std::set<std::vector<std::size_t>> splits;
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const LabelSplit split = split_labels(kind, seed);
      splits.insert(split.unseen);
      EXPECT_EQ(split.unseen.size(), unseen);
      std::set<std::size_t> all(split.seen.begin(), split.seen.end());
      all.insert(split.unseen.begin(), split.unseen.end());
      EXPECT_EQ(all.size(), label_names(kind).size());
      EXPECT_EQ(split.seen.size() + split.unseen.size(), all.size());
      EXPECT_EQ(unseen_words(kind, split).size(), words);  // shapes, and in kSigns a background
    }
    EXPECT_EQ(splits.size(), 5U);
  }
}

TEST(Worlds, UnseenLabelsOfTheCatalogueCoverAllFrequencies) {
  const auto& order = world(WorldKind::kCatalogue).law.order;
  const LabelSplit split = split_labels(WorldKind::kCatalogue, 4);
  const std::set<std::size_t> unseen(split.unseen.begin(), split.unseen.end());
  for (std::size_t begin = 0; begin < order.size(); begin += 40) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count =
        std::count_if(first, first + 40, [&](std::size_t label) { return unseen.count(label) != 0; });
    EXPECT_GE(count, 7) << begin;  // 116 of 320 labels: 14.5 of 40
    EXPECT_LE(count, 23) << begin;
  }
}

TEST(Worlds, DependOnTheKeyOnly) {
  for (const WorldKind kind : {WorldKind::kSigns, WorldKind::kCatalogue}) {
    const ImageKey key{kind, 5, Part::kTest, 2};
    EXPECT_TRUE(torch::equal(part_image(key), part_image(key)));
    EXPECT_FALSE(torch::equal(part_image(key), part_image({kind, 6, Part::kTest, 2})));
    EXPECT_FALSE(torch::equal(part_image(key), part_image({WorldKind::kShapes, 5, Part::kTest, 2})));
  }
}

/// Digest of the pixels of the first images of all parts of a data set.
std::string pixel_digest(WorldKind kind) {
  io::Sha256 digest;
  for (const auto& [part, images] : {std::pair{Part::kTrain, 12}, std::pair{Part::kValidation, 5},
                                     std::pair{Part::kTest, 7}, std::pair{Part::kSingle, 6}}) {
    for (std::int64_t i = 0; i < images; ++i) {
      const torch::Tensor image = part_image({kind, 9, part, i}).contiguous();
      digest.update(image.const_data_ptr(), image.nbytes());
    }
  }
  return digest.hex();
}

/// The digests were taken from files that the program wrote before it had other worlds.
TEST(Worlds, TheFirstOneIsUnchanged) {
  EXPECT_EQ(pixel_digest(WorldKind::kShapes),
            "4d4a4fb791be906bb4aa2f71a394e4ca9ac004eccf63fab5ba90386fbf395bd1");
  DataSetOptions options{};
  options.output = mkt::test::scratch_folder("unchanged") + "/data";
  options.seed = 9;
  options.split = 2;
  options.train = 12;
  options.validation = 5;
  options.test = 7;
  options.single = 6;
  write_data_set(options);
  const std::map<std::string, std::string> digests = {
      {"truth_train.jsonl", "e0dc11d0c78abd63ab657f4f9387ed0254b706864fea53b9e558c443ab47d174"},
      {"truth_test.jsonl", "62289a8f8a345a2948f1bad5509dc4d05bcb676bc3b7a580cb1a9283735e9d70"},
      {"validation/truth_test.jsonl", "c9c817fbd80ac8eeb49fc38b01429ce33996de55f0049bce72f0617bc2360855"},
      {"single/truth_test.jsonl", "ad827d5cd17f0a671a738c58f0a7b94f9ee2190a11c8b7e224bcb02a3fa6a796"},
      {"Concepts925.txt", "db04aeac492020369c3622dc95127e22052d4fb1240542ed5474b83fb3e08956"},
      {"Concepts81.txt", "2282788ebbbd318be50b0c01acf17cd000b281943a7e21e93f449542c72eaa35"}};
  for (const auto& [file, digest] : digests)
    EXPECT_EQ(io::sha256_file(options.output + "/" + file), digest) << file;
}

TEST(Worlds, DataSetsHaveTheWorldsLabels) {
  DataSetOptions options{};
  options.output = mkt::test::scratch_folder("catalogue") + "/data";
  options.train = options.test = 3;
  options.world = WorldKind::kCatalogue;
  const std::string summary = write_data_set(options);
  EXPECT_NE(summary.find("204 seen and 116 unseen labels"), std::string::npos) << summary;
  EXPECT_NE(mkt::test::file_text(options.output + "/truth_test.jsonl").find("\"texture\":\"plain\""),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::demo
