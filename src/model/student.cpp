#include "mkt/model/student.h"

#include <cmath>
#include <memory>
#include <utility>

#include "mkt/core/random.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::model {
namespace {

constexpr const char* kProjection = "projection_dist";
constexpr const char* kUnused = "projection";

/// Draws the parameters from the uniform distribution over ±1/√fan_in, as torch.nn.Linear does.
void initialise(UnusedProjection& projection, std::uint64_t seed) {
  const auto draw = [&](const torch::Tensor& parameter, std::int64_t fan_in, std::uint64_t index) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
    KeyedRandom random({seed, index});
    torch::Tensor values = torch::empty(parameter.sizes(), torch::kFloat32);
    auto* value = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
      value[i] = static_cast<float>(random.uniform(-bound, bound));
    clip::load_parameter(parameter, values);
  };
  std::uint64_t index = 0;
  for (const auto& layer : {projection->fc1, projection->fc2}) {
    draw(layer->weight, layer->weight.size(1), index++);
    draw(layer->bias, layer->weight.size(1), index++);
  }
}

void refuse_left_over(const torch::nn::Module& student, const clip::TensorMap& tensors,
                      const std::string& file) {
  const auto parameters = student.named_parameters();
  for (const auto& [name, tensor] : tensors) {
    TORCH_CHECK(parameters.contains(name), file, ": expected only tensors of a stage-1 checkpoint, got '",
                name, "'. Give a checkpoint that train_stage1 wrote.");
  }
}

void refuse_other_files(const clip::TensorMap& tensors, const std::string& file) {
  const char* kind = "tensors of another kind";
  if (tensors.count("visual.conv1.weight") != 0) kind = "CLIP weights (it has visual.*)";
  if (tensors.count("visual.conv1.weight") == 0 && tensors.count("token_embedding.weight") != 0) {
    kind = "a text encoder, as stage 2 writes it (it has token_embedding.weight)";
  }
  TORCH_CHECK(tensors.count(kProjection) != 0, file, ": expected a stage-1 checkpoint with the tensor '",
              kProjection, "', got ", kind, ". Give a checkpoint that train_stage1 wrote.");
}

/// An uninitialised student sized from the checkpoint; rejects other kinds of file.
Student empty_student(const clip::TensorMap& checkpoint, const std::string& file,
                      const clip::EncoderFacts& facts = {}) {
  refuse_other_files(checkpoint, file);
  Student student(clip::vision_options(checkpoint, file, facts, "", kProjection));
  refuse_left_over(*student, checkpoint, file);
  return student;
}

}  // namespace

bool takes_part(const std::string& name) {
  return name.rfind(std::string(kUnused) + ".", 0) != 0;
}

std::string clip_name(const std::string& name) {
  return "visual." + (name == kProjection ? "proj" : name);
}

ImageFeatures image_features(const torch::Tensor& tokens) {
  return {tokens.narrow(1, 1, tokens.size(1) - 1), tokens.select(1, 0)};
}

UnusedProjectionImpl::UnusedProjectionImpl(std::int64_t width, std::int64_t embed_dim) {
  fc1 = register_module("fc1", nn::Linear(width, embed_dim));
  fc2 = register_module("fc2", nn::Linear(embed_dim, embed_dim));
}

StudentImpl::StudentImpl(clip::VisionOptions options_) : clip::VisionEncoderImpl(std::move(options_)) {
  unused = register_module(kUnused, UnusedProjection(options.width, options.embed_dim));
}

ImageFeatures StudentImpl::features(const torch::Tensor& images) const {
  return image_features(forward(images));
}

Student make_student(const clip::Weights& clip, std::uint64_t seed) {
  const std::string prefix = "visual.";
  clip::VisionOptions options = clip.architecture.vision;
  const std::string clip_projection = std::exchange(options.projection, kProjection);
  Student student(options);
  for (const auto& parameter : student->named_parameters()) {
    if (!takes_part(parameter.key())) continue;
    const std::string name = prefix + (parameter.key() == kProjection ? clip_projection : parameter.key());
    const torch::Tensor& source = clip::find_tensor(clip.tensors, name, parameter.value().sizes(), clip.file);
    clip::check_finite(source, name, clip.file);
    clip::load_parameter(parameter.value(), source);
  }
  initialise(student->unused, seed);
  return student;
}

Student make_student_from_checkpoint(const clip::TensorMap& tensors, const std::string& file,
                                     const clip::EncoderFacts& facts) {
  Student student = empty_student(tensors, file, facts);
  clip::load_parameters(*student, tensors, "", file);
  return student;
}

clip::VisionEncoder vision_encoder(const Student& student) {
  return clip::VisionEncoder(std::static_pointer_cast<clip::VisionEncoderImpl>(student.ptr()));
}

clip::Weights vision_weights(const clip::TensorMap& checkpoint, const std::string& file,
                             const clip::Facts& facts) {
  clip::TensorMap weights;
  for (const auto& parameter : empty_student(checkpoint, file, facts.vision)->named_parameters()) {
    const std::string& name = parameter.key();
    const torch::Tensor& tensor = clip::find_tensor(checkpoint, name, parameter.value().sizes(), file);
    if (takes_part(name)) weights[clip_name(name)] = tensor;
  }
  return {std::move(weights), file, facts};
}

clip::TensorMap state_dict(const torch::nn::Module& module) {
  clip::TensorMap result;
  for (const auto& parameter : module.named_parameters())
    result[parameter.key()] = parameter.value().detach();
  return result;
}

}  // namespace mkt::model
