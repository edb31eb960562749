#include "mkt/data/label_table.h"

#include <algorithm>
#include <numeric>

#include "io/sha256.h"

namespace mkt::data {
namespace {

constexpr int kValueBits = 8;
constexpr std::int64_t kMostColumns = std::int64_t{1} << (32 - kValueBits);

std::uint32_t entry_of(std::int64_t column, std::int8_t value) {
  return static_cast<std::uint32_t>(column) << kValueBits | static_cast<std::uint8_t>(value);
}

std::int64_t column_of(std::uint32_t entry) {
  return entry >> kValueBits;
}

std::int8_t value_of(std::uint32_t entry) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(entry));
}

/// The value that is more frequent in `table`, -1 or 0; 0 if both are equally frequent.
std::int8_t rest_of(const torch::Tensor& table) {
  return table.eq(-1).sum().item<std::int64_t>() > table.eq(0).sum().item<std::int64_t>() ? -1 : 0;
}

template <typename T>
void update(io::Sha256& sum, const std::vector<T>& values) {
  sum.update(values.data(), values.size() * sizeof(T));
}

}  // namespace

LabelTable::LabelTable(std::int64_t columns, std::int8_t rest)
    : data_(std::make_shared<Data>()), end_(columns) {
  TORCH_CHECK_VALUE(0 <= columns && columns <= kMostColumns, "labels: expected 0 to ", kMostColumns,
                    " columns, got ", columns, ".");
  data_->rest = rest;
}

LabelTable::LabelTable(const torch::Tensor& table) {
  if (!table.defined()) return;
  TORCH_CHECK_VALUE(table.dim() == 2, "labels: expected a table (images, labels), got ", table.sizes(), ".");
  *this = LabelTable(table.size(1), rest_of(table));
  add(table);
}

void LabelTable::add(const std::vector<std::int32_t>& present, const std::vector<std::int32_t>& absent) {
  auto& entries = data_->entries;
  const auto put = [&](const std::vector<std::int32_t>& labels, std::int8_t value) {
    if (value == data_->rest) return;
    for (const std::int32_t label : labels) {
      if (label < end_) entries.push_back(entry_of(label, value));
    }
  };
  put(present, 1);
  put(absent, -1);
  std::sort(entries.begin() + data_->ends.back(), entries.end());
  data_->ends.push_back(static_cast<std::int64_t>(entries.size()));
}

void LabelTable::add(const torch::Tensor& rows) {
  TORCH_CHECK_VALUE(rows.dim() == 2 && rows.size(1) == columns(), "labels: expected rows of ", columns(),
                    ", got ", rows.sizes(), ".");
  const torch::Tensor values = rows.to(torch::kCPU, torch::kInt8).contiguous();
  const auto* value = values.const_data_ptr<std::int8_t>();
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    for (std::int64_t column = 0; column < columns(); ++column, ++value) {
      if (*value != data_->rest) data_->entries.push_back(entry_of(column, *value));
    }
    data_->ends.push_back(static_cast<std::int64_t>(data_->entries.size()));
  }
}

std::int64_t LabelTable::rows() const {
  return defined() ? static_cast<std::int64_t>(data_->ends.size()) - 1 : 0;
}

LabelTable LabelTable::columns(std::int64_t begin, std::int64_t end) const {
  TORCH_CHECK_VALUE(0 <= begin && begin <= end && end <= columns(), "labels: expected columns of ", columns(),
                    ", got ", begin, " to ", end, ".");
  LabelTable some = *this;
  some.begin_ = begin_ + begin;
  some.end_ = begin_ + end;
  return some;
}

std::pair<LabelTable::Entry, LabelTable::Entry> LabelTable::row(std::int64_t index) const {
  const auto at = static_cast<std::size_t>(index);
  const Entry first = data_->entries.data() + data_->ends[at];
  const Entry last = data_->entries.data() + data_->ends[at + 1];
  const auto find = [&](std::int64_t column) {
    return std::partition_point(first, last, [&](std::uint32_t entry) { return column_of(entry) < column; });
  };
  return {find(begin_), find(end_)};
}

void LabelTable::fill(std::int64_t index, std::int8_t* row) const {
  std::fill(row, row + columns(), data_->rest);
  const auto [first, last] = this->row(index);
  std::for_each(first, last, [&](std::uint32_t entry) { row[column_of(entry) - begin_] = value_of(entry); });
}

torch::Tensor LabelTable::dense(const std::vector<std::int64_t>& indices) const {
  torch::Tensor table = torch::empty({static_cast<std::int64_t>(indices.size()), columns()}, torch::kInt8);
  auto* row = table.data_ptr<std::int8_t>();
  for (const std::int64_t index : indices) {
    TORCH_CHECK_VALUE(0 <= index && index < rows(), "labels: expected a row below ", rows(), ", got ", index,
                      ".");
    fill(index, row);
    row += columns();
  }
  return table;
}

torch::Tensor LabelTable::dense() const {
  std::vector<std::int64_t> all(static_cast<std::size_t>(rows()));
  std::iota(all.begin(), all.end(), 0);
  return dense(all);
}

torch::Tensor LabelTable::count(std::int8_t value) const {
  torch::Tensor counts = torch::full({columns()}, value == data_->rest ? rows() : 0, torch::kInt64);
  auto* count = counts.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < rows(); ++i) {
    const auto [first, last] = row(i);
    std::for_each(first, last, [&](std::uint32_t entry) {
      if (value == data_->rest) {
        --count[column_of(entry) - begin_];
      } else if (value_of(entry) == value) {
        ++count[column_of(entry) - begin_];
      }
    });
  }
  return counts;
}

std::int64_t LabelTable::rows_with(std::int8_t value) const {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    const auto [first, last] = row(i);
    const bool rest = value == data_->rest && last - first < columns();
    const bool held = std::any_of(first, last, [&](std::uint32_t entry) { return value_of(entry) == value; });
    found += rest || held ? 1 : 0;
  }
  return found;
}

std::string LabelTable::digest() const {
  io::Sha256 sum;
  update(sum, std::vector<std::int64_t>{rows(), begin_, end_, data_->rest});
  update(sum, data_->ends);
  update(sum, data_->entries);
  return sum.hex();
}

std::int64_t LabelTable::memory() const {
  return static_cast<std::int64_t>(data_->ends.capacity() * sizeof(data_->ends[0]) +
                                   data_->entries.capacity() * sizeof(std::uint32_t));
}

}  // namespace mkt::data
