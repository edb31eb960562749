#include "formats/means.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "artifact/checkpoint_facts.h"
#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "io/file_checks.h"
#include "io/sha256.h"
#include "mkt/model/prompt_learner.h"
#include "mkt/model/student.h"
#include "model/weight_mean.h"

namespace mkt::formats {
namespace {

namespace fs = std::filesystem;
using artifact::FileKind;
using nlohmann::ordered_json;

std::string file_name(const std::string& path) {
  return fs::path(path).filename().string();
}

/// Returns the stage's kind of the file. Throws WrongFileKind for files other than checkpoints.
FileKind checkpoint_kind(const std::string& name, const std::string& path) {
  io::require_file(name, path);
  const FileKind kind = artifact::file_kind(path);
  if (kind == FileKind::kStage1 || kind == FileKind::kStage2) return kind;
  throw artifact::WrongFileKind(
      kind, fmt::format("{}: expected a stage-1 or stage-2 checkpoint, got {} in {}.", name, enum_name(kind),
                        path));
}

/// Throws ValueError or c10::Error if the output cannot be written or is one of `inputs`.
void check_output(const std::string& output, const std::vector<std::string>& inputs) {
  TORCH_CHECK_VALUE(fs::path(output).extension() == ".pth",
                    "output: expected a name that ends in .pth, got '", output, "'. Change the extension.");
  for (const std::string& input : inputs) {
    std::error_code none;
    TORCH_CHECK_VALUE(!fs::equivalent(input, output, none), "output: expected another file than ", input,
                      ", got the same. Name another.");
  }
  io::require_writable("output", output);
}

/// Returns OpenAI's name of a checkpoint's tensor; "" for one that CLIP does not have.
std::string clip_name(FileKind kind, const std::string& name) {
  if (kind == FileKind::kStage2) return name;
  return model::takes_part(name) ? model::clip_name(name) : "";
}

/// Returns the pixels per side of a stage-1 checkpoint's images.
std::int64_t resolution(const weights::TensorMap& tensors, const std::string& file) {
  clip::Facts any_heads;
  any_heads.vision.heads = {1, ""};  // the heads do not change the size
  return model::vision_weights(tensors, file, any_heads).architecture.vision.resolution();
}

/// Writes the checkpoint and, before it, the file beside it.
void save(const std::string& output, FileKind kind, const weights::TensorMap& tensors,
          const std::string& source, const ordered_json& origin) {
  const std::string prefix = kind == FileKind::kStage2 ? model::kStage2Prefix : "";
  weights::TensorMap named;
  for (const auto& [name, tensor] : tensors) named[prefix + name] = tensor;
  artifact::derive_checkpoint_facts(output, source, origin);
  weights::save_pth(output, named);
}

/// A checkpoint to average.
struct Member {
  std::string path;
  std::string sha256;
  FileKind kind;
  weights::TensorMap tensors;
};

std::vector<Member> read_members(const std::vector<std::string>& checkpoints) {
  std::vector<Member> members;
  for (const std::string& path : checkpoints) {
    const FileKind kind = checkpoint_kind("checkpoints", path);
    members.push_back({path, io::sha256_file(path), kind, weights::load_tensors(path)});
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.sha256 < b.sha256; });
  return members;
}

/// Throws c10::Error naming `other` unless its tensors have the names and shapes of those of `first`, with
/// equal values where no stage trains them.
void check_tensors(const Member& first, const Member& other) {
  for (const auto& [name, tensor] : first.tensors) {
    const torch::Tensor& same = clip::find_tensor(other.tensors, name, tensor.sizes(), other.path);
    clip::check_finite(same, name, other.path);
    const std::string clip = clip_name(first.kind, name);
    // Interpolated position embeddings depend on the processor that computed them.
    const bool may_differ =
        clip.empty() || model::is_trained(clip) || clip == model::clip_name("positional_embedding");
    TORCH_CHECK(may_differ || artifact::same_origin(tensor, same), other.path, ": expected the tensor '",
                name, "' of ", first.path,
                ", which training does not change, got other values. Average checkpoints of one CLIP.");
  }
  for (const auto& [name, tensor] : other.tensors) {
    TORCH_CHECK(first.tensors.count(name) > 0, other.path, ": expected the tensors of ", first.path,
                ", got '", name, "' too. Average checkpoints of one model.");
  }
}

/// Returns the first member with a file beside it, or else the first.
const Member& stated_member(const std::vector<Member>& members) {
  const auto found = std::find_if(members.begin(), members.end(), [](const Member& member) {
    return fs::exists(artifact::checkpoint_facts_path(member.path));
  });
  return found == members.end() ? members.front() : *found;
}

void check_members(const std::vector<Member>& members) {
  const Member& first = members.front();
  for (std::size_t i = 1; i < members.size(); ++i) {
    const Member& other = members[i];
    TORCH_CHECK(other.sha256 != members[i - 1].sha256, other.path, ": expected another checkpoint than ",
                members[i - 1].path, ", got the same bytes. Name each once.");
    if (other.kind != first.kind) {
      throw artifact::WrongFileKind(
          other.kind, fmt::format("checkpoints: expected {} as {}, got {} in {}.", enum_name(first.kind),
                                  first.path, enum_name(other.kind), other.path));
    }
    check_tensors(first, other);
  }
  for (const auto& [name, tensor] : first.tensors) clip::check_finite(tensor, name, first.path);
  for (const Member& member : members) artifact::check_same_facts(stated_member(members).path, member.path);
}

weights::TensorMap mean_tensors(const std::vector<Member>& members) {
  weights::TensorMap means;
  for (const auto& [name, tensor] : members.front().tensors) {
    const std::string clip = clip_name(members.front().kind, name);
    std::vector<torch::Tensor> all = {tensor};
    const bool trained = clip.empty() || model::is_trained(clip);
    for (std::size_t i = 1; trained && i < members.size(); ++i) all.push_back(members[i].tensors.at(name));
    means[name] = model::mean_of(all);
  }
  return means;
}

}  // namespace

std::string mix_checkpoint(const MixOptions& options) {
  model::check_alpha(options.alpha);
  const FileKind kind = checkpoint_kind("ckpt-path", options.ckpt_path);
  check_output(options.output, {options.clip_path, options.ckpt_path});
  weights::TensorMap tensors = weights::load_tensors(options.ckpt_path);
  const bool image_side = kind == FileKind::kStage1;
  const std::int64_t size = image_side ? resolution(tensors, options.ckpt_path) : 0;
  const clip::Weights clip = artifact::load_clip(options.clip_path, size, options.facts);
  const clip::Weights tuned = image_side ? artifact::load_image_weights(clip, options.ckpt_path)
                                         : artifact::load_text_weights(clip, options.ckpt_path);
  const clip::Weights mixed = model::mixed_weights(clip, tuned, options.alpha);
  for (auto& [name, tensor] : tensors) {
    const std::string own = clip_name(kind, name);
    tensor = own.empty() ? tensor.to(torch::kFloat32) : mixed.tensors.at(own);
  }
  save(options.output, kind, tensors, options.ckpt_path,
       {{"mix", {{"checkpoint", file_name(options.ckpt_path)}, {"alpha", options.alpha}}}});
  return fmt::format("wrote {}: {}, {:g} of {} and {:g} of {}", options.output, enum_name(kind),
                     options.alpha, options.ckpt_path, 1 - options.alpha, options.clip_path);
}

std::string average_checkpoints(const std::vector<std::string>& checkpoints, const std::string& output) {
  TORCH_CHECK_VALUE(checkpoints.size() > 1, "checkpoints: expected at least 2, got ", checkpoints.size(),
                    ". Name the checkpoints to average.");
  check_output(output, checkpoints);
  const std::vector<Member> members = read_members(checkpoints);
  check_members(members);
  ordered_json names = ordered_json::array();
  for (const Member& member : members) names.push_back(file_name(member.path));
  save(output, members.front().kind, mean_tensors(members), stated_member(members).path,
       {{"average", names}});
  return fmt::format("wrote {}: {}, the mean of {}", output, enum_name(members.front().kind), members.size());
}

}  // namespace mkt::formats
