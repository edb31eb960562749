#include "io/bytes.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "io/descriptor.h"

namespace mkt::io {

std::string_view SharedBytes::view() const {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

SharedBytes map_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // never blocks on a pipe
  TORCH_CHECK(file.fd() >= 0, path, ": cannot be read: ", std::strerror(errno),
              ". Check that the file exists and is readable.");
  struct stat status {};
  TORCH_CHECK(fstat(file.fd(), &status) == 0, path, ": cannot be read: ", std::strerror(errno), ".");
  TORCH_CHECK(S_ISREG(status.st_mode), path,
              ": expected a file, got a folder, a pipe or a device. Name a file.");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};
  // The mapping stays valid after the descriptor is closed.
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd(), 0);
  TORCH_CHECK(data != MAP_FAILED, path, ": cannot be mapped into memory: ", std::strerror(errno), ".");
  return {static_cast<std::uint8_t*>(data), size,
          std::shared_ptr<void>(data, [size](void* mapped) { munmap(mapped, size); })};
}

SharedBytes allocate_bytes(std::size_t size) {
  auto memory = std::make_shared<c10::DataPtr>(c10::GetCPUAllocator()->allocate(size));
  auto* data = static_cast<std::uint8_t*>(memory->get());
  return {data, size, std::move(memory)};
}

std::uint64_t read_little(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

std::string little_bytes(std::uint64_t value, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  return bytes;
}

}  // namespace mkt::io
