#pragma once
// Shared by the tests that run the programs: formula-generated CLIP weights and student, the miniature data
// set, command lines, and readers for output files.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include "mkt/torch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "io/numbered_lines.h"
#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/formula.h"

namespace mkt::test {

/// Command line: a program with its arguments, or arguments only.
using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments first, const Arguments& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Returns a file with half-precision CLIP weights from formula_clip_state that states their architecture,
/// written once; `size` is "tiny" or "vit-b-16".
inline const std::string& clip_file(const std::string& size) {
  static std::map<std::string, std::string> files;
  std::string& file = files[size];
  if (file.empty()) {
    file = scratch_folder("clip") + "/" + size + ".safetensors";
    run_command({std::string(MKT_BINARY_DIR) + "/tests/make_clip", size, file});
  }
  return file;
}

/// Returns a stage-1 checkpoint for the tiny CLIP from formula_student_state, written once.
inline const std::string& student_file() {
  static const std::string file = [] {
    std::string path = scratch_folder("student") + "/stage1.pth";
    weights::save_pth(path, formula_student_state(tiny_clip_shape()));
    std::ofstream(path + ".json")
        << R"({"input_size": 64, "vision": {"activation": "quick-gelu", "heads": 2, "layer_norm_epsilon": 1e-05}})";
    return path;
  }();
  return file;
}

/// Returns the folder of the miniature NUS-WIDE: 8 training and 6 test images, 24 seen and 8 unseen labels.
inline std::string mini_nus_wide() {
  return golden("nus-mini/NUS-WIDE");
}

/// Returns the labels of the miniature NUS-WIDE, seen before unseen.
inline std::vector<std::string> mini_labels() {
  return io::read_lines(mini_nus_wide() + "/Concepts925.txt") +
         io::read_lines(mini_nus_wide() + "/Concepts81.txt");
}

/// Copies the miniature data set to a folder that the test may change; returns its path.
inline std::string copied_nus_wide() {
  namespace fs = std::filesystem;
  std::string data = scratch_folder("data") + "/NUS-WIDE";
  fs::copy(mini_nus_wide(), data, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  }
  return data;
}

/// Returns the program `name` with the options shared by all commands on the tiny CLIP and the miniature data
/// set.
inline Arguments tiny(const std::string& name) {
  return {program(name), "--data-path",     mini_nus_wide(),
          "--clip-path", clip_file("tiny"), "--topk",
          "5",           "--workers",       "2"};
}

inline const std::string& tiny_checkpoint();

/// Command line for a short run of `stage`, "train_stage1" or "train_stage2": 2 epochs unless `more` sets
/// another number.
inline Arguments tiny_run(const std::string& stage, const std::string& output, const Arguments& more) {
  Arguments command = tiny(stage) + Arguments{"--epochs", "2", "--output", output};
  command = command + (stage == "train_stage1" ? Arguments{"--fix-layer", "2"}
                                               : Arguments{"--ckpt-path", tiny_checkpoint()});
  return command + more;
}

/// Command line for a short stage-1 run: 2 epochs with 2 steps each.
inline Arguments tiny_stage1(const std::string& output) {
  return tiny_run("train_stage1", output, {"--batch-size", "4"});
}

/// Returns the output folder of a tiny_stage1 run, trained once.
inline const std::string& trained_folder() {
  static const std::string folder = [] {
    std::string output = scratch_folder("stage1") + "/run";
    const auto result = run_command(tiny_stage1(output));
    TORCH_CHECK(result.exit_code == 0, result.error);
    return output;
  }();
  return folder;
}

/// Returns the last checkpoint in trained_folder().
inline const std::string& tiny_checkpoint() {
  static const std::string checkpoint = trained_folder() + "/model_epoch_1.pth";
  return checkpoint;
}

/// Expects that a program exited with `exit_code` and wrote `text` to standard error.
inline void expect_failure(const CommandResult& result, int exit_code, const std::string& text) {
  EXPECT_EQ(result.exit_code, exit_code) << result.error;
  EXPECT_NE(result.error.find(text), std::string::npos) << "expected: " << text << "\ngot: " << result.error;
}

/// Waits for a program started by start_command(); returns its wait status.
inline int wait_for_end(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

/// Lists the files in a folder, sorted by path; if `extension` (".png") is set, only files with it.
inline std::vector<std::string> files_in(const std::string& folder, const std::string& extension = "") {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (extension.empty() || entry.path().extension() == extension) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Parses one JSON value per line of `text`; throws if a line is truncated.
inline std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

/// Returns the records of one kind from metrics.jsonl in a run's output folder.
inline std::vector<nlohmann::json> records(const std::string& output, const std::string& kind) {
  std::vector<nlohmann::json> found;
  for (const nlohmann::json& record : json_lines(file_text(output + "/metrics.jsonl"))) {
    if (record["kind"] == kind) found.push_back(record);
  }
  return found;
}

}  // namespace mkt::test
