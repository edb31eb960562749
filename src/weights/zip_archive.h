#pragma once
// Zip archives as PyTorch writes them: stored records are views of the mapped file, compressed ones are
// inflated.

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.h"

namespace mkt::weights {

/// A zip archive, also zip64. The constructor reads and checks the whole directory: every record lies inside
/// the file, no two overlap or have the same name. Checksums are not verified, because PyTorch can be
/// configured to omit them.
class ZipArchive {
 public:
  /// Throws c10::Error that names `path` if the archive is malformed.
  ZipArchive(std::string path, io::SharedBytes file);

  /// Whether `file` begins like a zip archive.
  static bool recognises(const io::SharedBytes& file);

  bool contains(const std::string& name) const { return records_.count(name) > 0; }
  std::vector<std::string> names() const;
  /// The bytes of a record: a view of the file if it is stored uncompressed. Throws c10::Error that names
  /// file and record.
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
/// readers can map it. The bytes depend only on the records: they contain no dates and no file names.
class ZipWriter {
 public:
  /// Sizes and offsets of `zip64_from` bytes or more use zip64 fields.
  explicit ZipWriter(std::ostream& out, std::uint64_t zip64_from = 0xFFFFFFFF);

  void add(const std::string& name, std::string_view bytes);
  /// Writes the directory. Call it once, after all records.
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
