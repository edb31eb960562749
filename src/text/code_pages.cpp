#include "text/code_pages.h"

#include <array>
#include <unordered_map>

#include "core/utf8.h"

namespace mkt::text {
namespace {

constexpr unsigned kFirst = 0x80;  // lower bytes are ASCII in all encodings

struct Page {
  std::u32string_view characters;  // of the bytes from 0x80 to 0xFF; empty: the code points of the same value
  bool loses_bytes = false;
};

constexpr std::array<Page, kCodePages> kPages = {{
    {U"", false},  // Latin-1
    {              // Windows-1252
     U"€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
     U"\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
     U"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
     U"àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
     true},
    {// Windows-1251
     U"ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u0098™љ›њќћџ"
     U"\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕї"
     U"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
     U"абвгдежзийклмнопрстуфхцчшщъыьэюя",
     true},
    {// Windows-1250
     U"€\u0081‚\u0083„…†‡\u0088‰Š‹ŚŤŽŹ\u0090‘’“”•–—\u0098™š›śťžź"
     U"\u00a0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00ad®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż"
     U"ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
     U"ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
     true},
    {// Windows-1253
     U"€\u0081‚ƒ„…†‡\u0088‰\u008a‹\u008c\u008d\u008e\u008f\u0090‘’“”•–—\u0098™\u009a›\u009c\u009d\u009e\u009f"
     U"\u00a0΅Ά£¤¥¦§¨©ª«¬\u00ad®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ"
     U"ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήί"
     U"ΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ",
     true},
    {// Windows-1254
     U"€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008d\u008e\u008f\u0090‘’“”•–—˜™š›œ\u009d\u009eŸ"
     U"\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
     U"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
     U"àáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ",
     true},
    {// Windows-1257
     U"€\u0081‚\u0083„…†‡\u0088‰\u008a‹\u008c¨ˇ¸\u0090‘’“”•–—\u0098™\u009a›\u009c¯˛\u009f"
     U"\u00a0¡¢£¤¥¦§Ø©Ŗ«¬\u00ad®Æ°±²³´µ¶·ø¹ŗ»¼½¾æ"
     U"ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽß"
     U"ąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙",
     true},
    {// ISO 8859-2
     U"\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f\u0090"
     U"\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b\u009c\u009d\u009e\u009f"
     U"\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ°ą˛ł´ľśˇ¸šşťź˝žż"
     U"ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
     U"ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
     false},
    {// Mac Roman
     U"ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü"
     U"†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
     U"¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ"
     U"‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
     false},
    {// code page 437
     U"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
     U"áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
     U"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
     U"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
     false},
}};

using Bytes = std::unordered_map<char32_t, char>;

Bytes bytes_of(const Page& page) {
  Bytes bytes;
  for (unsigned i = 0; i < kFirst; ++i) {
    const char32_t character = page.characters.empty() ? kFirst + i : page.characters[i];
    bytes.emplace(character, static_cast<char>(kFirst + i));
  }
  if (page.loses_bytes) bytes[kReplacement] = kLostByte;
  return bytes;
}

const Bytes& bytes_of(std::size_t page) {
  static const auto all = [] {
    std::array<Bytes, kCodePages> made;
    for (std::size_t i = 0; i < kCodePages; ++i) made[i] = bytes_of(kPages[i]);
    return made;
  }();
  return all[page];
}

}  // namespace

std::optional<std::string> encode_in_page(std::u32string_view text, std::size_t page) {
  const Bytes& bytes = bytes_of(page);
  std::string encoded;
  encoded.reserve(text.size());
  for (const char32_t c : text) {
    const bool is_ascii = c < kFirst && (c != static_cast<char32_t>(kLostByte) || !loses_bytes(page));
    const auto found = is_ascii ? bytes.end() : bytes.find(c);
    if (!is_ascii && found == bytes.end()) return std::nullopt;
    encoded.push_back(is_ascii ? static_cast<char>(c) : found->second);
  }
  return encoded;
}

bool loses_bytes(std::size_t page) {
  return kPages[page].loses_bytes;
}

}  // namespace mkt::text
