#include "data/label_writer.h"

#include <vector>

#include "data/hdf5_library.h"
#include "io/atomic_file.h"

namespace mkt::data {
namespace {

constexpr std::size_t kGrowth = std::size_t{1} << 20;  // growth step of the in-memory file, in bytes

hid_t create_in_memory() {
  prepare_hdf5();
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.get(), kGrowth, /*backing_store=*/false);
  return H5Fcreate("labels", H5F_ACC_TRUNC, H5P_DEFAULT, access.get());
}

/// Creates properties for data sets whose values are stored in the object header, without time stamps.
hid_t compact_layout() {
  const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_layout(layout, H5D_COMPACT);
  H5Pset_obj_track_times(layout, false);
  return layout;
}

}  // namespace

struct LabelWriter::Handle {
  Handle() : file(create_in_memory(), H5Fclose), layout(compact_layout(), H5Pclose) {}

  Hdf5Id file;
  Hdf5Id layout;
};

LabelWriter::LabelWriter() {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  file_ = std::make_unique<Handle>();
  TORCH_CHECK(file_->file.valid() && file_->layout.valid(),
              "HDF5: expected a new file in memory, got an error. Free some memory.");
}

LabelWriter::~LabelWriter() {
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  file_.reset();
}

void LabelWriter::add(const std::string& key, const torch::Tensor& labels) {
  TORCH_CHECK_VALUE(labels.dim() == 1 && labels.scalar_type() == torch::kInt8, "label writer: '", key,
                    "': expected a vector of int8, got ", labels.scalar_type(), " ", labels.sizes(), ".");
  TORCH_CHECK_VALUE(!key.empty() && key.find('/') == std::string::npos, "label writer: '", key,
                    "': expected a name without slashes. Rename the image.");
  const torch::Tensor values = labels.contiguous();
  const auto size = static_cast<hsize_t>(values.numel());
  const std::lock_guard<std::mutex> lock(hdf5_mutex());
  const Hdf5Id space(H5Screate_simple(1, &size, nullptr), H5Sclose);
  const Hdf5Id set(H5Dcreate2(file_->file.get(), key.c_str(), H5T_STD_I8LE, space.get(), H5P_DEFAULT,
                              file_->layout.get(), H5P_DEFAULT),
                   H5Dclose);
  TORCH_CHECK_VALUE(set.valid(), "label writer: '", key,
                    "': expected a new name and few enough labels for one data set, got ", values.numel(),
                    " labels. Add each image once.");
  const herr_t status =
      H5Dwrite(set.get(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.const_data_ptr());
  TORCH_CHECK(status >= 0, "label writer: '", key, "': expected HDF5 to store it, got an error.");
}

void LabelWriter::write(const std::string& path) const {
  std::vector<char> image;
  {
    const std::lock_guard<std::mutex> lock(hdf5_mutex());
    H5Fflush(file_->file.get(), H5F_SCOPE_GLOBAL);
    const ssize_t size = H5Fget_file_image(file_->file.get(), nullptr, 0);
    image.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    const ssize_t copied = H5Fget_file_image(file_->file.get(), image.data(), image.size());
    TORCH_CHECK(size > 0 && copied == size, path, ": expected ", size, " bytes from HDF5, got ", copied,
                ". Free some memory.");
  }
  io::write_atomically(
      path, [&](std::ostream& out) { out.write(image.data(), static_cast<std::streamsize>(image.size())); });
}

}  // namespace mkt::data
