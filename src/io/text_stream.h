#pragma once
// Reads text files: decodes UTF-16, drops byte order marks and refuses what is not text.

#include <cstdint>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// Deviations that are accepted in a text, which otherwise is UTF-8 in lines that end with LF or CR LF.
struct TextRules {
  bool any_bytes = false;  ///< bytes that are not UTF-8, which file names on Linux may contain
  bool lone_cr = false;    ///< CR without LF; its reader knows where it is legal
  bool nul = false;        ///< NUL bytes, which a crash may leave in a file
};

/// Rules for lists of file names: Linux allows names that are not UTF-8.
constexpr TextRules kFileNames{/*any_bytes=*/true};
/// Rules for records that this program wrote, whose reader skips damaged lines.
constexpr TextRules kRecords{/*any_bytes=*/true, /*lone_cr=*/true, /*nul=*/true};

/// Decodes a text piece by piece into UTF-8. UTF-16 with a byte order mark is converted; a byte order mark at
/// the start of the text or, where lists were joined, of a line is dropped. Throws c10::Error naming the text
/// and the line: bytes that are not UTF-8 or UTF-16, a NUL byte, CR without LF, UTF-32.
class TextDecoder {
 public:
  explicit TextDecoder(std::string name, TextRules rules = {});

  /// Decodes the next bytes; `last`: whether the text ends after them. Characters that the bytes cut in two
  /// are returned by the next call.
  std::string decode(std::string_view bytes, bool last);

  const std::string& name() const { return name_; }
  std::int64_t line() const { return line_; }  ///< line of the next character, from 1

 private:
  enum class Encoding { kUnknown, kUtf8, kUtf16Little, kUtf16Big };

  void detect_encoding();
  std::string take_utf8(bool last);
  std::string take_utf16(bool last);
  std::string where() const;
  void drop_marks(std::string& text);
  void check(std::string_view text);

  std::string name_;
  TextRules rules_;
  Encoding encoding_ = Encoding::kUnknown;
  std::string pending_;     // bytes that are not decoded yet
  std::int64_t line_ = 1;   // line of the next character
  bool line_start_ = true;  // whether the next character is the first of its line
  bool after_cr_ = false;   // whether the last character was CR
};

/// Decodes a whole text as TextDecoder does; `name` is used in error messages.
std::string decode_text(std::string_view bytes, const std::string& name, TextRules rules = {});

/// Stream of a text, decoded as TextDecoder does while it is read. Errors are thrown by the read operations.
class TextStream : public std::istream {
 public:
  /// Opens a file. Throws c10::Error naming the file if it cannot be read.
  explicit TextStream(const std::string& path, TextRules rules = {});
  /// Decodes `source`, which must outlive this object, from its current position.
  TextStream(std::istream& source, std::string name, TextRules rules = {});
  ~TextStream() override;

 private:
  class Buffer;

  TextStream(std::unique_ptr<std::istream> owned, std::string name, TextRules rules);

  std::unique_ptr<std::istream> owned_;
  std::unique_ptr<Buffer> buffer_;
};

/// Reads the rest of a stream.
std::string rest_of(std::istream& stream);

}  // namespace mkt::io
