#pragma once
// Importers: write manifests (data/manifest.h) from other data formats; and the way back to CSV.

#include <string>

#include "imports/manifest_options.h"

namespace mkt::imports {

// All importers write <name>.toml, <name>.train.jsonl, <name>.test.jsonl, <name>.seen.txt and
// <name>.unseen.txt, the TOML file last, and return the counts on one line. Equal source and seed give equal
// files. If the source does not assign an image to a split, images with unseen labels only are for test, and
// so is a random share of the others.

/// Imports a folder with one subfolder per label, which holds the label's images at any depth. Throws
/// ValueError if `options.folders` has no images.
std::string import_folders(const FoldersOptions& options);

/// Imports a CSV file (RFC 4180, first line: column names) with one image per line. Throws c10::Error naming
/// file and line: an unclosed quote, another number of fields, an image that is missing or duplicated, a
/// label that is duplicated or not in the label lists.
std::string import_csv(const CsvOptions& options);

/// Imports COCO's instances JSON (cocodataset.org, "Data format", object detection): an image's labels are
/// the categories of its annotations, crowds included. Images lie in `options.images` or in its subfolder
/// that the JSON file is named after (instances_train2017.json: train2017). If both label lists are given,
/// other categories are skipped. Throws c10::Error naming the file and the image or annotation that does not
/// fit. Holds one annotation in memory at a time.
std::string import_coco(const CocoOptions& options);

/// Imports Open Images V4 to V7 (storage.googleapis.com/openimages). Class ids become names; a row of
/// confidence 1 makes a label present, one of 0 absent; all other labels are unknown. Equal rows count once;
/// if rows of an image contradict each other, the label is unknown. Seen labels are the trainable classes;
/// unseen labels are the most frequent other classes of the test images (or the given lists). Other classes
/// are skipped, and so are images without a file or without seen or unseen labels. Returns the counts on
/// several lines, including what was skipped. Throws c10::Error naming file and line. Memory: one image's
/// rows, and 8 bytes per image.
std::string import_open_images(const OpenImagesOptions& options);

/// Imports Pascal VOC (host.robots.ox.ac.uk/pascal/VOC, ImageSets/Main of the development kit). The file of a
/// class gives 1, -1 or 0 for each image: present, absent, or difficult, which is unknown unless the options
/// make it present. Throws c10::Error naming file and line: another number of fields, another value, an image
/// that is duplicated or not in the files of all classes.
std::string import_voc(const VocOptions& options);

/// Writes a manifest as CSV with the columns image, split, labels, absent, and beside it the label lists
/// <name>.seen.txt and <name>.unseen.txt; import_csv makes an equal manifest from them. Throws c10::Error
/// naming the line of a label that contains the separator. Returns the file's path.
std::string export_csv(const ToCsvOptions& options);

}  // namespace mkt::imports
