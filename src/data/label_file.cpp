#include "data/label_file.h"

#include <fmt/format.h>

#include <utility>

#include "data/hdf5_library.h"

namespace mkt::data {
namespace {

constexpr std::int64_t kMostLabels = 1 << 24;

hid_t open_file(const std::string& path) {
  prepare_hdf5();
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.get(), false, true);  // read-only and network file systems may not support locks
  return H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get());
}

bool is_inside(hid_t file, const std::string& key) {
  H5L_info_t link{};
  return H5Lexists(file, key.c_str(), H5P_DEFAULT) > 0 &&
         H5Lget_info(file, key.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
}

/// Whether the data set is stored in this file, not in an external file or a virtual data set.
bool stores_inside(hid_t set) {
  const Hdf5Id creation(H5Dget_create_plist(set), H5Pclose);
  return creation.valid() && H5Pget_external_count(creation.get()) == 0 &&
         H5Pget_layout(creation.get()) != H5D_VIRTUAL;
}

}  // namespace

struct LabelFile::Handle {
  explicit Handle(hid_t opened) : file(opened, H5Fclose) {}

  Hdf5Id file;
};

namespace {

/// A label vector in an open HDF5 file.
class LabelVector {
 public:
  LabelVector(const std::string& path, hid_t file, const std::string& key)
      : path_(path), key_(key), set_(open_set(file), H5Dclose), space_(open_space(), H5Sclose) {
    const Hdf5Id type(H5Dget_type(set_.get()), H5Tclose);
    check(type.valid() && H5Tget_class(type.get()) == H5T_INTEGER, "expected integers, got another type");
    check(H5Sget_simple_extent_ndims(space_.get()) == 1, "expected a vector, got another shape");
    hsize_t size = 0;
    check(H5Sget_simple_extent_dims(space_.get(), &size, nullptr) == 1, "expected a size, got none");
    check(size <= static_cast<hsize_t>(kMostLabels),
          fmt::format("expected at most {} labels, got {}", kMostLabels, size));
    width_ = static_cast<std::int64_t>(size);
  }

  std::int64_t width() const { return width_; }

  /// Reads the vector into `row`, which has width() elements. `buffer` is scratch memory.
  void read(std::int8_t* row, std::vector<std::int64_t>* buffer) const {
    buffer->resize(static_cast<std::size_t>(width_));
    const herr_t status =
        H5Dread(set_.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer->data());
    check(status >= 0, "expected readable data, got an HDF5 error");
    for (const std::int64_t value : *buffer) {
      if (value < -1 || value > 1)
        check(false, fmt::format("expected labels in {{-1, 0, 1}}, got {}", value));
      *row++ = static_cast<std::int8_t>(value);
    }
  }

 private:
  hid_t open_set(hid_t file) const {
    check(is_inside(file, key_), "expected a data set of this name, got none");
    return H5Dopen2(file, key_.c_str(), H5P_DEFAULT);
  }
  hid_t open_space() const {
    check(set_.valid(), "expected a data set, got another object");
    check(stores_inside(set_.get()), "expected data inside this file, got a reference to another file");
    return H5Dget_space(set_.get());
  }
  void check(bool met, const std::string& what) const {
    TORCH_CHECK(met, path_, ": '", key_, "': ", what, ". Check the feature file.");
  }

  const std::string& path_;
  const std::string& key_;
  Hdf5Id set_;
  Hdf5Id space_;
  std::int64_t width_ = 0;
};

}  // namespace

LabelFile::LabelFile(const std::string& path) : path_(path) {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  file_ = std::make_unique<Handle>(open_file(path));
  TORCH_CHECK(file_->file.valid(), path,
              ": expected an HDF5 file, got a missing or another file. Check the path.");
}

LabelFile::~LabelFile() {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  file_.reset();
}

bool LabelFile::contains(const std::string& key) const {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  return is_inside(file_->file.get(), key);
}

std::int64_t LabelFile::width(const std::string& key) const {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  return LabelVector(path_, file_->file.get(), key).width();
}

torch::Tensor LabelFile::read(const std::vector<std::string>& keys) const {
  const std::int64_t columns = keys.empty() ? 0 : width(keys[0]);
  const auto rows = static_cast<std::int64_t>(keys.size());
  torch::Tensor labels = torch::empty({rows, columns}, torch::kInt8);  // (N, C)
  auto* row = labels.data_ptr<std::int8_t>();
  std::vector<std::int64_t> buffer;
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  for (const std::string& key : keys) {
    const LabelVector vector(path_, file_->file.get(), key);
    TORCH_CHECK(vector.width() == columns, path_, ": '", key, "': expected ", columns, " labels as in '",
                keys[0], "', got ", vector.width(), ". Check the feature file.");
    vector.read(row, &buffer);
    row += columns;
  }
  return labels;
}

}  // namespace mkt::data
