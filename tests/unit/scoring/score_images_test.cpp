#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codecs/encode.h"
#include "mkt/image/transforms.h"
#include "scoring/evaluation.h"
#include "scoring/loading.h"
#include "support/difference.h"
#include "support/files.h"
#include "support/formula.h"
#include "support/images.h"

namespace mkt::scoring {
namespace {

constexpr std::int64_t kSide = 64;  // side of the tiny CLIP's input images, in pixels
constexpr std::int64_t kLabels = 7;

const std::vector<model::ScoreKind> kKinds = {model::ScoreKind::kMkt, model::ScoreKind::kGlobal,
                                              model::ScoreKind::kLocal};

/// The reference input: evaluation transform and ImageNet's normalisation, written out; (1, 3, S, S).
torch::Tensor plain_input(const std::string& path) {
  const torch::Tensor pixels =
      image::evaluation_transform(image::decode_file(path), kSide, image::Preprocessing{});  // (S, S, 3)
  const torch::Tensor mean = torch::tensor({0.485F, 0.456F, 0.406F});
  const torch::Tensor deviation = torch::tensor({0.229F, 0.224F, 0.225F});
  return ((pixels.to(torch::kFloat32) / 255 - mean) / deviation).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

/// The reference scores for one image and the labels (C, D): the paper's equation 4, before normalisation.
model::BranchScores plain_scores(const std::string& path, const torch::Tensor& labels, std::int64_t topk) {
  const torch::NoGradGuard no_grad;
  static const clip::VisionEncoder encoder = clip::make_vision_encoder({test::tiny_weights(), "tiny CLIP"});
  const torch::Tensor tokens = encoder->forward(plain_input(path))[0];       // (1 + P, D)
  const torch::Tensor products = torch::mm(labels, tokens.slice(0, 1).t());  // (C, P)
  const torch::Tensor sorted = std::get<0>(products.sort(1, /*descending=*/true));
  return {sorted.slice(1, 0, topk).mean(1), torch::mv(labels, tokens[0]), {}};
}

/// The reference score for the labels `which` (n), normalised over them: (n).
torch::Tensor plain_score(const model::BranchScores& scores, const torch::Tensor& which,
                          model::ScoreKind kind) {
  const torch::Tensor local = scores.local.index_select(0, which);
  const torch::Tensor global = scores.global.index_select(0, which);
  if (kind == model::ScoreKind::kLocal) return local / local.norm();
  if (kind == model::ScoreKind::kGlobal) return global / global.norm();
  return (local / local.norm() + global / global.norm()) / 2;
}

/// Five random images with different heights and brightness, scored by the tiny CLIP against random labels.
struct ScoreImages : testing::Test {
  std::string folder = test::scratch_folder("images");
  std::vector<std::string> paths;
  session::Session session{distributed::Communicator(), session::Runtime()};
  clip::FrozenVisionEncoder encoder = clip::make_frozen_vision_encoder({test::tiny_weights(), "tiny CLIP"});
  ScoringOptions options;

  ScoreImages() {
    for (std::int64_t i = 0; i < 5; ++i) {
      const torch::Tensor noise = test::noise(70 + 10 * i, 90, static_cast<std::uint64_t>(i + 1));
      const torch::Tensor image = (noise.to(torch::kFloat32) * (0.2 + 0.2 * static_cast<double>(i)));
      paths.push_back(test::write_file(fmt::format("{}/{}.png", folder, i),
                                       image::encode_png(image.to(torch::kUInt8).contiguous())));
    }
    options.label_features = test::formula_tensor("scoring/labels", {kLabels, 512}, -1, 1);
    options.seen = 3;
    options.local = 5;
    options.sets = {{"pair", {6, 0}}};
  }

  /// Scores one rank's share of the images; returns one result per score kind.
  std::vector<ScoredImages> score(int rank = 0, int ranks = 1,
                                  data::OnBadImage on_bad_image = data::OnBadImage::kError) {
    data::LoaderOptions loading =
        evaluation_loader({0, on_bad_image, false}, 2, kSide, image::Preprocessing{}, session.runtime);
    loading.rank = rank;
    loading.world_size = ranks;
    data::DataLoader loader(paths, torch::Tensor(), loading);
    return score_images(encoder, loader, options, kKinds, session);
  }
};

TEST_F(ScoreImages, EqualsTheDefinitionOfEachScore) {
  const auto scored = score();
  ASSERT_EQ(scored.size(), kKinds.size());
  const torch::Tensor all = torch::arange(kLabels);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const model::BranchScores plain = plain_scores(paths[i], options.label_features, options.local.topk);
    for (std::size_t k = 0; k < kKinds.size(); ++k) {
      const auto difference = [&](const torch::Tensor& table, const torch::Tensor& which) {
        return test::largest_difference(table[row], plain_score(plain, which, kKinds[k]));
      };
      EXPECT_LT(difference(scored[k].gzsl, all), 1e-5) << i << " " << k;
      EXPECT_LT(difference(scored[k].zsl, all.slice(0, options.seen)), 1e-5) << i << " " << k;
      EXPECT_LT(difference(scored[k].sets.at(0), torch::tensor({6, 0})), 1e-5) << i << " " << k;
    }
  }
}

TEST_F(ScoreImages, HasOneRowPerImageInTheOrderOfTheList) {
  const ScoredImages scored = score().front();
  EXPECT_EQ(scored.indices, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(scored.zsl.sizes(), (std::vector<std::int64_t>{5, 4}));
  EXPECT_EQ(scored.gzsl.sizes(), (std::vector<std::int64_t>{5, 7}));
  EXPECT_EQ(scored.sets.at(0).sizes(), (std::vector<std::int64_t>{5, 2}));
}

TEST_F(ScoreImages, OnePassForAllKindsEqualsAPassPerKind) {
  const auto scored = score();
  for (std::size_t k = 0; k < kKinds.size(); ++k) {
    options.kind = kKinds[k];
    data::DataLoader loader(paths, torch::Tensor(),
                            evaluation_loader({2, data::OnBadImage::kError, false}, 2, kSide,
                                              image::Preprocessing{}, session.runtime));
    const ScoredImages single = score_images(encoder, loader, options, session);
    EXPECT_TRUE(torch::equal(single.zsl, scored[k].zsl)) << k;
    EXPECT_TRUE(torch::equal(single.gzsl, scored[k].gzsl)) << k;
  }
}

TEST_F(ScoreImages, LeavesOutUnreadableImages) {
  const ScoredImages whole = score().front();
  test::write_file(paths[1], "not an image");
  const ScoredImages scored = score(0, 1, data::OnBadImage::kSkip).front();
  EXPECT_EQ(scored.indices, (std::vector<std::int64_t>{0, 2, 3, 4}));
  const torch::Tensor kept = whole.gzsl.index_select(0, torch::tensor({0, 2, 3, 4}));
  EXPECT_LT(test::largest_difference(scored.gzsl, kept), 1e-6);
  EXPECT_NE(test::message_of([&] { score(); }).find(paths[1]), std::string::npos);
}

TEST_F(ScoreImages, SharesOfTwoRanksCoverEachImageOnce) {
  const ScoredImages whole = score().front();
  std::vector<std::int64_t> covered;
  for (const int rank : {0, 1}) {
    const ScoredImages share = score(rank, 2).front();
    const torch::Tensor rows = whole.gzsl.index_select(0, torch::tensor(share.indices, torch::kInt64));
    EXPECT_LT(test::largest_difference(share.gzsl, rows), 1e-6) << rank;
    covered.insert(covered.end(), share.indices.begin(), share.indices.end());
  }
  EXPECT_EQ(covered, (std::vector<std::int64_t>{0, 2, 4, 1, 3}));
}

TEST_F(ScoreImages, RefusesMorePatchesThanAnImageHas) {
  options.local = 17;
  EXPECT_EQ(test::message_of([&] { score(); }), "topk: expected 1 to 16 (the patches of an image), got 17.");
}

}  // namespace
}  // namespace mkt::scoring
