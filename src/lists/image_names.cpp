#include "lists/image_names.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/text.h"
#include "core/utf8.h"
#include "io/atomic_file.h"
#include "io/bytes.h"
#include "weights/pickle.h"
#include "weights/pickle_text.h"

namespace mkt::data {
namespace {

using Kind = weights::Value::Kind;
constexpr const char* kKey = "img_names";
constexpr std::array<std::string_view, 15> kEndings = {".jpg",  ".jpeg", ".jpe",  ".jfif", ".png",
                                                       ".webp", ".tif",  ".tiff", ".bmp",  ".dib",
                                                       ".gif",  ".heic", ".heif", ".hif",  ".avif"};
constexpr std::size_t kCodePointSize = 4;
constexpr std::size_t kLongestName = 4096;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  std::vector<std::string> read(const weights::Value& root) {
    const weights::Value* names = &root;
    if (root.kind == Kind::kDict) names = weights::find(root, kKey);
    if (names == nullptr) fail(fmt::format("expected a key '{}', got a dict without it", kKey));
    if (names->kind == Kind::kArray) {
      add_array(*names);
    } else if (names->kind == Kind::kList || names->kind == Kind::kTuple) {
      for (const weights::Value* name : names->items) add(*name);
    } else {
      fail(fmt::format("expected a list of image names, got {}", weights::kind_name(names->kind)));
    }
    return std::move(names_);
  }

 private:
  void add(const weights::Value& name) {
    if (name.kind == Kind::kString || name.kind == Kind::kBytes) {
      keep(name.text);
    } else if (name.kind == Kind::kArray && name.shape.empty()) {
      add_cells(name, 1);  // NumPy scalar, numpy.str_
    } else {
      fail(fmt::format("expected a string for image {}, got {}", names_.size(),
                       weights::kind_name(name.kind)));
    }
  }

  void add_array(const weights::Value& array) {
    if (array.shape.size() > 1)
      fail(fmt::format("expected a list of image names, got {} dimensions", array.shape.size()));
    const std::int64_t count = array.shape.empty() ? 1 : array.shape[0];
    if (!array.items.empty()) {  // array of dtype object
      check_size(count, 1, array.items.size());
      for (const weights::Value* name : array.items) add(*name);
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

  /// Adds a name. Limits the total size, because a small pickle can refer to one long string many times.
  void keep(std::string name) {
    if (name.size() > kLongestName)
      fail(fmt::format("image {} has a name of {} bytes", names_.size(), name.size()));
    total_ += name.size();
    if (total_ > kMostBytes) fail(fmt::format("the names hold more than {} bytes", kMostBytes));
    names_.push_back(std::move(name));
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
    TORCH_CHECK(false, path_, ": ", what, ". Give a pickle of {\"", kKey, "\": [names]}.");
  }

  const std::string& path_;
  std::vector<std::string> names_;
  std::size_t total_ = 0;
};

}  // namespace

bool is_image_name(const std::string& path) {
  const std::string ending = lower_case(std::filesystem::path(path).extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

bool is_hidden(const std::filesystem::path& path) {
  return starts_with(path.filename().string(), ".");
}

bool skips_hidden(std::filesystem::recursive_directory_iterator& at) {
  if (!is_hidden(at->path())) return false;
  at.disable_recursion_pending();
  return true;
}

std::string find_jpeg(const std::string& folder, const std::string& stem) {
  for (const char* ending : {".jpg", ".JPG", ".jpeg", ".JPEG"}) {
    std::string name = stem + ending;
    std::error_code none;
    if (std::filesystem::is_regular_file(std::filesystem::path(folder) / name, none)) return name;
  }
  return "";
}

std::vector<std::string> load_image_names(const std::string& path) {
  const io::SharedBytes file = io::map_file(path);
  const weights::Pickle pickle = weights::parse_pickle(file.view(), path);
  return Reader(path).read(*pickle.root);
}

void save_image_names(const std::string& path, const std::vector<std::string>& names) {
  const auto text = [](const std::string& name) {
    std::string bytes = "X";
    for (std::size_t shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<char>(name.size() >> shift & 0xFF));
    return bytes + name;
  };
  io::write_atomically(path, [&](std::ostream& out) {
    out << "\x80\x02}" << text(kKey) << "](";
    for (const std::string& name : names) out << text(name);
    out << "es.";
  });
}

}  // namespace mkt::data
