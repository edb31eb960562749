#include "weights/zip_archive.h"

#include <sstream>

#include <gtest/gtest.h>

#include "support/crafted.h"
#include "support/message.h"

namespace mkt::weights {

using namespace test;
namespace {

using test::message_of;

std::string archive_of(std::uint64_t zip64_from) {
  std::ostringstream out;
  ZipWriter zip(out, zip64_from);
  zip.add("a/first", "hello");
  zip.add("a/second", std::string(1000, 'x'));
  zip.add("a/empty", "");
  zip.finish();
  return out.str();
}

ZipArchive open(const std::string& bytes) {
  const std::string path = write_file(temporary("archive.zip"), bytes);
  return {path, io::map_file(path)};
}

std::string archive_refusal(const std::string& bytes) {
  return message_of([&] { open(bytes); });
}

/// Replaces the first `from` after `start` with `to`, which must have the same length.
std::string replaced(std::string bytes, std::size_t start, const std::string& from, const std::string& to) {
  const std::size_t at = bytes.find(from, start);
  EXPECT_NE(at, std::string::npos);
  return bytes.replace(at, to.size(), to);
}

TEST(ZipArchive, ReadsArchivesOfItsWriter) {
  for (const std::uint64_t zip64_from : {std::uint64_t{0xFFFFFFFF}, std::uint64_t{0}, std::uint64_t{500}}) {
    const ZipArchive archive = open(archive_of(zip64_from));
    EXPECT_EQ(archive.names(), (std::vector<std::string>{"a/empty", "a/first", "a/second"}));
    EXPECT_EQ(archive.read("a/first").view(), "hello");
    EXPECT_EQ(archive.read("a/second").view(), std::string(1000, 'x'));
    EXPECT_EQ(archive.read("a/empty").size, 0U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(archive.read("a/second").data) % 64, 0U);
  }
}

TEST(ZipArchive, RejectsWrongDirectories) {
  const std::string bytes = archive_of(0xFFFFFFFF);
  const std::size_t directory = bytes.find("PK\x01\x02");
  const auto number = [](std::uint32_t value) {
    std::string text;
    for (int i = 0; i < 4; ++i) text.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
    return text;
  };
  std::string larger = bytes;
  larger.replace(directory + 20, 8, number(900'000) + number(900'000));
  EXPECT_NE(archive_refusal(larger).find("'a/first' reaches past the file's end"), std::string::npos);
  std::string unequal = bytes;
  unequal.replace(directory + 24, 4, number(6));
  EXPECT_NE(archive_refusal(unequal).find("'a/first' claims 6 bytes, stored in 5"), std::string::npos);
  std::string bomb = unequal;
  bomb[directory + 10] = 8;
  bomb.replace(directory + 24, 4, number(0x7FFFFFFF));
  EXPECT_NE(archive_refusal(bomb).find("claims 2147483647 bytes, stored in 5"), std::string::npos);
  std::string elsewhere = bytes;
  elsewhere.replace(directory + 42, 4, number(7));
  EXPECT_NE(archive_refusal(elsewhere).find("the zip directory does not point to a record"),
            std::string::npos);
  std::string encrypted = bytes;
  encrypted[directory + 8] = 1;
  EXPECT_NE(archive_refusal(encrypted).find("'a/first' is encrypted"), std::string::npos);
  std::string odd = bytes;
  odd[directory + 10] = 12;
  EXPECT_NE(archive_refusal(odd).find("'a/first' has the unknown compression 12"), std::string::npos);
}

TEST(ZipArchive, RejectsRecordsThatShareANameOrBytes) {
  std::ostringstream out;
  ZipWriter zip(out);
  zip.add("a/1", "same");
  zip.add("a/2", "same");
  zip.finish();
  const std::string bytes = out.str();
  const std::size_t first = bytes.find("PK\x01\x02");
  const std::size_t second = bytes.find("PK\x01\x02", first + 1);
  EXPECT_NE(archive_refusal(replaced(bytes, second, "a/2", "a/1")).find("two records 'a/1'"),
            std::string::npos);
  std::string shared = bytes;
  shared.replace(second + 42, 4, std::string(4, '\0'));
  EXPECT_NE(archive_refusal(shared).find("two records of the zip archive overlap"), std::string::npos);
}

TEST(ZipArchive, NamesMissingRecords) {
  const ZipArchive archive = open(archive_of(0xFFFFFFFF));
  EXPECT_NE(message_of([&] { archive.read("a/third"); }).find("the archive has no record 'a/third'"),
            std::string::npos);
}

}  // namespace
}  // namespace mkt::weights
