#pragma once
// Reads and writes zip archives as PyTorch writes them. When reading, uncompressed records are views of the
// mapped file; compressed records are decompressed.

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.h"

namespace mkt::weights {

/// A zip or zip64 archive. The constructor reads the whole directory and checks that every record is inside
/// the file and that no two records overlap or have the same name. Checksums are not verified, because
/// PyTorch can be configured to omit them.
class ZipArchive {
 public:
  /// Throws c10::Error that names `path` if the archive is malformed.
  ZipArchive(std::string path, io::SharedBytes file);

  /// Whether `file` begins with the signature of a zip archive.
  static bool recognises(const io::SharedBytes& file);

  bool contains(const std::string& name) const { return records_.count(name) > 0; }
  std::vector<std::string> names() const;
  /// Returns a record's bytes, as a view of the file if the record is uncompressed. Throws c10::Error that
  /// names file and record if the record is missing or cannot be decompressed.
  io::SharedBytes read(const std::string& name) const;

 private:
  struct Record {
    std::uint64_t start = 0;  ///< offset of the data in the file
    std::uint64_t stored_size = 0;
    std::uint64_t size = 0;
    bool deflated = false;
  };
  struct Directory {
    std::uint64_t start = 0;
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
  };

  Directory find_directory() const;
  Directory find_directory64(std::uint64_t end_record) const;
  std::uint64_t read_entry(std::uint64_t at, std::uint64_t end);
  Record read_record(std::uint64_t at, const std::string& name) const;
  void read_zip64(std::uint64_t at, std::uint64_t end, const std::vector<std::uint64_t*>& wanted) const;
  void check_record(const std::string& name, const Record& record) const;
  std::uint64_t data_start(std::uint64_t local_header) const;
  void check_overlaps() const;
  std::uint64_t number(std::uint64_t at, std::size_t bytes) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  io::SharedBytes file_;
  std::map<std::string, Record> records_;
};

/// Writes a zip archive of uncompressed records. Each record begins at a multiple of 64 bytes, so that
/// readers can map it. The output depends only on the records: it contains no dates and not the archive's
/// file name.
class ZipWriter {
 public:
  /// Sizes and offsets of `zip64_from` bytes or more use zip64 fields.
  explicit ZipWriter(std::ostream& out, std::uint64_t zip64_from = 0xFFFFFFFF);

  void add(const std::string& name, std::string_view bytes);
  /// Writes the central directory. Call once, after all records are added.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  void put(std::string_view bytes);
  void put_entry(const Entry& entry);

  std::ostream& out_;
  std::uint64_t zip64_from_;
  std::uint64_t position_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace mkt::weights
