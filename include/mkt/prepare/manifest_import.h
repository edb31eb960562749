#pragma once
// Manifests (data/manifest.h) of what people have, and back to CSV.

#include <string>

#include "mkt/prepare/manifest_options.h"

namespace mkt::prepare {

// All importers write <name>.toml, <name>.train.jsonl, <name>.test.jsonl, <name>.seen.txt and
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

/// COCO's instances JSON (cocodataset.org, "Data format", object detection): a picture's labels are the
/// categories of its annotations, crowds too. Pictures lie under `options.images`, or in the folder there
/// that the JSON file is named after (instances_train2017.json: train2017). Where both lists of labels are
/// given, other categories are left out. Throws c10::Error naming the file and the picture or annotation that
/// does not fit. One annotation is in memory at a time.
std::string import_coco(const CocoOptions& options);

/// Writes the columns image, split, labels, absent, and beside the file the lists <name>.seen.txt and
/// <name>.unseen.txt, with which import_csv makes the same manifest again. Throws c10::Error naming the line
/// of a label that holds the separator. Returns the file's path.
std::string export_csv(const ToCsvOptions& options);

}  // namespace mkt::prepare
