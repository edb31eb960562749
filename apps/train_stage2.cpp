// Stage 2: tunes the prompt around the labels with a frozen stage-1 image encoder.

#include "commands/commands.h"

int main(int argc, char** argv) {
  return mkt::commands::run(mkt::commands::train_stage2(), argc, argv);
}
