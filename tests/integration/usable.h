#pragma once
// Trains on an imported data set and evaluates the checkpoint.

#include "core/text.h"
#include "integration/world.h"

namespace mkt::test {

/// Runs `prepare label-emb`, `prepare check` and two steps of stage 1 on `data`; returns the result of `eval
/// --json` for the checkpoint.
inline nlohmann::json trained_and_evaluated(const std::string& data) {
  const std::string output = scratch_folder("usable") + "/run";
  const Arguments on = {"--data-path", data, "--clip-path", clip_file("tiny")};
  const Arguments patches = {"--topk", "5"};
  const auto features = run_command(Arguments{program("prepare"), "label-emb"} + on);
  EXPECT_EQ(features.exit_code, 0) << features.error;
  const auto checked = run_command({program("prepare"), "check", "--data-path", data});
  EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.error;
  const auto trained =
      run_command(Arguments{program("train_stage1")} + on + patches +
                  Arguments{"--batch-size", "4", "--epochs", "1", "--warmup-epochs", "0", "--fix-layer", "2",
                            "--limit-train-batches", "2", "--output", output});
  EXPECT_EQ(trained.exit_code, 0) << trained.error;
  EXPECT_EQ(trained.error.find("label_emb.pt is absent"), std::string::npos) << trained.error;
  EXPECT_EQ(records(output, "step").size(), 2U);
  const auto evaluated =
      run_command(Arguments{program("eval")} + on + patches +
                  Arguments{"--ckpt-path", trim(trained.output), "--json", output + ".json"});
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.error;
  return nlohmann::json::parse(file_text(output + ".json"), nullptr, false);
}

}  // namespace mkt::test
