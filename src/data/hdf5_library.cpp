#include "data/hdf5_library.h"

namespace mkt::data {

std::mutex& hdf5_mutex() {
  static std::mutex mutex;
  return mutex;
}

void prepare_hdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

}  // namespace mkt::data
