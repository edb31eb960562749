#include "io/text_stream.h"

#include <gtest/gtest.h>

#include <sstream>

#include "core/utf8.h"
#include "io/csv.h"
#include "io/numbered_lines.h"
#include "support/files.h"
#include "support/message.h"

namespace mkt::io {
namespace {

using namespace std::string_literals;

/// Encodes UTF-8 as UTF-16 with a byte order mark.
std::string utf16(std::string_view text, bool big) {
  std::string bytes;
  const auto add = [&](unsigned unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xFF);
    bytes += big ? std::string{high, low} : std::string{low, high};
  };
  add(0xFEFF);
  for (const char32_t c : decode_utf8(text)) {
    if (c >= 0x10000) {
      add(0xD800 + ((c - 0x10000) >> 10));
      add(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      add(c);
    }
  }
  return bytes;
}

std::string refusal(const std::string& bytes, TextRules rules = {}) {
  return test::message_of([&] { decode_text(bytes, "list.txt", rules); });
}

TEST(DecodeText, ConvertsUtf16OfBothByteOrders) {
  for (const std::string text : {"cat\r\nred fox\r\n", "café\n猫\n😀\n", "a", ""}) {
    EXPECT_EQ(decode_text(utf16(text, false), ""), text);
    EXPECT_EQ(decode_text(utf16(text, true), ""), text);
  }
}

TEST(DecodeText, DropsByteOrderMarksAtTheStartOfTextAndLines) {
  EXPECT_EQ(decode_text("\xEF\xBB\xBF"
                        "cat\n",
                        ""),
            "cat\n");
  EXPECT_EQ(decode_text("\xEF\xBB\xBF\xEF\xBB\xBF"
                        "cat\n\xEF\xBB\xBF"
                        "dog\n",
                        ""),
            "cat\ndog\n");
  EXPECT_EQ(decode_text(utf16("cat\n\uFEFF"
                              "dog\n",
                              false),
                        ""),
            "cat\ndog\n");
  EXPECT_EQ(decode_text("c\xEF\xBB\xBF"
                        "at",
                        ""),
            "c\xEF\xBB\xBF"
            "at");
  EXPECT_EQ(decode_text("\xEF\xBB\xBF"
                        "a.jpg\n\xEF\xBB\xBF"
                        "b.jpg",
                        "", kFileNames),
            "a.jpg\n\xEF\xBB\xBF"
            "b.jpg");
}

TEST(DecodeText, RefusesOtherEncodingsWithTheirLine) {
  const std::string end = " of another encoding. Save the file as UTF-8.";
  EXPECT_EQ(refusal("cat\ncaf\xE9\n"), "list.txt:2: expected UTF-8, got the byte 0xE9" + end);
  EXPECT_EQ(refusal("\x8E\xC0\n"), "list.txt:1: expected UTF-8, got the byte 0x8E" + end);  // Shift JIS
  EXPECT_EQ(refusal("a\nb\n\xE7\x8C"), "list.txt:3: expected UTF-8, got the byte 0xE7" + end);
  EXPECT_EQ(refusal("a\n\xED\xA0\xBD\xED\xB8\x80"), "list.txt:2: expected UTF-8, got the byte 0xED" + end);
  const std::string utf32 = "list.txt: expected UTF-8 or UTF-16, got UTF-32. Save the file as UTF-8.";
  EXPECT_EQ(refusal("\xFF\xFE\0\0c\0\0\0"s), utf32);
  EXPECT_EQ(refusal("\0\0\xFE\xFF\0\0\0c"s), utf32);
}

TEST(DecodeText, RefusesNulBytes) {
  EXPECT_EQ(refusal("cat\nd\0og\n"s), "list.txt:2: expected text, got a NUL byte. Save the file as UTF-8.");
  EXPECT_EQ(refusal(utf16("cat\n", false).substr(2)),
            "list.txt:1: expected text, got a NUL byte. Save the file as UTF-8.");
  EXPECT_EQ(refusal(utf16("a\n\0"s, true)),
            "list.txt:2: expected text, got a NUL byte. Save the file as UTF-8.");
  EXPECT_EQ(decode_text("a\0b"s, "", kRecords), "a\0b"s);
}

TEST(DecodeText, RefusesCrAloneAndKeepsCrBeforeLf) {
  const auto message = [](int line) {
    return "list.txt:" + std::to_string(line) +
           ": expected lines that end with LF or CR LF, got CR alone. Convert the line ends.";
  };
  EXPECT_EQ(refusal("cat\rdog\r"), message(1));
  EXPECT_EQ(refusal("cat\ndog\rfox\n"), message(2));
  EXPECT_EQ(refusal(utf16("a\rb", true)), message(1));
  for (const std::string text : {"cat\r\ndog\r\n", "cat\r\r\ndog\r\r\n", "cat\r"})
    EXPECT_EQ(decode_text(text, ""), text);
}

TEST(DecodeText, RefusesUtf16ThatIsCutOrMixed) {
  const auto message = [](const std::string& what) {
    return "list.txt:2: expected UTF-16, got " + what + ". Save the file as UTF-8.";
  };
  EXPECT_EQ(refusal(utf16("a\nb", false) + "c"), message("half a character at the end"));
  EXPECT_EQ(refusal(utf16("a\n", false) + "\x3D\xD8"), message("half a character"));
  EXPECT_EQ(refusal(utf16("a\n", false) + "\x00\xDE"
                                          "b\0"s),
            message("half a character"));
  EXPECT_EQ(refusal(utf16("a\n", true) + utf16("b", false)), message("a byte order that changes"));
}

TEST(DecodeText, KeepsAnyBytesInFileNames) {
  EXPECT_EQ(decode_text("caf\xE9.jpg\n\xFF\n", "", kFileNames), "caf\xE9.jpg\n\xFF\n");
  EXPECT_EQ(decode_text(utf16("café.jpg\n", false), "", kFileNames), "café.jpg\n");
}

TEST(TextDecoder, GivesTheSameTextInPiecesOfAnySize) {
  const std::string text = "cat\r\ncafé\n猫 😀\nfire truck";
  for (const std::string& bytes : {text, "\xEF\xBB\xBF" + text, utf16(text, false), utf16(text, true)}) {
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      TextDecoder decoder("list.txt");
      std::string decoded;
      for (std::size_t at = 0; at < bytes.size(); at += size)
        decoded += decoder.decode(std::string_view(bytes).substr(at, size), at + size >= bytes.size());
      EXPECT_EQ(decoded, text) << size;
    }
  }
}

TEST(TextStream, NamesALineFarBehindTheFirstBlock) {
  std::string text;
  for (int line = 0; line < 50000; ++line) text += "héllo\n";
  const std::string path = test::write_file(test::temporary("long.txt"), text + "caf\xE9\n" + text);
  EXPECT_EQ(test::message_of([&] { read_lines(path); }),
            path + ":50001: expected UTF-8, got the byte 0xE9 of another encoding. Save the file as UTF-8.");
  test::write_file(path, text);
  EXPECT_EQ(read_lines(path).size(), 50000U);
}

TEST(TextStream, DecodesAnotherStream) {
  std::istringstream source(utf16("one.jpg\ntwo.jpg\n", false));
  NumberedLines lines(source, "standard input", kFileNames);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.text(), "one.jpg");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.where(), "standard input:2");
  EXPECT_FALSE(lines.next());
}

TEST(TextStream, RefusesAFolder) {
  EXPECT_EQ(test::message_of([] { read_lines("/"); }), "/: reading stopped at line 1. Check the disk.");
}

TEST(CsvReader, ReadsUtf16AndRefusesCrAloneOutsideQuotes) {
  const std::string path = test::temporary("table.csv");
  test::write_file(path, utf16("image\tlabels\r\na.jpg\tcafé\r\n", false));
  EXPECT_EQ(frequent_delimiter(path), Delimiter::kTab);
  CsvTable table(path, Delimiter::kTab);
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.field(1), "café");
  test::write_file(path, "image,labels\n\"a\rb\",cat\nb.jpg,dog\rc.jpg,cat\n");
  CsvReader reader(path);
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fields()[0], "a\rb");
  EXPECT_EQ(test::message_of([&] { reader.next(); }),
            path + ":3: expected lines that end with LF or CR LF, got CR alone. Convert the line ends.");
}

}  // namespace
}  // namespace mkt::io
