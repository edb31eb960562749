#include "weights/zip_archive.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "weights/zip_format.h"

// Reads zip archives. Source of the layout: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5.
namespace mkt::weights {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndRecord = 0x06054b50;
constexpr std::uint32_t kEndRecord64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::uint64_t kLocalSize = 30;
constexpr std::uint64_t kCentralSize = 46;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLocatorSize = 20;
constexpr std::uint64_t kEnd64Size = 56;
constexpr std::uint64_t kLongestComment = 0xFFFF;
constexpr std::uint16_t kZip64Field = 0x0001;
constexpr std::uint64_t kMostDeflate = 1032;  // deflate's maximum compression ratio

/// Decompresses `in` into `out`; returns false if `in` is malformed or does not decompress to exactly
/// out.size bytes.
bool inflate_all(const io::SharedBytes& in, const io::SharedBytes& out) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  std::size_t read = 0;
  std::size_t written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const auto given = static_cast<uInt>(std::min(kMost, in.size - read));
    const auto room = static_cast<uInt>(std::min(kMost, out.size - written));
    stream.next_in = in.data + read;
    stream.avail_in = given;
    stream.next_out = out.data + written;
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    read += given - stream.avail_in;
    written += room - stream.avail_out;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && written == out.size;
}

}  // namespace

ZipArchive::ZipArchive(std::string path, io::SharedBytes file)
    : path_(std::move(path)), file_(std::move(file)) {
  const Directory directory = find_directory();
  if (!file_.fits(directory.start, directory.size)) fail("the zip directory lies outside the file");
  const std::uint64_t end = directory.start + directory.size;
  std::uint64_t at = directory.start;
  for (std::uint64_t i = 0; i < directory.entries; ++i) at = read_entry(at, end);
  check_overlaps();
}

bool ZipArchive::recognises(const io::SharedBytes& file) {
  return file.size >= 4 && io::read_little(file.data, 4) == kLocalHeader;
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  for (const auto& [name, record] : records_) names.push_back(name);
  return names;
}

io::SharedBytes ZipArchive::read(const std::string& name) const {
  const auto found = records_.find(name);
  if (found == records_.end()) fail(fmt::format("the archive has no record '{}'", name));
  const Record& record = found->second;
  if (!record.deflated || record.size == 0) return file_.slice(record.start, record.size);
  io::SharedBytes bytes = io::allocate_bytes(record.size);
  if (!inflate_all(file_.slice(record.start, record.stored_size), bytes)) {
    fail(fmt::format("record '{}' does not decompress", name));
  }
  return bytes;
}

ZipArchive::Directory ZipArchive::find_directory() const {
  if (file_.size < kEndSize) fail("the zip archive is truncated");
  const std::uint64_t last = file_.size - kEndSize;
  const std::uint64_t first = last - std::min(last, kLongestComment);
  for (std::uint64_t at = last;; --at) {
    if (number(at, 4) == kEndRecord && number(at + 20, 2) == last - at) {
      Directory directory{number(at + 16, 4), number(at + 12, 4), number(at + 10, 2)};
      const bool in64 =
          directory.start == kIn64 || directory.size == kIn64 || directory.entries == kIn64Short;
      return in64 ? find_directory64(at) : directory;
    }
    if (at == first) fail("the zip archive is truncated: it has no directory at its end");
  }
}

ZipArchive::Directory ZipArchive::find_directory64(std::uint64_t end_record) const {
  if (end_record < kLocatorSize || number(end_record - kLocatorSize, 4) != kLocator64) {
    fail("the zip archive lacks the zip64 directory that its end refers to");
  }
  const std::uint64_t at = number(end_record - kLocatorSize + 8, 8);
  if (!file_.fits(at, kEnd64Size) || number(at, 4) != kEndRecord64) fail("the zip64 directory is malformed");
  return {number(at + 48, 8), number(at + 40, 8), number(at + 32, 8)};
}

/// Reads the central directory entry at offset `at`; returns the next entry's offset.
std::uint64_t ZipArchive::read_entry(std::uint64_t at, std::uint64_t end) {
  if (end - at < kCentralSize || number(at, 4) != kCentralHeader) fail("the zip directory is malformed");
  const std::uint64_t name_size = number(at + 28, 2);
  const std::uint64_t next = at + kCentralSize + name_size + number(at + 30, 2) + number(at + 32, 2);
  if (next > end) fail("the zip directory is malformed");
  const std::string name(file_.view().substr(at + kCentralSize, name_size));
  if ((number(at + 8, 2) & 1) != 0) fail(fmt::format("the zip entry '{}' is encrypted", name));
  const Record record = read_record(at, name);
  check_record(name, record);
  if (!records_.emplace(name, record).second) fail(fmt::format("the zip archive has two records '{}'", name));
  return next;
}

ZipArchive::Record ZipArchive::read_record(std::uint64_t at, const std::string& name) const {
  const std::uint64_t method = number(at + 10, 2);
  if (method != 0 && method != Z_DEFLATED)
    fail(fmt::format("the zip entry '{}' has the unknown compression {}", name, method));
  Record record;
  record.deflated = method == Z_DEFLATED;
  record.stored_size = number(at + 20, 4);
  record.size = number(at + 24, 4);
  std::uint64_t header = number(at + 42, 4);
  const std::uint64_t extra = at + kCentralSize + name.size();
  read_zip64(extra, extra + number(at + 30, 2), {&record.size, &record.stored_size, &header});
  record.start = data_start(header);
  return record;
}

/// Reads 64-bit values from the zip64 extra fields in [at, end): they replace, in order, the numbers in
/// `wanted` whose 4-byte fields are 0xFFFFFFFF.
void ZipArchive::read_zip64(std::uint64_t at, std::uint64_t end,
                            const std::vector<std::uint64_t*>& wanted) const {
  while (end - at >= 4) {
    const std::uint64_t size = number(at + 2, 2);
    if (size > end - at - 4) fail("the zip directory is malformed");
    std::uint64_t value = at + 4;
    const bool zip64 = number(at, 2) == kZip64Field;
    at = value + size;
    for (std::uint64_t* const number64 : wanted) {
      if (!zip64 || *number64 != kIn64 || at - value < 8) continue;
      *number64 = number(value, 8);
      value += 8;
    }
  }
}

void ZipArchive::check_record(const std::string& name, const Record& record) const {
  if (!file_.fits(record.start, record.stored_size)) {
    fail(fmt::format("record '{}' reaches past the file's end", name));
  }
  const bool lies =
      record.deflated ? record.size / kMostDeflate > record.stored_size : record.size != record.stored_size;
  if (lies)
    fail(fmt::format("record '{}' claims {} bytes, stored in {}", name, record.size, record.stored_size));
}

std::uint64_t ZipArchive::data_start(std::uint64_t local_header) const {
  if (!file_.fits(local_header, kLocalSize) || number(local_header, 4) != kLocalHeader) {
    fail("the zip directory does not point to a record");
  }
  return local_header + kLocalSize + number(local_header + 26, 2) + number(local_header + 28, 2);
}

/// Rejects records with overlapping bytes, because a small file could use them to require any amount of
/// memory.
void ZipArchive::check_overlaps() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (const auto& [name, record] : records_) {
    if (record.stored_size > 0) ranges.emplace_back(record.start, record.start + record.stored_size);
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) fail("two records of the zip archive overlap");
  }
}

std::uint64_t ZipArchive::number(std::uint64_t at, std::size_t bytes) const {
  if (!file_.fits(at, bytes)) fail("the zip archive is truncated");
  return io::read_little(file_.data + at, bytes);
}

void ZipArchive::fail(const std::string& what) const {
  TORCH_CHECK(false, path_, ": ", what, ". Download or write the file again.");
}

}  // namespace mkt::weights
