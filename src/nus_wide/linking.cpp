#include "nus_wide/linking.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <system_error>
#include <unordered_set>

#include "core/parallel.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;

bool is_correct(const Link& link, LinkKind kind) {
  std::error_code none;
  const bool symbolic = fs::is_symlink(link.target, none);
  if (symbolic || kind == LinkKind::kSymbolic)
    return symbolic && kind == LinkKind::kSymbolic && fs::read_symlink(link.target, none) == link.source;
  if (!fs::exists(link.target, none)) return false;
  const bool same_file = fs::equivalent(link.source, link.target, none);
  if (kind == LinkKind::kHard || same_file) return same_file && kind == LinkKind::kHard;
  return fs::file_size(link.target, none) == fs::file_size(link.source, none) &&
         fs::last_write_time(link.target, none) == fs::last_write_time(link.source, none);
}

/// Creates the target atomically: under a temporary name, then renamed.
std::error_code make(const Link& link, LinkKind kind) {
  const std::string beside = link.target + kHalfLink;
  std::error_code problem;
  fs::remove(beside, problem);  // left by a killed run
  if (kind == LinkKind::kSymbolic) {
    fs::create_symlink(link.source, beside, problem);
  } else if (kind == LinkKind::kHard) {
    fs::create_hard_link(link.source, beside, problem);
  } else {
    fs::copy_file(link.source, beside, problem);
    if (!problem) fs::last_write_time(beside, fs::last_write_time(link.source), problem);
  }
  if (!problem) fs::rename(beside, link.target, problem);
  return problem;
}

}  // namespace

void make_links(const std::vector<Link>& links, LinkKind kind, int workers) {
  std::unordered_set<std::string> folders;
  for (const Link& link : links) folders.insert(fs::path(link.target).parent_path().string());
  for (const std::string& folder : folders) fs::create_directories(folder);
  parallel_for(static_cast<std::int64_t>(links.size()), workers, [&](std::int64_t i) {
    const Link& link = links[static_cast<std::size_t>(i)];
    if (is_correct(link, kind)) return;
    const std::error_code problem = make(link, kind);
    TORCH_CHECK(!problem, "link: expected a ", enum_name(kind), " of ", link.source, " at ", link.target,
                ", got: ", problem.message(), ". Choose another kind: symbolic, hard or copy.");
  });
}

}  // namespace mkt::nus_wide
