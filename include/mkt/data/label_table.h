#pragma once
// Sparse label matrix: memory grows with the number of annotations, not with images × labels.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mkt::data {

/// A matrix (N, C) of int8, usually -1 absent, 0 not annotated, 1 present. Only entries that differ from the
/// fill value `rest` are stored. Copies share their data.
class LabelTable {
 public:
  /// Makes an undefined table; a table without rows is defined.
  LabelTable() = default;
  /// Converts a dense matrix (N, C); an undefined tensor gives an undefined table.
  LabelTable(const torch::Tensor& table);  // NOLINT(google-explicit-constructor): implicit by design
  /// Makes a table without rows; `rest` is the fill value of the rows added later.
  LabelTable(std::int64_t columns, std::int8_t rest);

  /// Appends a row: 1 in the columns `present`, -1 in the columns `absent`, which must be disjoint. Column
  /// indices outside the table are ignored. Must not be called on a table that shares its data or is a range
  /// of columns.
  void add(const std::vector<std::int32_t>& present, const std::vector<std::int32_t>& absent);
  /// Appends the rows of a dense matrix (n, C). Throws ValueError if `rows` is not a matrix with the table's
  /// number of columns.
  void add(const torch::Tensor& rows);

  bool defined() const { return data_ != nullptr; }
  std::int64_t rows() const;
  std::int64_t columns() const { return end_ - begin_; }
  /// Returns columns [begin, end) as a table that shares the data. Throws ValueError if the range is not
  /// inside the table.
  LabelTable columns(std::int64_t begin, std::int64_t end) const;

  /// Returns rows `indices`, in that order, as a dense matrix (n, C) int8. Throws ValueError if an index is
  /// out of range.
  torch::Tensor dense(const std::vector<std::int64_t>& indices) const;
  /// Returns all rows as a dense matrix (N, C) int8.
  torch::Tensor dense() const;

  /// Counts the entries equal to `value` per column: (C) int64.
  torch::Tensor count(std::int8_t value) const;
  /// Counts the rows with at least one entry equal to `value`.
  std::int64_t rows_with(std::int8_t value) const;

  /// SHA-256 of sizes and values as 64 hexadecimal digits. Tables with equal content and the same `rest` have
  /// equal digests.
  std::string digest() const;
  /// Memory used by the stored entries, in bytes.
  std::int64_t memory() const;

 private:
  struct Data {
    std::int8_t rest = 0;
    std::vector<std::int64_t> ends = {0};  // N + 1 offsets; row i's entries are [ends[i], ends[i + 1])
    std::vector<std::uint32_t> entries;  // column in the upper 24 bits, value in the lower 8; columns ascend
  };
  using Entry = const std::uint32_t*;

  /// Returns the range of a row's entries that are in the table's columns.
  std::pair<Entry, Entry> row(std::int64_t index) const;
  void fill(std::int64_t index, std::int8_t* row) const;

  std::shared_ptr<Data> data_;
  std::int64_t begin_ = 0;  // the table is columns [begin_, end_) of data_
  std::int64_t end_ = 0;
};

}  // namespace mkt::data
