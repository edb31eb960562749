#pragma once
// Manifests (data/manifest.h) of what people have, and back to CSV.

#include <string>

#include "imports/manifest_options.h"

namespace mkt::imports {

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

/// Open Images V4 to V7 (storage.googleapis.com/openimages): classes' ids become names; a row of confidence 1
/// makes a label present, one of 0 absent, and what no row names is unknown. Rows that say the same are one;
/// where rows of a picture differ, the label is unknown. Seen are the trainable classes, unseen those of the
/// others that most test pictures show (or what lists say); other classes are left out, and so are pictures
/// without a file or without a label that counts. Returns the counts, what was left out among them, on a few
/// lines. Throws c10::Error naming file and line. One picture's rows are in memory at a time, and 8 bytes a
/// picture.
std::string import_open_images(const OpenImagesOptions& options);

/// Pascal VOC (host.robots.ox.ac.uk/pascal/VOC, the development kit's ImageSets/Main): a class's file says 1,
/// -1 or 0 of each picture: present, absent, or difficult, which is unknown unless the options say present.
/// Throws c10::Error naming file and line: another number of fields, another value, a picture twice or not in
/// all classes' files.
std::string import_voc(const VocOptions& options);

/// Writes the columns image, split, labels, absent, and beside the file the lists <name>.seen.txt and
/// <name>.unseen.txt, with which import_csv makes the same manifest again. Throws c10::Error naming the line
/// of a label that holds the separator. Returns the file's path.
std::string export_csv(const ToCsvOptions& options);

}  // namespace mkt::imports
