#pragma once
// Checkpoints and weights of every kind, as named tensors.
//
// Reading runs nothing that a file says: pickles are parsed by mkt/io/pickle.h into plain data, archives of
// TorchScript are read without their code. Every size, stride, offset and length is checked against the file
// before a byte is touched.

#include "mkt/torch.h"

#include <map>
#include <string>

namespace mkt::weights {

using TensorMap = std::map<std::string, torch::Tensor>;

/// Whether a tensor's name begins with `prefix`.
bool holds_prefix(const TensorMap& tensors, const std::string& prefix);

/// All tensors of a weights or checkpoint file, by name, dtype as stored, on the CPU.
///
/// Found by content, not by the file's name: .pth (zip, or from before PyTorch 1.6), OpenAI's TorchScript
/// archive, safetensors. A state dict nested in a training checkpoint ("state_dict", "model", …) is found; a
/// leading "module." is dropped from names, which are otherwise as in the file. Tensors view a private
/// mapping of the file where it stores them aligned: writing to one never reaches the file, but do not
/// truncate a file that is in use (replacing it by rename, as write_atomically does, is safe). Throws
/// c10::Error naming the file where it is unreadable, cut off, malformed, of another byte order, or asks for
/// anything beyond plain data.
TensorMap load_tensors(const std::string& path);

/// The tensor of a file that holds exactly one (label_emb.pt), bare or in a dict. Throws as load_tensors
/// does.
torch::Tensor load_tensor(const std::string& path);

/// Writes `tensors` as a plain dict that torch.load(weights_only=True) reads. Atomic (write_atomically); same
/// tensors, same bytes, whatever the file's name. Throws c10::ValueError for a tensor of a dtype that the
/// format cannot name, c10::Error where writing fails.
void save_pth(const std::string& path, const TensorMap& tensors);

/// Writes one tensor, bare, as torch.save(tensor) does; otherwise as save_pth.
void save_tensor(const std::string& path, const torch::Tensor& tensor);

}  // namespace mkt::weights
