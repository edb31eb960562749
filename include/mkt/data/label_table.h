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
  /// An undefined table, as opposed to one without rows.
  LabelTable() = default;
  /// Converts a dense matrix (N, C); an undefined tensor gives an undefined table.
  LabelTable(const torch::Tensor& table);  // NOLINT(google-explicit-constructor): a tensor is a table
  /// A table without rows; entries of later rows are `rest` unless given.
  LabelTable(std::int64_t columns, std::int8_t rest);

  /// Appends a row: 1 in the columns `present`, -1 in the columns `absent`, which must be disjoint. Columns
  /// beyond the table's are ignored. Must not be called on a table that shares its data or that is a range of
  /// columns.
  void add(const std::vector<std::int32_t>& present, const std::vector<std::int32_t>& absent);
  /// Appends the rows of a dense matrix (n, C). Throws ValueError for another shape.
  void add(const torch::Tensor& rows);

  bool defined() const { return data_ != nullptr; }
  std::int64_t rows() const;
  std::int64_t columns() const { return end_ - begin_; }
  /// Columns [begin, end) as a table that shares the data. Throws ValueError if they are out of range.
  LabelTable columns(std::int64_t begin, std::int64_t end) const;

  /// Rows `indices` in that order, (n, C) int8. Throws ValueError if one is out of range.
  torch::Tensor dense(const std::vector<std::int64_t>& indices) const;
  /// All rows, (N, C) int8.
  torch::Tensor dense() const;

  /// Number of rows that hold `value`, for each column: (C) int64.
  torch::Tensor count(std::int8_t value) const;
  /// Number of rows that hold `value` in at least one column.
  std::int64_t rows_with(std::int8_t value) const;

  /// SHA-256 of sizes and values, 64 hexadecimal digits. Equal for tables with equal content and the same
  /// `rest`.
  std::string digest() const;
  /// Size of the stored entries in bytes.
  std::int64_t memory() const;

 private:
  struct Data {
    std::int8_t rest = 0;
    std::vector<std::int64_t> ends = {0};  // N + 1; row i's entries are [ends[i], ends[i + 1])
    std::vector<std::uint32_t> entries;  // column in the upper 24 bits, value in the lower 8; columns ascend
  };
  using Entry = const std::uint32_t*;

  /// The entries of a row that lie in the table's columns.
  std::pair<Entry, Entry> row(std::int64_t index) const;
  void fill(std::int64_t index, std::int8_t* row) const;

  std::shared_ptr<Data> data_;
  std::int64_t begin_ = 0;  // the table's range of the columns in data_
  std::int64_t end_ = 0;
};

}  // namespace mkt::data
