#include "io/atomic_file.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <streambuf>
#include <system_error>
#include <utility>

#include "core/interrupt.h"
#include "core/text.h"
#include "io/descriptor.h"

namespace mkt::io {
namespace {

namespace fs = std::filesystem;

/// Stream buffer that writes to a file descriptor and records errno.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int fd) : fd_(fd), buffer_(std::size_t{1} << 16) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    return c == traits_type::eof() ? traits_type::not_eof(c) : sputc(traits_type::to_char_type(c));
  }
  std::streamsize xsputn(const char* data, std::streamsize size) override {
    if (size == 0) return 0;  // the data pointer of an empty tensor may be null
    if (size < epptr() - pptr()) {
      std::memcpy(pptr(), data, static_cast<std::size_t>(size));
      pbump(static_cast<int>(size));
      return size;
    }
    return sync() == 0 && put(data, static_cast<std::size_t>(size)) ? size : 0;
  }
  int sync() override {
    const bool written = put(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return written ? 0 : -1;
  }

 private:
  bool put(const char* data, std::size_t size) {
    while (size > 0 && error_ == 0) {
      const ssize_t written = ::write(fd_, data, size);
      if (written < 0) {
        if (errno != EINTR) error_ = errno;
        continue;
      }
      data += written;
      size -= static_cast<std::size_t>(written);
    }
    return error_ == 0;
  }

  int fd_;
  int error_ = 0;
  std::vector<char> buffer_;
};

/// A path's target after all symbolic links are resolved.
struct Target {
  fs::path path;  ///< path of the target file, which need not exist
  int descriptor =
      -1;  ///< file descriptor if the path names one of this process (/dev/stdout, /dev/fd/3), otherwise -1
};

Target follow(const std::string& path) {
  constexpr int kMostLinks = 40;  // the kernel's limit
  std::error_code none;
  Target target{path};
  for (int links = 0; fs::is_symlink(target.path, none); ++links) {
    TORCH_CHECK(links < kMostLinks, path, ": cannot be written: ", std::strerror(ELOOP),
                ". Name the file itself.");
    const fs::path folder = target.path.parent_path();
    // The text of a link in /proc/self/fd need not be a path (for example "pipe:[17]"), and reopening the
    // file would overwrite it from its start.
    if (fs::equivalent(folder, "/proc/self/fd", none)) {
      target.descriptor = std::stoi(target.path.filename().string());
      return target;
    }
    target.path = folder / fs::read_symlink(target.path);
  }
  return target;
}

void write_straight(const std::string& path, int fd, const std::function<void(std::ostream&)>& write) {
  DescriptorBuffer buffer(fd);
  std::ostream out(&buffer);
  write(out);
  out.flush();
  TORCH_CHECK(out.good(), path, ": cannot be written: ", std::strerror(buffer.error()),
              ". Part of the data may have been written. Check its reader.");
}

void write_special(const std::string& path, const fs::path& target,
                   const std::function<void(std::ostream&)>& write) {
  const Descriptor special(open(target.c_str(), O_WRONLY | O_CLOEXEC));
  TORCH_CHECK(special.fd() >= 0, path, ": cannot be written: ", std::strerror(errno),
              ". Name a file, or a pipe or device that can be written.");
  write_straight(path, special.fd(), write);
}

constexpr const char* kUnfinished = ".tmp-";  // the process id follows

/// A temporary file in the target's folder. The destructor removes it unless it has replaced the target.
class Temporary {
 public:
  /// `path`: the name used for `target` in error messages.
  Temporary(const std::string& path, const fs::path& target)
      : path_(path), target_(target), beside_(fmt::format("{}{}{}", target.native(), kUnfinished, getpid())) {
    fd_ = open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    check(fd_ >= 0, errno);
  }
  ~Temporary() {
    if (fd_ >= 0) close(fd_);
    if (!placed_) unlink(beside_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int fd() const { return fd_; }
  void check(bool done, int error) const {
    TORCH_CHECK(
        done, path_, ": cannot be written: ", std::strerror(error),
        ". An existing file is unchanged. Check the folder, its permissions and the free disk space.");
  }
  void place() {
    check_call(fsync(fd_));
    check_call(close(std::exchange(fd_, -1)));
    check_call(std::rename(beside_.c_str(), target_.c_str()));
    placed_ = true;
  }

 private:
  void check_call(int result) const { check(result == 0, errno); }

  const std::string& path_;
  const fs::path& target_;
  std::string beside_;
  int fd_ = -1;
  bool placed_ = false;
};

/// Flushes the new directory entry to the disk (fsync). Ignores errors, because some file systems do not
/// support this.
void sync_folder(const fs::path& path) {
  const fs::path parent = path.parent_path();
  const Descriptor folder(open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd() >= 0) fsync(folder.fd());
}

}  // namespace

void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write) {
  const InterruptDelay until_written;
  const Target target = follow(path);
  std::error_code none;
  if (target.descriptor >= 0) {
    std::fflush(stdout);
    return write_straight(path, target.descriptor, write);
  }
  if (fs::is_other(target.path, none)) return write_special(path, target.path, write);
  Temporary file(path, target.path);
  DescriptorBuffer buffer(file.fd());
  std::ostream out(&buffer);
  write(out);
  out.flush();
  file.check(out.good(), buffer.error());
  file.place();
  sync_folder(target.path);
}

void write_lines(const std::string& path, const std::vector<std::string>& lines) {
  write_atomically(path, [&](std::ostream& out) {
    for (const std::string& line : lines) out << line << "\n";
  });
}

void remove_unfinished(const std::string& folder, const std::string& start) {
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto mark = name.rfind(kUnfinished);
    if (mark == std::string::npos || !starts_with(name, start)) continue;
    const auto number = mark + std::strlen(kUnfinished);
    if (number < name.size() && name.find_first_not_of("0123456789", number) == std::string::npos)
      unfinished.push_back(entry.path());
  }
  for (const fs::path& file : unfinished) fs::remove(file);
}

}  // namespace mkt::io
