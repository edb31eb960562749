#pragma once
// What the program tests share: weights by formula, made once, and the miniature data set.

#include "mkt/torch.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/formula.h"

namespace mkt::test {

/// Half-precision CLIP weights by formula in a file that lasts as long as the test program; "tiny" or
/// "vit-b-16".
inline const std::string& clip_file(const std::string& size) {
  static std::map<std::string, std::string> files;
  std::string& file = files[size];
  if (file.empty()) {
    file = scratch_folder("clip") + "/" + size + ".pt";
    run_command({std::string(MKT_BINARY_DIR) + "/tests/make_clip", size, file});
  }
  return file;
}

/// A stage-1 checkpoint by formula, of the tiny CLIP.
inline const std::string& student_file() {
  static const std::string file = [] {
    std::string path = scratch_folder("student") + "/stage1.pth";
    weights::save_pth(path, formula_student_state(tiny_clip_shape()));
    return path;
  }();
  return file;
}

/// The miniature NUS-WIDE: 8 training and 6 test images, 24 seen and 8 unseen labels.
inline std::string mini_nus_wide() {
  return golden("nus-mini/NUS-WIDE");
}

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// What every command on the tiny CLIP and the miniature data set begins with.
inline Arguments tiny(const std::string& name) {
  return {program(name), "--data-path",     mini_nus_wide(),
          "--clip-path", clip_file("tiny"), "--topk",
          "5",           "--workers",       "2"};
}

/// A short stage-1 run: 2 epochs of 2 steps.
inline Arguments tiny_stage1(const std::string& output) {
  return tiny("train_stage1") +
         Arguments{"--batch-size", "4", "--epochs", "2", "--fix-layer", "2", "--output", output};
}

/// The checkpoint of a stage-1 run of 2 epochs, made once.
inline const std::string& tiny_checkpoint() {
  static const std::string checkpoint = [] {
    const std::string output = scratch_folder("stage1") + "/run";
    const auto result = run_command(tiny_stage1(output));
    TORCH_CHECK(result.exit_code == 0, result.error);
    return output + "/model_epoch_1.pth";
  }();
  return checkpoint;
}

/// A short run of either stage: "train_stage1" or "train_stage2", 2 epochs unless `more` says otherwise.
inline Arguments tiny_run(const std::string& stage, const std::string& output, const Arguments& more) {
  Arguments command = tiny(stage) + Arguments{"--epochs", "2", "--output", output};
  command = command + (stage == "train_stage1" ? Arguments{"--fix-layer", "2"}
                                               : Arguments{"--ckpt-path", tiny_checkpoint()});
  return command + more;
}

/// The records of one kind in a run's metrics.jsonl.
inline std::vector<nlohmann::json> records(const std::string& output, const std::string& kind) {
  std::vector<nlohmann::json> found;
  std::istringstream stream(file_text(output + "/metrics.jsonl"));
  for (std::string line; std::getline(stream, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record["kind"] == kind) found.push_back(record);
  }
  return found;
}

/// A copy of the miniature data set that a test may change.
inline std::string copied_nus_wide() {
  namespace fs = std::filesystem;
  std::string data = scratch_folder("data") + "/NUS-WIDE";
  fs::copy(mini_nus_wide(), data, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  }
  return data;
}

/// JSON lines; throws where one is cut off.
inline std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace mkt::test
