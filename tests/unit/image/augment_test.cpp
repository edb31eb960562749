#include "image/augment.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <set>

#include "support/images.h"

namespace mkt::image {
namespace {

using namespace test;

constexpr std::array<std::uint8_t, 3> kFill = {124, 116, 104};

struct Case {
  const char* name;
  Operation operation;
  std::vector<const char*> arguments;
};

const std::vector<Case>& tone_cases() {
  static const std::vector<Case> cases = {
      {"posterize_", Operation::kPosterize, {"0", "1", "3"}},
      {"solarize_", Operation::kSolarize, {"26", "128"}},
      {"solarize_add_", Operation::kSolarizeAdd, {"40", "99"}},
      {"color_", Operation::kColor, {"0.19", "1.81"}},
      {"contrast_", Operation::kContrast, {"0.19", "1.81"}},
      {"brightness_", Operation::kBrightness, {"0.19", "1.81"}},
      {"sharpness_", Operation::kSharpness, {"0.19", "1.81"}},
      {"autocontrast", Operation::kAutoContrast, {""}},
      {"equalize", Operation::kEqualize, {""}},
      {"invert", Operation::kInvert, {""}},
  };
  return cases;
}

const std::vector<Case>& geometric_cases() {
  static const std::vector<Case> cases = {
      {"rotate_", Operation::kRotate, {"-13.5", "27.0"}},
      {"shear_x_", Operation::kShearX, {"-0.1", "0.27"}},
      {"shear_y_", Operation::kShearY, {"-0.1", "0.27"}},
      {"translate_x_", Operation::kTranslateX, {"-0.2", "0.405"}},
      {"translate_y_", Operation::kTranslateY, {"-0.2", "0.405"}},
  };
  return cases;
}

template <typename Check>
void for_each(const std::vector<Case>& cases, Check check) {
  const torch::Tensor input = golden_image("augment/input.png");
  for (const Case& item : cases) {
    for (const std::string argument : item.arguments) {
      const std::string name = item.name + argument;
      const double value = argument.empty() ? 0.0 : std::stod(argument);
      check(name, augment(input, {item.operation, value}, kFill), golden_image("augment/" + name + ".png"));
    }
  }
}

TEST(Augment, AgreesWithPillowInToneOperations) {
  for_each(tone_cases(),
           [](const std::string& name, const torch::Tensor& made, const torch::Tensor& expected) {
             EXPECT_LE(difference(made, expected).max().item<int>(), 1) << name;
             EXPECT_LT(mean_difference(made, expected), 0.01) << name;
           });
}

TEST(Augment, AgreesWithPillowInGeometricOperations) {
  for_each(geometric_cases(),
           [](const std::string& name, const torch::Tensor& made, const torch::Tensor& expected) {
             EXPECT_LT(mean_difference(made, expected), 0.05) << name;
             EXPECT_LE(difference(made, expected).max().item<int>(), 2) << name;
           });
}

TEST(Augment, DoesNotChangeItsInput) {
  for (const auto& size : {std::pair<int, int>{1, 1}, {2, 5}, {3, 3}}) {
    const torch::Tensor image = torch::full({size.first, size.second, 3}, 90, torch::kUInt8);
    for (int operation = 0; operation < kOperations; ++operation) {
      const torch::Tensor result = augment(image, {static_cast<Operation>(operation), 0.5}, kFill);
      EXPECT_EQ(result.sizes(), image.sizes());
      EXPECT_TRUE(image.eq(90).all().item<bool>()) << "operation " << operation;
    }
    EXPECT_TRUE(augment(image, {Operation::kEqualize, 0}, kFill).equal(image));
    EXPECT_TRUE(augment(image, {Operation::kAutoContrast, 0}, kFill).equal(image));
    EXPECT_TRUE(augment(image, {Operation::kSharpness, 1.9}, kFill).equal(image));
  }
}

TEST(RandAugment, DrawsOperationsUniformlyAndAppliesHalf) {
  constexpr int kDraws = 30000;
  std::map<Operation, int> counts;
  std::map<std::size_t, int> lengths;
  KeyedRandom random({3});
  for (int i = 0; i < kDraws; ++i) {
    const auto steps = draw_rand_augment(random);
    ++lengths[steps.size()];
    for (const auto& step : steps) ++counts[step.operation];
  }
  EXPECT_NEAR(lengths[0] / double{kDraws}, 0.25, 0.01);
  EXPECT_NEAR(lengths[1] / double{kDraws}, 0.5, 0.01);
  EXPECT_NEAR(lengths[2] / double{kDraws}, 0.25, 0.01);
  ASSERT_EQ(counts.size(), 15U);
  for (const auto& [operation, count] : counts) {
    EXPECT_NEAR(count / double{kDraws}, 1.0 / 15, 0.006) << static_cast<int>(operation);
  }
}

TEST(RandAugment, DrawsMagnitudesAroundNineClampedAtTen) {
  constexpr int kDraws = 60000;
  double sum = 0;
  double squares = 0;
  double largest = 0;
  int count = 0;
  int left = 0;
  KeyedRandom random({4});
  for (int i = 0; i < kDraws; ++i) {
    for (const auto& step : draw_rand_augment(random)) {
      if (step.operation != Operation::kRotate) continue;
      const double magnitude = std::abs(step.argument) / 3;
      sum += magnitude;
      squares += magnitude * magnitude;
      largest = std::max(largest, magnitude);
      left += step.argument > 0 ? 1 : 0;
      ++count;
    }
  }
  ASSERT_GT(count, 3000);
  EXPECT_NEAR(sum / count, 8.996, 0.03);  // mean of N(9, 0.5) clamped at 10
  EXPECT_NEAR(std::sqrt(squares / count - (sum / count) * (sum / count)), 0.488, 0.03);
  EXPECT_LE(largest, 10.0);
  EXPECT_NEAR(left / static_cast<double>(count), 0.5, 0.04);
}

TEST(RandAugment, ArgumentsFollowTheMagnitude) {
  KeyedRandom random({5});
  const auto at = [&](Operation operation, double magnitude) {
    return augment_argument(operation, magnitude, random);
  };
  EXPECT_EQ(at(Operation::kPosterize, 9), 1);
  EXPECT_EQ(at(Operation::kPosterize, 10), 0);
  EXPECT_EQ(at(Operation::kPosterize, 7.4), 2);
  EXPECT_EQ(at(Operation::kSolarize, 9), 26);
  EXPECT_EQ(at(Operation::kSolarizeAdd, 9), 99);
  EXPECT_DOUBLE_EQ(std::abs(at(Operation::kShearX, 9)), 0.27);
  EXPECT_DOUBLE_EQ(std::abs(at(Operation::kTranslateY, 9)), 0.405);
  std::set<std::string> factors;
  for (int i = 0; i < 50; ++i) factors.insert(fmt::format("{:g}", at(Operation::kColor, 9)));
  EXPECT_EQ(factors, (std::set<std::string>{"0.19", "1.81"}));
  for (int i = 0; i < 50; ++i) EXPECT_GE(at(Operation::kSharpness, 10), 0.1 - 1e-12);
}

}  // namespace
}  // namespace mkt::image
