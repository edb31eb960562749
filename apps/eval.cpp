// The paper's numbers for a checkpoint, a pair of checkpoints, or plain CLIP.

#include "report/evaluation_run.h"

#include "core/interrupt.h"
#include "program.h"

int main(int argc, char** argv) {
  const mkt::cli::Program program{
      "eval",
      "Mean average precision and F1 on a data set's test images, for unseen labels (ZSL) and all (GZSL).",
      "eval --data-path NUS-WIDE --clip-path ViT-B-16.pt --ckpt-path outputs/stage1/model_epoch_19.pth"};
  return mkt::app::ranked_main<mkt::scoring::EvalOptions>(
      program, argc, argv, [](const mkt::scoring::EvalOptions& options, const std::string&) {
        mkt::end_on_signals("eval");
        return mkt::report::run_evaluation(options);
      });
}
