#include "commands/command.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "artifact/file_kind.h"
#include "cli/option.h"
#include "commands/file_advice.h"
#include "mkt/core/error.h"
#include "support/command.h"

namespace mkt::commands {
namespace {

struct ToolOptions {
  cli::OptionList list;
  cli::Option<std::int64_t> topk{list, "topk", 16, "Best patches"};
  cli::Option<std::int64_t> batch_size{list, "batch-size", 64, "Images"};
  cli::Option<std::string> fail{list, "fail", "Kind of failure"};
};

int work(const ToolOptions& options) {
  TORCH_CHECK_VALUE(*options.fail != "value", "topk: expected 1 to 4, got ", *options.topk, ".");
  TORCH_CHECK(*options.fail != "file", "a.pt: expected CLIP weights, got a page.");
  TORCH_CHECK_WITH(
      OutOfMemoryError, *options.fail != "memory",
      "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB of "
      "which 3.00 MiB is free. Of the allocated memory 78 GiB is allocated by PyTorch.\nSee more.");
  if (*options.fail == "other") throw std::runtime_error("fail: out of luck");
  std::cout << "topk " << *options.topk << "\n";
  return kExitDone;
}

Command tool() {
  return {"tool", "A tool.", "--topk 3", calls(work)};
}

struct Ran {
  int code;
  std::string output;
  std::string error;
};

Ran run_tool(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run(tool(), arguments);
  const std::string output = testing::internal::GetCapturedStdout();
  return {code, output, testing::internal::GetCapturedStderr()};
}

TEST(MessageOf, AddsDashesToTheNameOfAnOptionOnly) {
  const ToolOptions options;
  const auto message = [&](const char* text) { return message_of(std::runtime_error(text), options.list); };
  EXPECT_EQ(message("topk: expected 1"), "--topk: expected 1");
  EXPECT_EQ(message("topk is wrong: 1"), "topk is wrong: 1");
  EXPECT_EQ(message("top: expected 1"), "top: expected 1");
  EXPECT_EQ(message("--topk: expected 1"), "--topk: expected 1");
  EXPECT_EQ(message("a.pt: topk: expected 1"), "a.pt: topk: expected 1");
  EXPECT_EQ(message(""), "");
}

TEST(MessageOf, NamesTheOptionThatTakesAFileOfAnotherKind) {
  const ToolOptions options;
  const auto message = [&](artifact::FileKind kind) {
    return message_of(artifact::WrongFileKind(kind, "topk: got a file."), options.list);
  };
  EXPECT_EQ(message(artifact::FileKind::kStage2),
            "--topk: got a file. The option --eval-ckpt takes it (infer: --txt-ckpt).");
  EXPECT_EQ(message(artifact::FileKind::kImageList),
            "--topk: got a file. It is read from the data set; no option takes it.");
  EXPECT_EQ(message(artifact::FileKind::kOther), "--topk: got a file. Name another file.");
}

TEST(FileAdvice, IsGivenForEveryKind) {
  for (const auto& [kind, name] : Names<artifact::FileKind>::kTable) EXPECT_NE(file_advice(kind), "") << name;
}

TEST(RunCommand, PrintsTheResultOfItsWork) {
  const Ran ran = run_tool({"--topk", "3"});
  EXPECT_EQ(ran.code, kExitDone);
  EXPECT_EQ(ran.output, "topk 3\n");
  EXPECT_EQ(ran.error, "");
}

TEST(RunCommand, PrintsHelpWithItsExample) {
  const Ran ran = run_tool({"--help"});
  EXPECT_EQ(ran.code, kExitDone);
  EXPECT_NE(ran.output.find("Example:\n  tool --topk 3"), std::string::npos) << ran.output;
}

TEST(RunCommand, NamesTheOptionOfAnErrorAsAFlag) {
  const Ran value = run_tool({"--fail", "value"});
  EXPECT_EQ(value.code, kExitUsage);
  EXPECT_EQ(value.error, "tool: --topk: expected 1 to 4, got 16.\n");
  const Ran file = run_tool({"--fail", "file"});
  EXPECT_EQ(file.code, kExitFailed);
  EXPECT_EQ(file.error, "tool: a.pt: expected CLIP weights, got a page.\n");
  const Ran other = run_tool({"--fail", "other"});
  EXPECT_EQ(other.code, kExitFailed);
  EXPECT_EQ(other.error, "tool: --fail: out of luck\n");
}

TEST(RunCommand, NamesTheOptionThatNeedsLessMemory) {
  const Ran ran = run_tool({"--fail", "memory"});
  EXPECT_EQ(ran.code, kExitFailed);
  EXPECT_EQ(ran.error,
            "tool: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB "
            "of which "
            "3.00 MiB is free. Lower --batch-size, or close other programs on this GPU.\n");
}

TEST(RunCommand, WritesTheSameMessageForItsLauncher) {
  const std::string file = test::scratch_folder("error") + "/error.json";
  setenv("TORCHELASTIC_ERROR_FILE", file.c_str(), 1);
  run_tool({"--fail", "value"});
  unsetenv("TORCHELASTIC_ERROR_FILE");
  EXPECT_NE(test::file_text(file).find("--topk: expected 1 to 4, got 16."), std::string::npos);
}

TEST(RunCommand, RefusesUsageErrors) {
  const Ran ran = run_tool({"--topk", "many"});
  EXPECT_EQ(ran.code, kExitUsage);
  EXPECT_EQ(ran.output, "");
}

}  // namespace
}  // namespace mkt::commands
