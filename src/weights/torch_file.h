#pragma once
// Reads files written by torch.save and torch.jit.save: a pickle and the bytes of its storages.

#include "mkt/torch.h"

#include <map>
#include <string>

#include "io/bytes.h"
#include "weights/pickle.h"

namespace mkt::weights {

/// Whether `file` is an archive of torch.jit.save, as OpenAI's: it holds the constants of code.
bool is_torch_script(const std::string& path, const io::SharedBytes& file);

class TorchFile {
 public:
  /// `file` is a zip archive or has the format used before PyTorch 1.6. Throws c10::Error that names `path`
  /// if it is malformed.
  TorchFile(std::string path, const io::SharedBytes& file);

  const Value& root() const { return *pickle_.root; }
  /// Returns the tensor described by `spec`, as a view of the storage's bytes. Throws c10::Error that names
  /// the file if the tensor does not fit into the storage.
  torch::Tensor tensor(const std::string& name, const TensorSpec& spec) const;

 private:
  void read_zip(const io::SharedBytes& file);
  void read_legacy(const io::SharedBytes& file);
  void check_legacy_header(const Pickle& magic, const Pickle& protocol, const Pickle& system) const;
  void add_storage(const std::string& key, c10::ScalarType dtype, const io::SharedBytes& bytes);
  /// Returns the storages that the pickle refers to, by key.
  std::map<std::string, const StorageSpec*> storage_specs() const;
  std::size_t storage_size(const StorageSpec& spec) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  Pickle pickle_;
  std::map<std::string, io::SharedBytes> storages_;
};

}  // namespace mkt::weights
