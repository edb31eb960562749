#pragma once
// Manifests (data/manifest.h) of what people have, and back to CSV.

#include <string>

#include "mkt/prepare/manifest_options.h"

namespace mkt::prepare {

// Both importers write <name>.toml, <name>.train.jsonl, <name>.test.jsonl, <name>.seen.txt and
// <name>.unseen.txt, the TOML file last, and return the counts on one line. Same source and seed, same files.
// Where the source does not say what a picture is for, one that shows unseen labels alone is to test, and so
// is a drawn share of the others.

/// A folder a label, with its pictures (.jpg, .jpeg, .png) at any depth. Throws ValueError where
/// `options.folders` holds none.
std::string import_folders(const FoldersOptions& options);

/// A CSV file (RFC 4180, with a first line of column names) with a picture a line. Throws c10::Error naming
/// file and line: a quote that does not end, another number of fields, a picture that is not there or named
/// twice, a label that is not in the lists or named twice.
std::string import_csv(const CsvOptions& options);

/// Writes the columns image, split, labels, absent, and beside the file the lists <name>.seen.txt and
/// <name>.unseen.txt, with which import_csv makes the same manifest again. Throws c10::Error naming the line
/// of a label that holds the separator. Returns the file's path.
std::string export_csv(const ToCsvOptions& options);

}  // namespace mkt::prepare
