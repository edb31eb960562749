#pragma once
// Which labels pictures have, in memory that grows with what is said of them, not with pictures times labels.

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mkt::data {

/// A table (N, C) of int8, usually -1 absent, 0 not annotated, 1 present. Of a row only what differs from the
/// table's rest is kept. Copies share what they hold.
class LabelTable {
 public:
  /// No table, not even an empty one.
  LabelTable() = default;
  /// A whole table (N, C); an undefined tensor makes none.
  LabelTable(const torch::Tensor& table);  // NOLINT(google-explicit-constructor): a tensor is a table
  /// A table without rows, whose rows hold `rest` where nothing else is said.
  LabelTable(std::int64_t columns, std::int8_t rest);

  /// Adds a row: 1 in the columns of `present`, -1 in those of `absent`. Columns beyond the table's are
  /// passed over; none may be in both. Must not be called on a table that is shared, or on columns of
  /// another.
  void add(const std::vector<std::int32_t>& present, const std::vector<std::int32_t>& absent);
  /// Adds the rows of a table (n, C).
  void add(const torch::Tensor& rows);

  bool defined() const { return data_ != nullptr; }
  std::int64_t rows() const;
  std::int64_t columns() const { return end_ - begin_; }
  /// Columns [begin, end) as a table of their own, which shares the memory.
  LabelTable columns(std::int64_t begin, std::int64_t end) const;

  /// Rows `indices` in that order, (n, C) int8.
  torch::Tensor dense(const std::vector<std::int64_t>& indices) const;
  /// The whole table, (N, C) int8.
  torch::Tensor dense() const;

  /// How many rows hold `value` in each column, (C) int64.
  torch::Tensor count(std::int8_t value) const;
  /// How many rows hold `value` anywhere.
  std::int64_t rows_with(std::int8_t value) const;

  /// Of the sizes and all values; 64 hexadecimal digits. Tables of one way of being made that hold the same
  /// have the same.
  std::string digest() const;
  /// Bytes that the values take.
  std::int64_t memory() const;

 private:
  struct Data {
    std::int8_t rest = 0;
    std::vector<std::int64_t> ends = {0};  // N + 1; row i's entries are [ends[i], ends[i + 1])
    std::vector<std::uint32_t> entries;  // column in the upper 24 bits, value in the lower 8; columns ascend
  };
  using Entry = const std::uint32_t*;

  /// A row's entries that lie in the table's columns.
  std::pair<Entry, Entry> row(std::int64_t index) const;
  void fill(std::int64_t index, std::int8_t* row) const;

  std::shared_ptr<Data> data_;
  std::int64_t begin_ = 0;  // of all columns in data_
  std::int64_t end_ = 0;
};

}  // namespace mkt::data
