#include "world/caption.h"

#include <fmt/format.h>

namespace mkt::demo {
namespace {

// Probabilities of the choices made per caption.
constexpr double kAllObjects = 0.5;
constexpr double kOneObject = 0.5;
constexpr double kColour = 0.6;
constexpr double kTexture = 0.5;
constexpr double kBackground = 0.4;
constexpr double kBackgroundAlone = 0.05;
constexpr double kSentence = 0.2;
constexpr double kBareWithOneWord = 0.4;

std::string article(const std::string& phrase) {
  return std::string("aeiou").find(phrase[0]) == std::string::npos ? "a " : "an ";
}

/// Describes an object, such as "a red striped circle", with or without colour and texture.
std::string phrase(const World& own, const Object& object, bool with_colour, bool with_texture) {
  std::string words;
  if (with_colour) words += fmt::format("{} ", own.colours.at(object.colour).name);
  if (with_texture && object.texture != kPlain)
    words += fmt::format("{} ", own.textures.at(object.texture).name);
  words += own.shapes.at(object.shape).name;
  return article(words) + words;
}

/// Draws at random which objects to name, and their order.
std::vector<Object> named(const Scene& scene, KeyedRandom& random) {
  const bool all = random.uniform() < kAllObjects;
  const auto order =
      permutation(static_cast<std::int64_t>(scene.objects.size()), KeyedRandom({random.bits()}));
  std::vector<Object> objects;
  for (const std::int64_t i : order) {
    const bool name = all || objects.empty() || random.uniform() < kOneObject;
    if (name) objects.push_back(scene.objects[static_cast<std::size_t>(i)]);
  }
  return objects;
}

/// Joins phrases as "a, b and c".
std::string listed(const std::vector<std::string>& phrases) {
  std::string text;
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    if (i > 0) text += i + 1 == phrases.size() ? " and " : ", ";
    text += phrases[i];
  }
  return text;
}

std::string sentence(const std::string& what, KeyedRandom& random) {
  return random.uniform() < kSentence ? fmt::format("there is {} in the scene", what) : what;
}

}  // namespace

std::string caption(const Scene& scene, KeyedRandom& random) {
  const World& own = world(scene.world);
  const std::string background = own.backgrounds.at(scene.background).name;
  if (random.uniform() < kBackgroundAlone) return sentence("a " + background, random);
  std::vector<std::string> phrases;
  for (const Object& object : named(scene, random)) {
    const bool with_colour = random.uniform() < kColour;
    phrases.push_back(phrase(own, object, with_colour, random.uniform() < kTexture));
  }
  std::string text = listed(phrases);
  if (random.uniform() < kBackground) text += " on " + background;
  return sentence(text, random);
}

std::string bare_caption(const Scene& scene, KeyedRandom& random) {
  const bool more = random.uniform() < kBareWithOneWord;
  const bool with_colour = random.uniform() < 0.5;
  const World& own = world(scene.world);
  return sentence(phrase(own, scene.objects.at(0), more && with_colour, more && !with_colour), random);
}

std::vector<std::string> all_words(WorldKind kind) {
  const World& own = world(kind);
  std::vector<std::string> sentences = {"there is a, an and on in the scene"};
  const auto add = [&](const auto& kinds) {
    for (const auto& named_kind : kinds) sentences.emplace_back(named_kind.name);
  };
  add(own.shapes);
  add(own.colours);
  add(own.textures);
  add(own.backgrounds);
  return sentences;
}

}  // namespace mkt::demo
