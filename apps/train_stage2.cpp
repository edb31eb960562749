// Stage 2: tunes the label side's prompt on a stage-1 image encoder.

#include "train/stage2.h"

#include "program.h"

int main(int argc, char** argv) {
  const mkt::cli::Program program{
      "train_stage2",
      "Stage 2 of MKT: tunes the prompt around the labels; the image encoder stays as stage 1 left it.",
      "train_stage2 --data-path NUS-WIDE --clip-path ViT-B-16.pt --ckpt-path "
      "outputs/stage1/model_epoch_19.pth "
      "--nproc-per-node 8"};
  return mkt::app::ranked_main<mkt::train::Stage2Options>(program, argc, argv, mkt::train::train_stage2);
}
