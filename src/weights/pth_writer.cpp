#include <c10/util/Exception.h>

#include <vector>

#include "io/atomic_file.h"
#include "io/bytes.h"
#include "mkt/weights/checkpoint.h"
#include "weights/dtypes.h"
#include "weights/zip_archive.h"

// Writes pickle protocol 2 without a memo, so that equal tensors give equal bytes.
namespace mkt::weights {
namespace {

std::string string_of(const std::string& text) {
  return "X" + io::little_bytes(text.size(), 4) + text;
}

std::string integer_of(std::int64_t value) {
  constexpr std::int64_t kInt32End = std::int64_t{1} << 31;
  const auto bits = static_cast<std::uint64_t>(value);
  return value < kInt32End ? "J" + io::little_bytes(bits, 4) : "\x8a\x08" + io::little_bytes(bits, 8);
}

std::string tuple_of(at::IntArrayRef values) {
  std::string text = "(";
  for (const std::int64_t value : values) text += integer_of(value);
  return text + "t";
}

/// Pickles a call to _rebuild_tensor_v2: a contiguous tensor in storage `key`, without gradient or hooks.
std::string tensor_of(const torch::Tensor& tensor, const DtypeNames& dtype, const std::string& key) {
  const torch::Tensor contiguous = torch::empty(tensor.sizes(), torch::TensorOptions().device(torch::kMeta));
  const std::string storage = string_of("storage") + "ctorch\n" + std::string(dtype.storage) + "\n" +
                              string_of(key) + string_of("cpu") + integer_of(tensor.numel());
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + storage + "tQ" + integer_of(0) + tuple_of(tensor.sizes()) +
         tuple_of(contiguous.strides()) + "\x89" + "ccollections\nOrderedDict\n)RtR";
}

/// Pickles `tensor`, whose values are stored in the record data/`index`. `name`: the tensor's name in error
/// messages.
std::string named_tensor(const std::string& name, const torch::Tensor& tensor, std::size_t index) {
  const DtypeNames* dtype = dtype_names(tensor.scalar_type());
  TORCH_CHECK_VALUE(dtype != nullptr, "tensor '", name,
                    "': expected a dtype that a .pth file of this project can hold, got ",
                    tensor.scalar_type(), ". Convert it first.");
  return tensor_of(tensor, *dtype, std::to_string(index));
}

void write_archive(const std::string& path, const std::string& pickle,
                   const std::vector<torch::Tensor>& tensors) {
  io::write_atomically(path, [&](std::ostream& out) {
    ZipWriter zip(out);
    zip.add("archive/data.pkl", "\x80\x02" + pickle + ".");
    zip.add("archive/byteorder", "little");
    std::size_t index = 0;
    for (const torch::Tensor& tensor : tensors) {
      const torch::Tensor values = tensor.detach().cpu().contiguous();
      const auto* bytes = static_cast<const char*>(values.const_data_ptr());
      zip.add("archive/data/" + std::to_string(index++), {bytes, values.nbytes()});
    }
    zip.add("archive/version", "3\n");
    zip.finish();
  });
}

}  // namespace

void save_pth(const std::string& path, const TensorMap& tensors) {
  std::string pickle = "}(";
  std::vector<torch::Tensor> values;
  for (const auto& [name, tensor] : tensors) {
    pickle += string_of(name) + named_tensor(name, tensor, values.size());
    values.push_back(tensor);
  }
  write_archive(path, pickle + "u", values);
}

void save_tensor(const std::string& path, const torch::Tensor& tensor) {
  write_archive(path, named_tensor(path, tensor, 0), {tensor});
}

}  // namespace mkt::weights
