// Evaluates a checkpoint, a pair of checkpoints, or plain CLIP with the paper's protocol.

#include "commands/commands.h"

int main(int argc, char** argv) {
  return mkt::commands::run(mkt::commands::eval(), argc, argv);
}
