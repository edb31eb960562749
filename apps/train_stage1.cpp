// Stage 1: fine-tunes CLIP's image encoder with a ranking loss; distillation keeps it close to CLIP.

#include "commands/commands.h"

int main(int argc, char** argv) {
  return mkt::commands::run(mkt::commands::train_stage1(), argc, argv);
}
