#include "demo/pointing.h"

#include <gtest/gtest.h>

#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"
#include "world/demo_data.h"

namespace mkt::demo {
namespace {

TEST(Pointing, FindsThePatchWithTheHighestProduct) {
  torch::Tensor patches = torch::zeros({2, 4, 3});
  patches[0][2][1] = 5;
  patches[0][1][0] = 9;  // large, but not along the label's feature
  patches[1][3][2] = 1;
  const torch::Tensor labels = torch::tensor({{0.0F, 1.0F, 0.0F}, {0.0F, 0.0F, 1.0F}});
  EXPECT_TRUE(torch::equal(brightest_patches(patches, labels), torch::tensor({2, 3}, torch::kInt64)));
}

TEST(Pointing, CountsImagesOfOneObject) {
  const std::string folder = mkt::test::scratch_folder("pointing");
  DataSetOptions drawing{};
  drawing.workers = 2;
  drawing.output = folder + "/data";
  drawing.train = drawing.test = 3;
  drawing.validation = 0;
  drawing.single = 8;
  write_data_set(drawing);
  weights::save_pth(folder + "/clip.pt", mkt::test::formula_clip_state(mkt::test::tiny_clip_shape()));
  PointingOptions options;
  options.clip_path = folder + "/clip.pt";
  options.bpe_path = MKT_MERGES_PATH;
  options.data_path = drawing.output + "/single";
  options.json = folder + "/pointing.json";
  const auto result = measure_pointing(options);
  EXPECT_EQ(result["pictures"], 8);
  EXPECT_GE(result["hits"], 0.0);
  EXPECT_LT(result["hits"], 0.9);  // the weights are untrained
  EXPECT_LE(result["unseen"]["pictures"], 8);
  EXPECT_EQ(nlohmann::ordered_json::parse(mkt::test::file_text(options.json)), result);
  options.data_path = drawing.output;
  EXPECT_NE(mkt::test::message_of([&] {
              measure_pointing(options);
            }).find("truth_test.jsonl: expected images of one object, got "),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::demo
