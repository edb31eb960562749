// Stage 1: tunes CLIP's image side by ranking labels, held near CLIP by distillation.

#include "train/stage1.h"

#include "program.h"

int main(int argc, char** argv) {
  const mkt::cli::Program program{
      "train_stage1", "Stage 1 of MKT: tunes CLIP's image encoder on a data set's seen labels.",
      "train_stage1 --data-path NUS-WIDE --clip-path ViT-B-16.pt --output outputs/stage1"};
  return mkt::app::ranked_main<mkt::train::Stage1Options>(program, argc, argv, mkt::train::train_stage1);
}
