#pragma once
// The commands, each in the file of its name: its options, the checks of their combinations, and its work.

#include <vector>

#include "commands/command.h"

namespace mkt::commands {

Command train_stage1();
Command train_stage2();
Command eval();
Command infer();

// The commands of prepare.
Command label_emb();
Command export_model();
Command nus_wide();
Command check();
Command inspect();
Command convert();
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

}  // namespace mkt::commands
