#include "io/event_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>

#include "support/command.h"
#include "support/events.h"
#include "support/message.h"

namespace mkt::io {
namespace {

using Events = std::vector<std::string>;

TEST(Crc32c, AgreesWithTheExamplesOfTheStandard) {
  std::string rising(32, '\0');
  std::iota(rising.begin(), rising.end(), '\0');
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aa);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43);
  EXPECT_EQ(crc32c(rising), 0x46dd794e);
  EXPECT_EQ(crc32c(std::string(rising.rbegin(), rising.rend())), 0x113fdb5c);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventFile, ContainsVersionStartAndScalars) {
  const std::string folder = test::scratch_folder("events") + "/tensorboard";
  EventFile file(folder, 300);
  file.write(wall_time_now(), 300, {{"step/rank_loss", 0.5}, {"step/lr", -2}});
  file.write(wall_time_now(), 1LL << 40, {{std::string(200, 'a'), 1}});
  EXPECT_EQ(test::EventReader(file.path()).read(),
            (Events{"version brain.Event:2", "start 300", "300 step/rank_loss=0.500000 step/lr=-2.000000",
                    "1099511627776 " + std::string(200, 'a') + "=1.000000"}));
}

TEST(EventFile, SortsAfterEarlierFilesEvenWithinASecond) {
  const std::string folder = test::scratch_folder("events");
  std::vector<std::string> paths;
  for (int i = 0; i < 3; ++i) paths.push_back(EventFile(folder, i).path());
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
  EXPECT_EQ(paths[0].rfind(folder + "/events.out.tfevents.", 0), 0U) << paths[0];
  EXPECT_NE(paths[0].find("." + std::to_string(getpid())), std::string::npos) << paths[0];
}

TEST(EventFile, ReportsWhyItCannotBeCreated) {
  const std::string message = test::message_of([] { EventFile("/proc/nowhere", 0); });
  EXPECT_NE(message.find("/proc/nowhere: cannot be created: "), std::string::npos) << message;
}

}  // namespace
}  // namespace mkt::io
