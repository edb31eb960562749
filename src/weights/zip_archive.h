#pragma once
// Zip archives as PyTorch makes them: records mapped where stored, inflated where compressed.

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.h"

namespace mkt::weights {

/// Reads the archive's directory at construction and checks all of it: every record lies inside the file,
/// none overlaps another, none has another's name. Zip64 too. Checksums are not verified, as PyTorch does not
/// (it can be told to leave them out).
class ZipArchive {
 public:
  /// Throws c10::Error naming `path` where the archive is malformed.
  ZipArchive(std::string path, io::SharedBytes file);

  /// Whether the bytes begin as a zip archive.
  static bool recognises(const io::SharedBytes& file);

  bool contains(const std::string& name) const { return records_.count(name) > 0; }
  std::vector<std::string> names() const;
  /// The record's bytes: a view of the file where it is stored. Throws c10::Error naming file and record.
  io::SharedBytes read(const std::string& name) const;

 private:
  struct Record {
    std::uint64_t start = 0;  ///< of the data, in the file
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

/// Writes records one after another, stored, each beginning at a multiple of 64 bytes so that readers can map
/// it. The bytes depend on the records alone: no dates, no names of files.
class ZipWriter {
 public:
  /// Zip64 fields are used from `zip64_from` bytes on.
  explicit ZipWriter(std::ostream& out, std::uint64_t zip64_from = 0xFFFFFFFF);

  void add(const std::string& name, std::string_view bytes);
  /// Writes the directory. Call once, last.
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
