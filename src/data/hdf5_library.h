#pragma once
// Helpers shared by readers and writers of HDF5 files.

#include <hdf5.h>

#include <mutex>

namespace mkt::data {

/// Mutex to lock around every HDF5 call: Debian's HDF5 library is not thread-safe.
std::mutex& hdf5_mutex();

/// Stops HDF5 from printing errors to stderr and from loading filter plug-ins that a file requests.
void prepare_hdf5();

/// Owns an HDF5 identifier and closes it with `close`.
class Hdf5Id {
 public:
  Hdf5Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Hdf5Id() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Id(const Hdf5Id&) = delete;
  Hdf5Id& operator=(const Hdf5Id&) = delete;
  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

}  // namespace mkt::data
