#include "labels/label_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "support/command.h"
#include "support/formula.h"

namespace mkt::labels {
namespace {

namespace fs = std::filesystem;

LabelInputs sample_inputs() {
  LabelInputs inputs;
  inputs.labels = {"cat", "cup of coffee"};
  inputs.merges = MKT_MERGES_PATH;
  inputs.prompt_template = "There is a {} in the scene";
  return inputs;
}

const TextDigests kDigests{"of the weights", ""};
const std::string kKey(64, 'a');

LabelCache cache_in(const std::string& folder) {
  return LabelCache(CacheFolder(folder));
}

TEST(TextDigest, DependsOnEveryBitOfTheTextSideOnly) {
  const weights::TensorMap weights = test::formula_clip_state(test::tiny_clip_shape());
  const std::string digest = text_digest(weights);
  const auto changed = [&](const std::string& name) {
    weights::TensorMap other = weights;
    other.at(name) = other.at(name).clone();
    other.at(name).view(-1)[0].add_(1e-3);
    return text_digest(other);
  };
  EXPECT_NE(changed("token_embedding.weight"), digest);
  EXPECT_NE(changed("ln_final.bias"), digest);
  EXPECT_EQ(changed("visual.proj"), digest);
  weights::TensorMap other = weights;
  other.at("ln_final.bias") = other.at("ln_final.bias").to(torch::kHalf);
  EXPECT_NE(text_digest(other), digest);
}

TEST(ValuesDigest, DependsOnOneEncodersValuesAndNotOnTheirType) {
  const weights::TensorMap weights = test::formula_clip_state(test::tiny_clip_shape());
  weights::TensorMap half = weights;
  weights::TensorMap again = weights;
  for (auto& [name, tensor] : half) tensor = tensor.to(torch::kHalf);
  for (auto& [name, tensor] : again) tensor = half.at(name).to(torch::kFloat32);
  for (const DigestOf which : {DigestOf::kTextValues, DigestOf::kImageValues}) {
    const std::string digest = values_digest(weights, which);
    const auto changed = [&](const std::string& name) {
      weights::TensorMap other = weights;
      other.at(name) = other.at(name).clone();
      other.at(name).view(-1)[0].add_(1e-3);
      return values_digest(other, which) != digest;
    };
    const bool image = which == DigestOf::kImageValues;
    EXPECT_EQ(changed("ln_final.bias"), !image);
    EXPECT_EQ(changed("token_embedding.weight"), !image);
    EXPECT_EQ(changed("visual.proj"), image);
    EXPECT_EQ(changed("visual.ln_pre.weight"), image);
    EXPECT_FALSE(changed("visual.positional_embedding"));  // differs with the input size
    EXPECT_EQ(values_digest(half, which), values_digest(again, which));
    EXPECT_NE(values_digest(half, which), digest);  // rounded
  }
}

TEST(LabelCache, NotesSeveralDigestsOfOneFile) {
  const LabelCache cache = cache_in(test::scratch_folder("labels") + "/cache");
  int reads = 0;
  std::set<std::string> digests;
  for (int i = 0; i < 2; ++i) {
    for (const DigestOf which : {DigestOf::kText, DigestOf::kTextValues, DigestOf::kImageValues}) {
      digests.insert(
          cache.digest_of(test::golden("formats/state_dict.pth"), which, [&]() -> weights::TensorMap {
            ++reads;
            return {{"ln_final.bias", torch::ones({2})}, {"visual.proj", torch::ones({3})}};
          }));
    }
  }
  EXPECT_EQ(reads, 3);
  EXPECT_EQ(digests.size(), 3U);
}

TEST(FeatureKey, DependsOnEverythingThatDeterminesFeatures) {
  const std::string folder = test::scratch_folder("key");
  const auto written = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name) << text;
    return folder + "/" + name;
  };
  std::vector<std::pair<LabelInputs, session::Runtime>> cases(7, {sample_inputs(), session::Runtime{}});
  cases[1].first.labels = {"cup of coffee", "cat"};
  cases[2].first.labels = {"cat", "cup of", "coffee"};
  cases[3].first.prompt_template = "a photo of {}";
  cases[4].first.merges = written("merges.txt", "other merges");
  cases[5].first.phrases = written("phrases.json", "{}");
  cases[6].second.precision = session::Precision::kBf16;
  std::set<std::string> keys;
  for (const auto& [inputs, runtime] : cases) keys.insert(feature_key(inputs, {}, kDigests, runtime));
  keys.insert(feature_key(sample_inputs(), {}, {"of other weights", ""}, session::Runtime{}));
  keys.insert(feature_key(sample_inputs(), {}, {kDigests.clip, "of a checkpoint"}, session::Runtime{}));
  clip::TextOptions gelu;
  gelu.activation = nn::Activation::kGelu;
  keys.insert(feature_key(sample_inputs(), gelu, kDigests, session::Runtime{}));
  EXPECT_EQ(keys.size(), cases.size() + 3);
  EXPECT_EQ(keys.count(feature_key(sample_inputs(), {}, kDigests, session::Runtime{})), 1U);
}

TEST(LabelCache, ReturnsTheBitsThatWereCached) {
  const LabelCache cache = cache_in(test::scratch_folder("labels") + "/new/cache");
  EXPECT_FALSE(cache.find(kKey).has_value());
  const torch::Tensor features = torch::randn({3, 8});
  cache.keep(kKey, features);
  const auto found = cache.find(kKey);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(torch::equal(*found, features));
}

TEST(LabelCache, IgnoresFilesWithAnotherKeyOrChangedBytes) {
  const std::string folder = test::scratch_folder("labels");
  const LabelCache cache = cache_in(folder);
  cache.keep(kKey, torch::randn({3, 8}));
  const std::string file = folder + "/" + kKey + ".safetensors";
  const std::string other(64, 'b');
  fs::copy(file, folder + "/" + other + ".safetensors");
  EXPECT_FALSE(cache.find(other).has_value());
  std::string bytes = test::file_text(file);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_FALSE(cache.find(kKey).has_value());
}

TEST(LabelCache, NotesDigestsInAFolderWhoseNameIsNotUtf8) {
  const LabelCache cache = cache_in(test::scratch_folder("labels") + "/cach\xE9");
  int reads = 0;
  for (int i = 0; i < 2; ++i) {
    cache.digest_of(test::golden("formats/state_dict.pth"), DigestOf::kText, [&]() -> weights::TensorMap {
      ++reads;
      return {};
    });
  }
  EXPECT_EQ(reads, 1);
}

TEST(LabelCache, HashesAFileOnceUnlessItMayHaveChangedSince) {
  const std::string folder = test::scratch_folder("labels");
  const LabelCache cache = cache_in(folder + "/cache");
  int reads = 0;
  const auto digest = [&](const std::string& weights, float value) {
    return cache.digest_of(weights, DigestOf::kText, [&]() -> weights::TensorMap {
      ++reads;
      return {{"ln_final.bias", torch::full({2}, value)}};
    });
  };
  const std::string old = test::golden("formats/state_dict.pth");
  const std::string first = digest(old, 1);
  EXPECT_EQ(digest(old, 2), first);
  EXPECT_EQ(reads, 1);
  // A second write soon after the first can leave the file times unchanged, so new files are always hashed.
  const std::string fresh = folder + "/weights.pt";
  std::ofstream(fresh) << "abc";
  EXPECT_EQ(digest(fresh, 1), first);
  EXPECT_NE(digest(fresh, 2), first);
  EXPECT_EQ(reads, 3);
}

}  // namespace
}  // namespace mkt::labels
