#include "mkt/data/loader.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "mkt/image/transforms.h"
#include "support/images.h"

namespace mkt::data {
namespace {

using namespace test;

constexpr std::int64_t kSize = 32;

std::vector<std::string> images(std::size_t count) {
  const std::vector<std::string> names = {"420.jpg", "small.png", "tall.jpg", "rgba.png", "wide.jpg"};
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i)
    paths.push_back(mkt::test::golden("images/" + names[i % names.size()]));
  return paths;
}

torch::Tensor labels(std::size_t count) {
  return torch::arange(static_cast<std::int64_t>(3 * count), torch::kInt8).reshape({-1, 3});
}

LoaderOptions options_with(int workers) {
  LoaderOptions options;
  options.batch_size = 4;
  options.image_size = kSize;
  options.workers = workers;
  options.shuffle = true;
  options.transform = Transform::kAugment;
  return options;
}

std::vector<Batch> rest_of(DataLoader& loader) {
  std::vector<Batch> batches;
  while (auto batch = loader.next())
    batches.push_back({batch->images.clone(), batch->labels, batch->indices});
  return batches;
}

std::vector<Batch> epoch_of(DataLoader& loader, std::int64_t epoch, std::int64_t start_batch = 0) {
  loader.start(epoch, start_batch);
  return rest_of(loader);
}

void expect_same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].indices, b[i].indices);
    EXPECT_TRUE(a[i].images.equal(b[i].images)) << "batch " << i;
    EXPECT_TRUE(a[i].labels.equal(b[i].labels)) << "batch " << i;
  }
}

std::vector<std::int64_t> sorted_indices(const std::vector<Batch>& batches) {
  std::vector<std::int64_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.indices.begin(), batch.indices.end());
  std::sort(all.begin(), all.end());
  return all;
}

TEST(DataLoader, GivesEveryImageOnceWithItsLabels) {
  DataLoader loader(images(11), labels(11), options_with(2));
  const auto batches = epoch_of(loader, 0);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(loader.batches(), 3);
  EXPECT_EQ(batches[2].images.sizes(), (std::vector<std::int64_t>{3, 3, kSize, kSize}));
  std::vector<std::int64_t> expected(11);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(sorted_indices(batches), expected);
  for (const auto& batch : batches) {
    for (std::size_t row = 0; row < batch.indices.size(); ++row) {
      EXPECT_EQ(batch.labels[static_cast<std::int64_t>(row)][1].item<int>(), 3 * batch.indices[row] + 1);
    }
  }
}

TEST(DataLoader, GivesTheTransformedImageInPlanes) {
  LoaderOptions options = options_with(1);
  options.shuffle = false;
  options.transform = Transform::kEvaluation;
  DataLoader loader(images(2), {}, options);
  loader.start(0);
  const auto batch = loader.next();
  const torch::Tensor expected =
      image::evaluation_transform(image::decode_file(images(2)[1]), kSize, image::Preprocessing{})
          .permute({2, 0, 1});
  EXPECT_TRUE(batch->images[1].equal(expected));
  EXPECT_FALSE(batch->labels.defined());
}

TEST(DataLoader, GivesTheSameBatchesForAnyNumberOfWorkers) {
  DataLoader none(images(11), labels(11), options_with(0));
  const auto expected = epoch_of(none, 3);
  for (const int workers : {1, 4}) {
    DataLoader loader(images(11), labels(11), options_with(workers));
    expect_same(epoch_of(loader, 3), expected);
  }
}

TEST(DataLoader, GivesTheTailOfTheEpochAfterResuming) {
  DataLoader loader(images(11), labels(11), options_with(2));
  auto expected = epoch_of(loader, 5);
  expected.erase(expected.begin());
  DataLoader resumed(images(11), labels(11), options_with(3));
  expect_same(epoch_of(resumed, 5, 1), expected);
  EXPECT_TRUE(epoch_of(resumed, 5, 3).empty());
}

TEST(DataLoader, HasANewOrderAndNewCropsEachEpoch) {
  DataLoader loader(images(11), labels(11), options_with(2));
  const auto first = epoch_of(loader, 0);
  const auto second = epoch_of(loader, 1);
  EXPECT_NE(first[0].indices, second[0].indices);
  expect_same(epoch_of(loader, 0), first);
}

TEST(DataLoader, KeepsTheOrderOfTheListWithoutShuffle) {
  LoaderOptions options = options_with(2);
  options.shuffle = false;
  options.drop_last = true;
  DataLoader loader(images(11), labels(11), options);
  const auto batches = epoch_of(loader, 0);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(loader.images(), 8);
  EXPECT_EQ(batches[1].indices, (std::vector<std::int64_t>{4, 5, 6, 7}));
}

TEST(DataLoader, DoesNotOverwriteABatchThatTheCallerHolds) {
  DataLoader loader(images(11), labels(11), options_with(1));
  loader.start(0);
  const auto held = loader.next();
  const torch::Tensor copy = held->images.clone();
  rest_of(loader);
  loader.start(1);
  rest_of(loader);
  EXPECT_TRUE(held->images.equal(copy));
}

TEST(DataLoader, ReusesMemoryThatTheCallerReleased) {
  DataLoader loader(images(11), labels(11), options_with(0));
  std::set<const void*> seen;
  for (int epoch = 0; epoch < 5; ++epoch) {
    loader.start(epoch);
    while (auto batch = loader.next()) seen.insert(batch->images.data_ptr());
  }
  EXPECT_EQ(seen.size(), 2U) << "one batch with the caller, one being filled";
}

std::vector<std::string> with_bad_ones() {
  auto paths = images(10);
  paths[2] = mkt::test::golden("bad/html.jpg");
  paths[7] = mkt::test::golden("bad/empty.jpg");
  return paths;
}

LoaderOptions policy(OnBadImage on_bad_image, int workers) {
  LoaderOptions options = options_with(workers);
  options.shuffle = false;
  options.on_bad_image = on_bad_image;
  return options;
}

TEST(DataLoader, NamesTheFirstBadImageOfTheBatch) {
  for (const int workers : {0, 1, 4}) {
    DataLoader loader(with_bad_ones(), labels(10), policy(OnBadImage::kError, workers));
    loader.start(0);
    expect_part(message_of([&] { loader.next(); }),
                "bad/html.jpg: expected a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF image, got an HTML");
    EXPECT_FALSE(loader.next().has_value());
    EXPECT_EQ(epoch_of(loader, 0, 2).size(), 1U) << "the last batch has no bad image";
  }
}

TEST(DataLoader, NamesAnImageThatCannotBeTransformed) {
  const std::string path = testing::TempDir() + "/thin.png";
  std::filesystem::copy_file(mkt::test::golden("images/one_pixel.png"), path,
                             std::filesystem::copy_options::overwrite_existing);
  LoaderOptions options = policy(OnBadImage::kError, 1);
  options.transform = Transform::kEvaluation;
  options.image_size = 20000;
  options.batch_size = 1;
  DataLoader loader({path}, {}, options);
  loader.start(0);
  expect_part(message_of([&] { loader.next(); }), "thin.png: resize: expected 1 to");
}

TEST(DataLoader, CountsTruncatedImagesAndNamesTheFirst) {
  auto paths = images(6);
  LoaderOptions options = options_with(3);
  {
    DataLoader whole(paths, labels(6), options);
    epoch_of(whole, 0);
    EXPECT_EQ(whole.damaged_images().count, 0);
    EXPECT_EQ(damage_text(whole.damaged_images(), whole), "");
  }
  paths[4] = paths[1] = mkt::test::golden("images/truncated.jpg");
  options.transform = Transform::kEvaluation;
  DataLoader loader(paths, labels(6), options);
  for (const std::int64_t epoch : {0, 1}) {
    epoch_of(loader, epoch);
    EXPECT_EQ(loader.damaged_images().count, 2);
    EXPECT_EQ(loader.damaged_images().first, 1);
  }
  EXPECT_EQ(damage_text(loader.damaged_images(), loader),
            "2 images are truncated or damaged and were read as far as they go, first " + paths[1] +
                ". List them with prepare check.");
  EXPECT_EQ(damage_text({1, 4}, loader),
            "1 image is truncated or damaged and was read as far as it goes, first " + paths[4] +
                ". List them with prepare check.");
}

TEST(DataLoader, TurnsImagesUprightOnRequest) {
  const std::vector<std::string> paths = {mkt::test::golden("images/exif_rotated.jpg")};
  LoaderOptions options = options_with(0);
  options.transform = Transform::kEvaluation;
  for (const auto rotation : {image::ExifRotation::kIgnore, image::ExifRotation::kApply}) {
    options.exif_rotation = rotation;
    DataLoader loader(paths, {}, options);
    loader.start(0);
    const torch::Tensor expected =
        image::evaluation_transform(image::decode_file(paths[0], rotation), kSize, image::Preprocessing{})
            .permute({2, 0, 1});
    EXPECT_TRUE(loader.next()->images[0].equal(expected));
  }
  EXPECT_FALSE(image::decode_file(paths[0], image::ExifRotation::kApply).equal(image::decode_file(paths[0])));
}

TEST(DataLoader, SkipsBadImages) {
  for (const int workers : {0, 3}) {
    DataLoader loader(with_bad_ones(), labels(10), policy(OnBadImage::kSkip, workers));
    const auto batches = epoch_of(loader, 0);
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[0].indices, (std::vector<std::int64_t>{0, 1, 3}));
    EXPECT_EQ(batches[0].images.size(0), 3);
    EXPECT_EQ(batches[0].labels[2][0].item<int>(), 9);
    EXPECT_EQ(loader.bad_images(), 2);
  }
}

TEST(DataLoader, CountsTheBadImagesOfEachEpochSeparately) {
  DataLoader loader(with_bad_ones(), labels(10), policy(OnBadImage::kSkip, 2));
  for (const std::int64_t epoch : {0, 1}) {
    epoch_of(loader, epoch);
    EXPECT_EQ(loader.bad_images(), 2) << epoch;
  }
  loader.start(2);
  EXPECT_EQ(loader.bad_images(), 0);
}

TEST(DataLoader, GivesAnEmptyBatchIfAllImagesAreBad) {
  const std::vector<std::string> paths(3, mkt::test::golden("bad/empty.jpg"));
  DataLoader loader(paths, labels(3), policy(OnBadImage::kSkip, 1));
  const auto batches = epoch_of(loader, 0);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].images.sizes(), (std::vector<std::int64_t>{0, 3, kSize, kSize}));
  EXPECT_EQ(batches[0].labels.sizes(), (std::vector<std::int64_t>{0, 3}));
}

TEST(DataLoader, FillsBadImagesWithTheMeanColour) {
  DataLoader loader(with_bad_ones(), labels(10), policy(OnBadImage::kFill, 2));
  const auto batches = epoch_of(loader, 0);
  EXPECT_EQ(batches[0].indices, (std::vector<std::int64_t>{0, 1, 2, 3}));
  for (std::int64_t c = 0; c < 3; ++c) {
    const int expected = std::vector<int>{124, 116, 104}[static_cast<std::size_t>(c)];
    EXPECT_TRUE(batches[0].images[2][c].eq(expected).all().item<bool>());
  }
  EXPECT_EQ(loader.bad_images(), 2);
}

TEST(DataLoader, FillsBadImagesWithThePreprocessingsOwnMeanColour) {
  LoaderOptions options = policy(OnBadImage::kFill, 2);
  options.preprocessing = image::clip_preprocessing();
  DataLoader loader(with_bad_ones(), labels(10), options);
  const auto batches = epoch_of(loader, 0);
  for (std::int64_t c = 0; c < 3; ++c) {
    const int expected = std::vector<int>{123, 117, 104}[static_cast<std::size_t>(c)];
    EXPECT_TRUE(batches[0].images[2][c].eq(expected).all().item<bool>());
  }
}

TEST(DataLoader, PreprocessesAsMktUnlessAskedOtherwise) {
  LoaderOptions options = options_with(1);
  options.transform = Transform::kEvaluation;
  EXPECT_EQ(DataLoader(images(2), {}, options).preprocessing(), image::mkt_preprocessing(kSize));
  options.image_size = 336;
  EXPECT_EQ(DataLoader(images(2), {}, options).preprocessing().crop_share, 1);
  options = options_with(1);
  options.shuffle = false;
  options.transform = Transform::kEvaluation;
  options.preprocessing = image::clip_preprocessing();
  for (const auto mode : {image::ResizeMode::kShort, image::ResizeMode::kSquash, image::ResizeMode::kPad}) {
    options.preprocessing->resize = mode;
    DataLoader loader(images(5), {}, options);
    loader.start(0);
    const auto batch = loader.next();
    const torch::Tensor expected =
        image::evaluation_transform(image::decode_file(images(3)[2]), kSize, *options.preprocessing);
    EXPECT_TRUE(batch->images[2].equal(expected.permute({2, 0, 1}))) << enum_name(mode);
  }
}

TEST(DataLoader, RefusesRandomCropsOfPaddedImages) {
  LoaderOptions options = options_with(1);
  options.preprocessing = image::clip_preprocessing();
  options.preprocessing->resize = image::ResizeMode::kPad;
  EXPECT_EQ(message_of([&] { DataLoader(images(2), {}, options); }),
            "resize: expected short or squash for random crops, which never show padding, got pad. Use "
            "squash, or the "
            "training transform eval.");
  options.transform = Transform::kEvaluation;
  EXPECT_EQ(message_of([&] { DataLoader(images(2), {}, options); }), "");
}

TEST(DataLoader, CanBeDestroyedInTheMiddleOfAnEpoch) {
  for (int taken = 0; taken < 3; ++taken) {
    DataLoader loader(images(100), labels(100), options_with(4));
    loader.start(0);
    for (int i = 0; i < taken; ++i) loader.next();
  }
  DataLoader loader(images(11), labels(11), options_with(4));
  loader.start(0);
  loader.next();
  EXPECT_EQ(epoch_of(loader, 1).size(), 3U);
}

TEST(DataLoader, GivesNothingWithoutImagesOrBeforeTheStart) {
  DataLoader loader({}, {}, options_with(2));
  EXPECT_FALSE(loader.next().has_value());
  EXPECT_TRUE(epoch_of(loader, 0).empty());
}

TEST(DataLoader, RefusesOptionsOutOfRange) {
  LoaderOptions options = options_with(1);
  options.batch_size = 0;
  expect_part(message_of([&] { DataLoader({}, {}, options); }),
              "batch_size: expected a positive number, got 0");
  expect_part(message_of([&] { DataLoader(images(3), labels(2), options_with(1)); }),
              "labels: expected 3 rows");
  options = options_with(1);
  options.rank = 1;
  expect_part(message_of([&] { DataLoader({}, {}, options); }), "rank: expected 0 to 0, got 1");
  DataLoader loader(images(3), labels(3), options_with(1));
  expect_part(message_of([&] { loader.start(0, 2); }), "start_batch: expected 0 to 1, got 2");
}

TEST(EpochOrder, UnevenShardsPartitionTheList) {
  for (const std::int64_t size : {0, 1, 7, 8}) {
    std::vector<std::int64_t> all;
    for (int rank = 0; rank < 3; ++rank) {
      LoaderOptions options;
      options.rank = rank;
      options.world_size = 3;
      options.shuffle = true;
      for (const auto index : epoch_order(size, 2, options)) all.push_back(index);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::int64_t> expected(static_cast<std::size_t>(size));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected);
  }
}

TEST(EpochOrder, EvenShardsTakeTurnsInOneOrder) {
  LoaderOptions whole;
  whole.shuffle = true;
  const auto order = epoch_order(7, 2, whole);
  for (int rank = 0; rank < 3; ++rank) {
    LoaderOptions options = whole;
    options.rank = rank;
    options.world_size = 3;
    options.even_shards = true;
    const auto shard = epoch_order(7, 2, options);
    ASSERT_EQ(shard.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_EQ(shard[i], order[(3 * i + static_cast<std::size_t>(rank)) % 7]);
  }
}

}  // namespace
}  // namespace mkt::data
