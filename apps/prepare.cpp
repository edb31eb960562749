// Prepares data sets, label features, exported models, and the demo's data and weights.

#include "commands/commands.h"

int main(int argc, char** argv) {
  using namespace mkt::commands;
  return run(
      "prepare", "Prepares the files that training, evaluation and inference read.",
      {label_emb(), export_model(), nus_wide(),      check(),        inspect(),     convert(),     mix(),
       average(),   folders(),      csv(),           coco(),         open_images(), voc(),         to_csv(),
       demo(),      demo_clip(),    demo_pointing(), demo_summary(), demo_spread(), demo_compare()},
      argc, argv);
}
