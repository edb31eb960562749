#include "scoring/loading.h"

#include <gtest/gtest.h>

namespace mkt::scoring {
namespace {

TEST(EvaluationLoader, GivesImagesInOrderWithTheEvaluationTransform) {
  const data::LoaderOptions loader = evaluation_loader({3, data::OnBadImage::kSkip, /*fast=*/true}, 7, 64,
                                                       image::clip_preprocessing(), session::Runtime());
  EXPECT_EQ(loader.batch_size, 7);
  EXPECT_EQ(loader.image_size, 64);
  EXPECT_EQ(loader.workers, 3);
  EXPECT_EQ(loader.on_bad_image, data::OnBadImage::kSkip);
  EXPECT_EQ(loader.decoding, image::Decoding::kFast);
  EXPECT_EQ(loader.transform, data::Transform::kEvaluation);
  EXPECT_EQ(loader.preprocessing, image::clip_preprocessing());
  EXPECT_FALSE(loader.shuffle);
  EXPECT_FALSE(loader.drop_last);
  EXPECT_FALSE(loader.even_shards);  // no image may be scored twice
}

TEST(EvaluationLoader, PinsMemoryForGpusOnly) {
  const Decoding decoding{0, data::OnBadImage::kError, /*fast=*/false};
  session::Runtime runtime;
  EXPECT_FALSE(evaluation_loader(decoding, 1, 64, image::Preprocessing{}, runtime).pin_memory);
  EXPECT_EQ(evaluation_loader(decoding, 1, 64, image::Preprocessing{}, runtime).decoding,
            image::Decoding::kExact);
  runtime.device = torch::kCUDA;
  EXPECT_TRUE(evaluation_loader(decoding, 1, 64, image::Preprocessing{}, runtime).pin_memory);
}

TEST(ReadingOptions, LetTheOnlyRankCheckTheImages) {
  const session::Session session{distributed::Communicator(), session::Runtime()};
  const data::ReadingOptions reading = reading_options(5, 12, session);
  EXPECT_EQ(reading.workers, 5);
  EXPECT_EQ(reading.limit, 12);
  EXPECT_TRUE(reading.look_for_images);
}

}  // namespace
}  // namespace mkt::scoring
