#pragma once
// Declares the commands. Each is implemented in a source file of the same name, with its options and the
// checks of their combinations; csv.cpp also has to_csv(), convert.cpp mix()
// and average(), demo.cpp all commands of the demo.

#include <vector>

#include "commands/command.h"

namespace mkt::commands {

Command train_stage1();
Command train_stage2();
Command eval();
Command infer();

// Subcommands of prepare.
Command label_emb();
Command export_model();
Command nus_wide();
Command check();
Command inspect();
Command convert();
Command mix();
Command average();
Command folders();
Command csv();
Command coco();
Command open_images();
Command voc();
Command to_csv();
Command demo();
Command demo_clip();
Command demo_pointing();
Command demo_summary();
Command demo_spread();
Command demo_compare();

}  // namespace mkt::commands
