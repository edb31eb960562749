#pragma once
// Owning wrapper for a file descriptor.

#include <unistd.h>

namespace mkt::io {

/// Owns a file descriptor; the destructor closes it unless it is negative.
class Descriptor {
 public:
  explicit Descriptor(int opened) : fd_(opened) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace mkt::io
