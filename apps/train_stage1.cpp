// Stage 1: tunes CLIP's image encoder by ranking labels, held near CLIP by distillation.

#include "commands/commands.h"

int main(int argc, char** argv) {
  return mkt::commands::run(mkt::commands::train_stage1(), argc, argv);
}
