#include "world/caption.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <sstream>

namespace mkt::demo {
namespace {

std::set<std::string> words_of(std::string text) {
  for (char& c : text) c = c == ',' ? ' ' : c;
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

constexpr std::array kWorlds = {WorldKind::kShapes, WorldKind::kSigns, WorldKind::kCatalogue};

Scene any_scene(WorldKind kind, KeyedRandom& random) {
  return draw_scene(kind, random, {1, 4}, Frequencies::kUniform);
}

std::set<std::string> true_words(const Scene& scene) {
  const World& own = world(scene.world);
  std::set<std::string> words = {"a",  "an", "and", "on",    "there",
                                 "is", "in", "the", "scene", own.backgrounds[scene.background].name};
  for (const Object& object : scene.objects) {
    words.insert(own.shapes[object.shape].name);
    words.insert(own.colours[object.colour].name);
    if (object.texture != kPlain) words.insert(own.textures[object.texture].name);
  }
  return words;
}

TEST(Caption, NamesOnlyWhatIsInTheScene) {
  for (const WorldKind kind : kWorlds) {
    KeyedRandom random({3});
    std::set<std::string> said;
    for (int i = 0; i < 2000; ++i) {
      const Scene scene = any_scene(kind, random);
      const auto allowed = true_words(scene);
      const std::string text = caption(scene, random);
      for (const std::string& word : words_of(text)) {
        EXPECT_EQ(allowed.count(word), 1U) << word << " in: " << text;
        said.insert(word);
      }
    }
    for (const ShapeKind& shape : world(kind).shapes) EXPECT_EQ(said.count(shape.name), 1U) << shape.name;
    for (const ColourKind& colour : world(kind).colours)
      EXPECT_EQ(said.count(colour.name), 1U) << colour.name;
    for (const char* word : {"there", "a"}) EXPECT_EQ(said.count(word), 1U) << word;
  }
}

TEST(Caption, CombinesWordsInOrder) {
  Scene scene;
  scene.objects = {{3, 1, 1, 0, 0, 7, 0}};
  std::set<std::string> said;
  KeyedRandom random({4});
  for (int i = 0; i < 500; ++i) said.insert(caption(scene, random));
  for (const char* text : {"a star", "an orange star", "a striped star on grass", "an orange striped star",
                           "a grass", "there is an orange striped star on grass in the scene"}) {
    EXPECT_EQ(said.count(text), 1U) << text;
  }
}

TEST(Caption, BareCaptionsHaveAtMostOneAdjective) {
  KeyedRandom random({6});
  Scene scene;
  scene.objects = {{0, 0, 2, 0, 0, 7, 0}};
  std::set<std::string> said;
  for (int i = 0; i < 300; ++i) said.insert(bare_caption(scene, random));
  EXPECT_EQ(said, (std::set<std::string>{
                      "a circle", "a red circle", "a dotted circle", "there is a circle in the scene",
                      "there is a red circle in the scene", "there is a dotted circle in the scene"}));
}

TEST(Caption, UsesOnlyListedWords) {
  for (const WorldKind kind : kWorlds) {
    std::set<std::string> known;
    for (const std::string& words : all_words(kind)) {
      const auto some = words_of(words);
      known.insert(some.begin(), some.end());
    }
    KeyedRandom random({8});
    for (int i = 0; i < 1000; ++i) {
      const Scene scene = any_scene(kind, random);
      for (const std::string& word : words_of(caption(scene, random) + " " + bare_caption(scene, random))) {
        EXPECT_EQ(known.count(word), 1U) << word;
      }
    }
  }
}

}  // namespace
}  // namespace mkt::demo
