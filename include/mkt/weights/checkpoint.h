#pragma once
// Reads and writes checkpoints and weights as named tensors.
//
// Reading never executes code from a file: pickles are parsed into plain data by a restricted unpickler, and
// the code in TorchScript archives is ignored. Every size, stride, offset and length is checked against the
// file before a byte is used.

#include "mkt/torch.h"

#include <map>
#include <string>

namespace mkt::weights {

using TensorMap = std::map<std::string, torch::Tensor>;

/// Contents of a weights or checkpoint file.
struct Checkpoint {
  TensorMap tensors;
  std::map<std::string, std::string> metadata;  ///< of a safetensors file; else empty
  bool is_torch_script = false;                 ///< whether it is an archive of torch.jit.save, as OpenAI's
};

/// Whether any tensor's name begins with `prefix`.
bool holds_prefix(const TensorMap& tensors, const std::string& prefix);

/// Reads all tensors of a weights or checkpoint file: by name, with the stored dtypes, on the CPU.
///
/// The format is recognised from the content, not from the file name: .pth (zip, or the format used before
/// PyTorch 1.6), OpenAI's TorchScript archive, safetensors. A state dict nested in a training checkpoint
/// ("state_dict", "model", …) is found. Prefixes that all names share and that say nothing about the model
/// ("module." of DistributedDataParallel, "_orig_mod." of torch.compile, "model.", "clip.") are dropped.
/// Tensors that are stored aligned are views of a private memory mapping: writing to them never reaches the
/// file. Do not truncate the file while its tensors are in use; replacing it by a rename is safe. Throws
/// c10::Error that names the file if it is unreadable, truncated, malformed, big-endian, or contains anything
/// except plain data; a file of another kind is called what it is (an HTML page, a Git LFS pointer, …).
Checkpoint load_checkpoint(const std::string& path);

/// Reads load_checkpoint()'s tensors.
TensorMap load_tensors(const std::string& path);

/// Reads load_checkpoint()'s tensors without dropping prefixes: a shard's tensors share more of them than
/// those of the whole model.
TensorMap load_named_tensors(const std::string& path);
/// Drops the prefixes that load_checkpoint() drops.
TensorMap without_wrappers(TensorMap tensors);

/// Reads the only tensor in a file (label_emb.pt), stored alone or in a dict. Throws as load_tensors does,
/// and if the file contains several tensors.
torch::Tensor load_tensor(const std::string& path);

/// Writes `tensors` as a plain dict that torch.load(weights_only=True) reads. Writes atomically; equal
/// tensors give equal bytes, independent of the file name. Throws c10::ValueError for a dtype that the format
/// cannot store, c10::Error if writing fails.
void save_pth(const std::string& path, const TensorMap& tensors);

/// Writes a single tensor without a dict, as torch.save(tensor) does; otherwise like save_pth.
void save_tensor(const std::string& path, const torch::Tensor& tensor);

}  // namespace mkt::weights
