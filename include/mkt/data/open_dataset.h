#pragma once
// What --data-path may be: a folder in the NUS-WIDE layout, or a manifest (a file ending in .toml).

#include <string>
#include <utility>
#include <vector>

#include "mkt/data/manifest.h"
#include "mkt/data/nus_wide.h"

namespace mkt::data {

/// One split. Throws c10::Error with what is missing or does not fit (load_nus_wide, manifest.h). A
/// manifest's training split has the seen labels alone: what its lines say of unseen ones is not looked at.
/// It is refused where no label is absent from any picture: there would be nothing to rank the present ones
/// above.
Dataset load_data_set(const std::string& data_path, Split split, const NusWideOptions& options = {});

/// Both splits: {training, test}. `limit` is the test split's.
std::pair<Dataset, Dataset> load_data_set(const std::string& data_path, const NusWideOptions& options = {});

/// The labels alone, seen then unseen. Throws c10::Error naming what is missing.
std::vector<std::string> load_data_set_labels(const std::string& data_path);

/// SHA-256 over names and sets: by which a resumed run knows its inputs
/// again.
std::string digest(const std::vector<std::string>& names);
std::string digest(const std::vector<LabelSet>& sets);

/// Where the labels' features lie: label_emb.pt in the folder, or what the manifest says.
std::string label_features_path(const std::string& data_path);

}  // namespace mkt::data
