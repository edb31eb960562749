#pragma once
// What readers and writers of HDF5 files share.

#include <hdf5.h>

#include <mutex>

namespace mkt::data {

/// Debian's HDF5 is not built for threads: every call of the library is made under this.
std::mutex& hdf5_mutex();

/// Errors come back as exceptions, not on stderr; filters come from the library alone, never from a plug-in
/// that a file asks for.
void prepare_hdf5();

/// An identifier of the library, with the call that closes it.
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
