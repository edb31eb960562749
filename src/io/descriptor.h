#pragma once
// A file descriptor with an owner.

#include <unistd.h>

namespace mkt::io {

/// Closed at the end of the scope, where it is one (not negative).
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
