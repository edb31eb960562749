#include "lists/pickled_strings.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/utf8.h"
#include "io/bytes.h"
#include "weights/pickle.h"
#include "weights/pickle_text.h"

namespace mkt::data {
namespace {

using Kind = weights::Value::Kind;
constexpr std::size_t kCodePointSize = 4;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

class Reader {
 public:
  Reader(const std::string& path, const PickledList& wanted) : path_(path), wanted_(wanted) {}

  std::vector<std::string> read(const weights::Value& root) {
    const weights::Value* list = &root;
    if (root.kind == Kind::kDict && !wanted_.key.empty()) list = weights::find(root, wanted_.key);
    if (list == nullptr) fail(fmt::format("expected a key '{}', got a dict without it", wanted_.key));
    const bool is_list = list->kind == Kind::kList || list->kind == Kind::kTuple;
    if (list->kind == Kind::kArray) {
      add_array(*list);
    } else if (is_list && !(wanted_.ordered && list->unordered)) {
      for (const weights::Value* text : list->items) add(*text);
    } else {
      fail(fmt::format("expected a list of {}, got {}", wanted_.many,
                       list->unordered ? "a set, which has no order" : weights::kind_name(list->kind)));
    }
    return std::move(texts_);
  }

 private:
  void add(const weights::Value& text) {
    if (text.kind == Kind::kString || text.kind == Kind::kBytes) {
      keep(text.text);
    } else if (text.kind == Kind::kArray && text.shape.empty()) {
      add_cells(text, 1);  // NumPy scalar, numpy.str_
    } else {
      fail(fmt::format("expected a string for {} {}, got {}", wanted_.one, texts_.size(),
                       weights::kind_name(text.kind)));
    }
  }

  void add_array(const weights::Value& array) {
    if (array.shape.size() > 1)
      fail(fmt::format("expected a list of {}, got {} dimensions", wanted_.many, array.shape.size()));
    const std::int64_t count = array.shape.empty() ? 1 : array.shape[0];
    if (!array.items.empty()) {  // array of dtype object
      check_size(count, 1, array.items.size());
      for (const weights::Value* text : array.items) add(*text);
      return;
    }
    if (count == 0) return;
    add_cells(array, count);
  }

  /// Adds `count` fixed-width strings that are stored one after another.
  void add_cells(const weights::Value& array, std::int64_t count) {
    const std::string dtype = array.dtype == nullptr ? "" : array.dtype->text;
    const std::size_t letter = std::min(dtype.find_first_not_of("<>|="), dtype.size());
    const char kind = letter < dtype.size() ? dtype[letter] : ' ';
    std::int64_t length = 0;
    const bool sized =
        weights::parse_int(std::string_view(dtype).substr(std::min(letter + 1, dtype.size())), &length);
    if ((kind != 'U' && kind != 'S') || !sized)
      fail(fmt::format("expected an array of strings, got dtype '{}'", dtype));
    if (kind == 'U' && (array.dtype->integer == 1 || dtype[0] == '>'))
      fail("expected little-endian strings, got big-endian ones");
    const std::size_t unit = kind == 'U' ? kCodePointSize : 1;
    check_size(count, length, array.text.size() / unit);
    const std::size_t width = static_cast<std::size_t>(length) * unit;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string_view cell =
          std::string_view(array.text).substr(static_cast<std::size_t>(i) * width, width);
      keep(kind == 'U' ? decode(cell) : std::string(cell.substr(0, cell.find_last_not_of('\0') + 1)));
    }
  }

  /// Adds a string. Limits the total size, because a small pickle can refer to one long string many times.
  void keep(std::string text) {
    if (text.size() > kLongestText)
      fail(fmt::format("{} {} has a name of {} bytes", wanted_.one, texts_.size(), text.size()));
    total_ += text.size();
    if (total_ > kMostBytes) fail(fmt::format("the {} hold more than {} bytes", wanted_.many, kMostBytes));
    texts_.push_back(std::move(text));
  }

  void check_size(std::int64_t count, std::int64_t width, std::size_t actual) const {
    std::int64_t size = 0;
    const bool valid = count >= 0 && width > 0 && !__builtin_mul_overflow(count, width, &size);
    if (!valid || static_cast<std::size_t>(size) != actual) {
      fail(fmt::format("expected an array of {} times {}, got {}", count, width, actual));
    }
  }

  /// Decodes a UCS-4 string that is padded with zeros.
  static std::string decode(std::string_view cell) {
    std::string text;
    std::size_t padding = 0;
    for (std::size_t i = 0; i + kCodePointSize <= cell.size(); i += kCodePointSize) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(cell.data()) + i;
      const auto code = static_cast<std::uint32_t>(io::read_little(bytes, kCodePointSize));
      append_utf8(code, text);
      padding = code == 0 ? padding + 1 : 0;
    }
    text.resize(text.size() - padding);
    return text;
  }

  [[noreturn]] void fail(const std::string& what) const {
    TORCH_CHECK(false, path_, ": ", what, ". ", wanted_.remedy);
  }

  const std::string& path_;
  const PickledList& wanted_;
  std::vector<std::string> texts_;
  std::size_t total_ = 0;
};

}  // namespace

std::vector<std::string> load_strings(const std::string& path, const PickledList& wanted) {
  const io::SharedBytes file = io::map_file(path);
  const weights::Pickle pickle = weights::parse_pickle(file.view(), path);
  return Reader(path, wanted).read(*pickle.root);
}

}  // namespace mkt::data
