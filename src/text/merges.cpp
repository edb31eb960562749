#include "text/merges.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <fstream>

namespace mkt::text {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  TORCH_CHECK(
      file.good(), path,
      ": expected CLIP's BPE merges, got no readable file. Run scripts/setup.sh, or name another file.");
  std::string text(static_cast<std::size_t>(std::max<std::streamoff>(0, file.tellg())), '\0');
  file.seekg(0);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  TORCH_CHECK(file.good(), path, ": reading stopped before the end of the file. Check the disk.");
  return text;
}

/// Parses the merge in one line of the file and appends its spelling to `spellings`. The result's `left` is 0
/// if the line is malformed.
Merge parse_line(std::string_view line, std::string& spellings) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  if (blank == 0 || blank + 1 >= line.size() || line.find(' ', blank + 1) != line.npos) return {};
  const std::size_t start = spellings.size();
  spellings.append(line.substr(0, blank)).append(line.substr(blank + 1));
  return {std::string_view(spellings).substr(start), blank};
}

}  // namespace

std::vector<Merge> read_merges(const std::string& path, std::size_t count, std::string& spellings) {
  const std::string file = read_file(path);
  const std::string_view text = file;
  spellings.reserve(text.size());  // prevents reallocation: views into `spellings` must stay valid
  std::vector<Merge> merges;
  merges.reserve(count);
  std::size_t start = std::min(text.find('\n'), text.size() - 1) + 1;  // skips the first line, a comment
  while (start < text.size() && merges.size() < count) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const Merge merge = parse_line(line, spellings);
    TORCH_CHECK(merge.left > 0, path, ": expected two symbols in line ", merges.size() + 2, ", got '",
                line.substr(0, 40), "'. Use CLIP's merges file, unpacked.");
    merges.push_back(merge);
    start = end + 1;
  }
  TORCH_CHECK(merges.size() == count, path, ": expected ", count, " merges for a vocabulary of ",
              count + std::size_t{2} * kBytes + 2, ", got ", merges.size(),
              ". Use the merges that belong to the weights.");
  return merges;
}

}  // namespace mkt::text
