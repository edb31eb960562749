#include <zlib.h>

#include <algorithm>
#include <limits>

#include "weights/zip_archive.h"
#include "weights/zip_format.h"

// Writes zip archives. Source of the layout: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5.
namespace mkt::weights {
namespace {

constexpr std::uint64_t kEntryAlignment = 64;

/// Builds a zip header from little-endian numbers.
class Fields {
 public:
  Fields& u16(std::uint64_t value) { return put(value, 2); }
  Fields& u32(std::uint64_t value) { return put(value, 4); }
  Fields& u64(std::uint64_t value) { return put(value, 8); }
  const std::string& text() const { return text_; }

 private:
  Fields& put(std::uint64_t value, std::size_t bytes) {
    text_ += io::little_bytes(value, bytes);
    return *this;
  }
  std::string text_;
};

std::uint32_t crc_of(std::string_view bytes) {
  uLong crc = crc32(0, nullptr, 0);
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(part));
    bytes.remove_prefix(part);
  }
  return static_cast<std::uint32_t>(crc);
}

/// Makes an extra field with PyTorch's tag that pads `position` to a multiple of kEntryAlignment.
std::string padding(std::uint64_t position) {
  constexpr std::uint64_t kTag = 0x4246;
  const std::uint64_t size = (kEntryAlignment - (position + 4) % kEntryAlignment) % kEntryAlignment;
  return Fields().u16(kTag).u16(size).text() + std::string(size, 'Z');
}

}  // namespace

ZipWriter::ZipWriter(std::ostream& out, std::uint64_t zip64_from) : out_(out), zip64_from_(zip64_from) {}

void ZipWriter::put(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  position_ += bytes.size();
}

void ZipWriter::add(const std::string& name, std::string_view bytes) {
  const Entry entry{name, position_, bytes.size(), crc_of(bytes)};
  const bool zip64 = entry.size >= zip64_from_;
  const std::uint64_t size = zip64 ? kIn64 : entry.size;
  Fields extra;
  if (zip64) extra.u16(1).u16(16).u64(entry.size).u64(entry.size);
  const std::string padded = extra.text() + padding(position_ + 30 + name.size() + extra.text().size());
  Fields header;
  header.u32(0x04034b50).u16(zip64 ? 45 : 20).u16(0).u16(0).u16(0).u16(0);
  header.u32(entry.crc).u32(size).u32(size).u16(name.size()).u16(padded.size());
  put(header.text() + name + padded);
  put(bytes);
  entries_.push_back(entry);
}

void ZipWriter::put_entry(const Entry& entry) {
  const bool zip64 = entry.size >= zip64_from_ || entry.offset >= zip64_from_;
  const std::uint64_t size = zip64 ? kIn64 : entry.size;
  Fields extra;
  if (zip64) extra.u16(1).u16(24).u64(entry.size).u64(entry.size).u64(entry.offset);
  Fields header;
  header.u32(0x02014b50).u16(zip64 ? 45 : 20).u16(zip64 ? 45 : 20).u16(0).u16(0).u16(0).u16(0);
  header.u32(entry.crc).u32(size).u32(size).u16(entry.name.size()).u16(extra.text().size());
  header.u16(0).u16(0).u16(0).u32(0).u32(zip64 ? kIn64 : entry.offset);
  put(header.text() + entry.name + extra.text());
}

void ZipWriter::finish() {
  const std::uint64_t start = position_;
  for (const Entry& entry : entries_) put_entry(entry);
  const std::uint64_t size = position_ - start;
  const std::uint64_t count = entries_.size();
  const bool zip64 = start >= zip64_from_ || size >= zip64_from_ || count >= kIn64Short;
  if (zip64) {
    const std::uint64_t at = position_;
    Fields end64;
    end64.u32(0x06064b50).u64(44).u16(45).u16(45).u32(0).u32(0).u64(count).u64(count).u64(size).u64(start);
    put(end64.u32(0x07064b50).u32(0).u64(at).u32(1).text());
  }
  const std::uint64_t short_count = zip64 ? kIn64Short : count;
  Fields end;
  end.u32(0x06054b50).u16(0).u16(0).u16(short_count).u16(short_count);
  put(end.u32(zip64 ? kIn64 : size).u32(zip64 ? kIn64 : start).u16(0).text());
}

}  // namespace mkt::weights
