#include "mkt/io/atomic_file.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <streambuf>
#include <utility>
#include <vector>

#include "mkt/core/text.h"

namespace mkt::io {
namespace {

/// A stream's way into a file, that remembers the system's reason for a failure.
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
    if (size == 0) return 0;  // an empty tensor's data may be null
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

/// The file beside the one to be; removed at the end of the scope unless it took that one's place.
class Temporary {
 public:
  explicit Temporary(const std::string& path) : path_(path), beside_(cat(path, ".tmp-", getpid())) {
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
        ". What was there is as before; check the folder, its permissions and the disk's free space.");
  }
  void place() {
    check_call(fsync(fd_));
    check_call(close(std::exchange(fd_, -1)));
    check_call(std::rename(beside_.c_str(), path_.c_str()));
    placed_ = true;
  }

 private:
  void check_call(int result) const { check(result == 0, errno); }

  const std::string& path_;
  std::string beside_;
  int fd_ = -1;
  bool placed_ = false;
};

/// Makes the new name itself last. Some file systems cannot, and lose nothing that matters by it.
void sync_folder(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const int fd = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write) {
  Temporary file(path);
  DescriptorBuffer buffer(file.fd());
  std::ostream out(&buffer);
  write(out);
  out.flush();
  file.check(out.good(), buffer.error());
  file.place();
  sync_folder(path);
}

}  // namespace mkt::io
