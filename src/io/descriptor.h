#pragma once
// Owner of a file descriptor.

#include <unistd.h>

namespace mkt::io {

/// Closes the descriptor at the end of the scope, unless it is negative.
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
