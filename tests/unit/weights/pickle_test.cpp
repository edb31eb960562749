#include "weights/pickle.h"

#include <gtest/gtest.h>

#include "core/text.h"
#include "support/message.h"

namespace mkt::weights {
namespace {

using test::message_of;
using Kind = Value::Kind;
using namespace std::string_literals;

std::string pickle_refusal(const std::string& pickle) {
  std::string message = message_of([&] { parse_pickle(pickle, "f.pkl"); });
  EXPECT_EQ(message.rfind("f.pkl: ", 0), 0U) << message;
  return message;
}

TEST(Pickle, ReadsNumbersOfEveryOpcode) {
  const auto integer = [](const std::string& pickle) { return parse_pickle(pickle, "f").root->integer; };
  EXPECT_EQ(integer("J\xfe\xff\xff\xff."), -2);
  EXPECT_EQ(integer("M\x01\x02."), 513);
  EXPECT_EQ(integer("\x8a\x02\x00\xff."s), -256);
  EXPECT_EQ(integer("\x8a\x00."s), 0);
  EXPECT_EQ(integer("L-123L\n."), -123);
  EXPECT_EQ(integer("I01\n."), 1);
  EXPECT_EQ(parse_pickle("I01\n.", "f").root->kind, Kind::kBool);
  EXPECT_EQ(parse_pickle("F-2.5\n.", "f").root->real, -2.5);
  EXPECT_EQ(parse_pickle("G\xc0\x04\x00\x00\x00\x00\x00\x00."s, "f").root->real, -2.5);
}

TEST(Pickle, ReadsTextOfEveryOpcode) {
  const auto text = [](const std::string& pickle) { return parse_pickle(pickle, "f").root->text; };
  EXPECT_EQ(text("S'it\\'s \\x41\\n'\n."), "it's A\n");
  EXPECT_EQ(text("V\\u6d77\\U0001F600 caf\xe9\n."), "\xe6\xb5\xb7\xf0\x9f\x98\x80 caf\xc3\xa9");
  EXPECT_EQ(text("\x8d\x02\0\0\0\0\0\0\0hi."s), "hi");
}

TEST(Pickle, ReadsContainersAndMemo) {
  const Pickle pickle = parse_pickle(
      "}(U\x01"
      "a](K\x01K\x02"
      "eq\x07U\x01"
      "bh\x07u.",
      "f");
  const Value* a = find(*pickle.root, "a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->items.size(), 2U);
  EXPECT_EQ(find(*pickle.root, "b"), a);
  EXPECT_EQ(find(*pickle.root, "c"), nullptr);
}

TEST(Pickle, RejectsGlobalsOutsideTheAllowlistByName) {
  for (const char* name :
       {"posix system", "builtins eval", "builtins getattr", "builtins exec", "os system", "subprocess Popen",
        "torch load", "torch.hub load", "torch._utils _rebuild_qtensor", "numpy load", "operator attrgetter",
        "__torch__x y", "runpy run_path"}) {
    const std::string global(name);
    const std::size_t space = global.find(' ');
    const std::string module = global.substr(0, space);
    const std::string what = global.substr(space + 1);
    const std::string message = pickle_refusal("c" + module + "\n" + what + "\n(U\x02hitR.");
    EXPECT_NE(message.find("expected plain data, got a pickle that names '" + module + "." + what + "'"),
              std::string::npos);
  }
}

TEST(Pickle, RejectsCallsOfAllowlistedClasses) {
  EXPECT_NE(pickle_refusal("ctorch\nFloatStorage\n(K\x05tR.").find("calls torch.FloatStorage"),
            std::string::npos);
  EXPECT_NE(pickle_refusal("U\x02hi)R.").find("calls a string"), std::string::npos);
  EXPECT_NE(pickle_refusal("ccopyreg\n_reconstructor\n(ctorch\nFloatStorage\ntR.")
                .find("makes an object of torch."),
            std::string::npos);
  EXPECT_NE(pickle_refusal("\x82\x01.").find("opcode 130"),
            std::string::npos);  // EXT1 refers to the extension registry
}

TEST(Pickle, RejectsMalformedPickles) {
  for (const std::string& pickle : {"."s,
                                    "0."s,
                                    "t."s,
                                    "h\x05."s,
                                    "g-1\n."s,
                                    "U\x05hi."s,
                                    "X\xff\xff\xff\xffhi."s,
                                    "K\x01K\x02s."s,
                                    "}K\x01u."s,
                                    "}(K\x01u."s,
                                    "]K\x01K\x02s."s,
                                    "I12x\n."s,
                                    "Ihello\n."s,
                                    "Shi\n."s,
                                    "S'hi\\'\n."s,
                                    "S'\\xg1'\n."s,
                                    "(."s,
                                    "K\x01"s,
                                    "\x86."s,
                                    "R."s,
                                    "b."s,
                                    "K\x01}b."s,
                                    "Pid\n."s,
                                    "K\x01Q."s,
                                    "(o."s,
                                    "(K\x01o."s,
                                    "\x93."s,
                                    "\x8e\xff\xff\xff\xff\xff\xff\xff\xff."s}) {
    EXPECT_NE(pickle_refusal(pickle).find("the pickle"), std::string::npos) << testing::PrintToString(pickle);
  }
}

TEST(Pickle, AcceptsAnyDepth) {
  const std::string tuples = "N" + std::string(2'000'000, '\x85') + ".";
  EXPECT_EQ(parse_pickle(tuples, "f").root->kind, Kind::kTuple);
  EXPECT_EQ(parse_pickle("]q\x01h\x01"
                         "a.",
                         "f")
                .root->kind,
            Kind::kList);  // a list that contains itself
}

TEST(Pickle, LimitsTheMemoryOfSmallPickles) {
  EXPECT_NE(pickle_refusal(std::string(9'000'000, 'N') + ".").find("more than 8000000 values"),
            std::string::npos);
  std::string copies = "c_codecs\nencode\nq\x01X" + "\x00\x00\x10\x00"s + std::string(1 << 20, 'a') +
                       "U\x06latin1" + "\x86q\x02" + "0";
  for (int i = 0; i < 100000; ++i) copies += "h\x01h\x02R";
  EXPECT_NE(pickle_refusal(copies + ".").find("holds far more data than its size allows"), std::string::npos);
}

}  // namespace
}  // namespace mkt::weights
