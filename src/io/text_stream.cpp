#include "io/text_stream.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/text.h"
#include "core/utf8.h"

namespace mkt::io {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";  // byte order mark in UTF-8
constexpr std::size_t kLongestMark = 4;
constexpr std::size_t kLongestCharacter = 4;

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace

TextDecoder::TextDecoder(std::string name, TextRules rules) : name_(std::move(name)), rules_(rules) {}

std::string TextDecoder::where() const {
  return fmt::format("{}:{}", name_, line_);
}

std::string TextDecoder::decode(std::string_view bytes, bool last) {
  pending_ += bytes;
  if (encoding_ == Encoding::kUnknown) {
    if (pending_.size() < kLongestMark && !last) return "";
    detect_encoding();
  }
  std::string text = encoding_ == Encoding::kUtf8 ? take_utf8(last) : take_utf16(last);
  check(text);
  return text;
}

void TextDecoder::detect_encoding() {
  constexpr std::string_view kUtf32Little{"\xFF\xFE\0\0", 4};
  constexpr std::string_view kUtf32Big{"\0\0\xFE\xFF", 4};
  TORCH_CHECK(!starts_with(pending_, kUtf32Little) && !starts_with(pending_, kUtf32Big), name_,
              ": expected UTF-8 or UTF-16, got UTF-32. Save the file as UTF-8.");
  encoding_ = Encoding::kUtf8;
  if (starts_with(pending_, "\xFF\xFE")) encoding_ = Encoding::kUtf16Little;
  if (starts_with(pending_, "\xFE\xFF")) encoding_ = Encoding::kUtf16Big;
  if (encoding_ != Encoding::kUtf8) pending_.erase(0, 2);
  if (starts_with(pending_, kMark)) pending_.erase(0, kMark.size());
}

std::string TextDecoder::take_utf8(bool last) {
  if (rules_.any_bytes) return std::exchange(pending_, "");
  const std::size_t valid = valid_utf8(pending_);
  const std::string_view rest = std::string_view(pending_).substr(valid);
  if (!rest.empty() && (last || rest.size() >= kLongestCharacter)) {
    line_ += std::count(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(valid), '\n');
    TORCH_CHECK(false, where(), ": expected UTF-8, got the byte ",
                fmt::format("0x{:02X}", static_cast<unsigned char>(rest[0])),
                " of another encoding. Save the file as UTF-8.");
  }
  std::string text = pending_.substr(0, valid);
  pending_.erase(0, valid);
  drop_marks(text);
  return text;
}

std::string TextDecoder::take_utf16(bool last) {
  const bool big = encoding_ == Encoding::kUtf16Big;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(pending_[at]);
    const auto second = static_cast<unsigned char>(pending_[at + 1]);
    return big ? static_cast<unsigned>(first << 8 | second) : static_cast<unsigned>(second << 8 | first);
  };
  std::string text;
  std::size_t at = 0;
  const auto refuse = [&](const std::string& got) {
    line_ += std::count(text.begin(), text.end(), '\n');
    TORCH_CHECK(false, where(), ": expected UTF-16, got ", got, ". Save the file as UTF-8.");
  };
  while (at + 2 <= pending_.size()) {
    const unsigned first = unit(at);
    if (is_high_surrogate(first) && at + 4 > pending_.size() && !last) break;
    const bool pair = is_high_surrogate(first) && at + 4 <= pending_.size() && is_low_surrogate(unit(at + 2));
    const bool half = !pair && (is_high_surrogate(first) || is_low_surrogate(first));
    if (half || first == 0xFFFE) refuse(half ? "half a character" : "a byte order that changes");
    append_utf8(pair ? 0x10000 + ((first - 0xD800) << 10) + (unit(at + 2) - 0xDC00) : first, text);
    at += pair ? 4 : 2;
  }
  if (last && at < pending_.size()) refuse("half a character at the end");
  pending_.erase(0, at);
  drop_marks(text);
  return text;
}

void TextDecoder::drop_marks(std::string& text) {
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at)) {
    const bool starts_line = at == 0 ? line_start_ : text[at - 1] == '\n';
    if (starts_line) {
      text.erase(at, kMark.size());
    } else {
      at += kMark.size();
    }
  }
}

void TextDecoder::check(std::string_view text) {
  for (const char c : text) {
    if (after_cr_ && c != '\n' && c != '\r') {
      TORCH_CHECK(rules_.lone_cr, where(),
                  ": expected lines that end with LF or CR LF, got CR alone. Convert the line ends.");
    }
    after_cr_ = c == '\r';
    if (c == '\n') ++line_;
    TORCH_CHECK(c != '\0' || rules_.nul, where(), ": expected text, got a NUL byte. Save the file as UTF-8.");
  }
  if (!text.empty()) line_start_ = text.back() == '\n';
}

std::string decode_text(std::string_view bytes, const std::string& name, TextRules rules) {
  return TextDecoder(name, rules).decode(bytes, /*last=*/true);
}

/// Reads the source in blocks and provides the decoded text.
class TextStream::Buffer : public std::streambuf {
 public:
  Buffer(std::streambuf& source, std::string name, TextRules rules)
      : source_(source), decoder_(std::move(name), rules), block_(kBlock) {}

 protected:
  int_type underflow() override {
    while (gptr() == egptr() && !ended_) {
      const std::streamsize count = read_block();
      ended_ = count < static_cast<std::streamsize>(block_.size());
      text_ = decoder_.decode({block_.data(), static_cast<std::size_t>(count)}, ended_);
      setg(text_.data(), text_.data(), text_.data() + text_.size());
    }
    return gptr() == egptr() ? traits_type::eof() : traits_type::to_int_type(*gptr());
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 16;

  std::streamsize read_block() {
    try {
      return source_.sgetn(block_.data(), static_cast<std::streamsize>(block_.size()));
    } catch (const std::ios_base::failure&) {
      TORCH_CHECK(false, decoder_.name(), ": reading stopped at line ", decoder_.line(), ". Check the disk.");
    }
  }

  std::streambuf& source_;
  TextDecoder decoder_;
  std::vector<char> block_;
  std::string text_;
  bool ended_ = false;
};

TextStream::TextStream(std::unique_ptr<std::istream> owned, std::string name, TextRules rules)
    : TextStream(*owned, std::move(name), rules) {
  owned_ = std::move(owned);
}

TextStream::TextStream(const std::string& path, TextRules rules)
    : TextStream(std::make_unique<std::ifstream>(path, std::ios::binary), path, rules) {
  TORCH_CHECK(owned_->good(), path, ": cannot be read. Check that the file exists and is readable.");
}

TextStream::TextStream(std::istream& source, std::string name, TextRules rules)
    : std::istream(nullptr), buffer_(std::make_unique<Buffer>(*source.rdbuf(), std::move(name), rules)) {
  rdbuf(buffer_.get());
  exceptions(std::ios::badbit);  // the buffer's errors reach the reader
}

TextStream::~TextStream() = default;

std::string rest_of(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace mkt::io
