#pragma once
// Importers: convert other data formats to manifests (data/manifest.h). export_csv converts a manifest to
// CSV.

#include <string>

#include "imports/manifest_options.h"

namespace mkt::imports {

// Every importer writes <name>.toml, <name>.train.jsonl, <name>.test.jsonl, <name>.seen.txt and
// <name>.unseen.txt, for labels with ids also <name>.seen-ids.txt and <name>.unseen-ids.txt, the TOML file
// last, and returns the counts on one line unless its comment says otherwise. The same source and seed
// produce the same files. If the source does not assign an image to a split, the image is for test if it has
// unseen labels only; a random share of the other images is for test as well.

/// Imports a folder with one subfolder per label. A subfolder contains the label's images at any depth.
/// Throws ValueError if `options.folders` contains no images.
std::string import_folders(const FoldersOptions& options);

/// Imports a CSV file (RFC 4180, first line: column names) with one image per line. Throws c10::Error naming
/// file and line if a quote is not closed, the number of fields differs from the header, an image is missing
/// or duplicated, or a label is duplicated or not in the label lists.
std::string import_csv(const CsvOptions& options);

/// Imports COCO's instances JSON (cocodataset.org, "Data format", object detection). An image's labels are
/// the categories of its annotations, including crowd annotations. The images are in `options.images` or in
/// the subfolder named after the JSON file (train2017 for instances_train2017.json). If both label lists are
/// given, other categories are skipped. Throws c10::Error naming the file and the invalid image or
/// annotation. The JSON is parsed as a stream: one annotation's JSON is in memory at a time.
std::string import_coco(const CocoOptions& options);

/// Imports Open Images V4 to V7 (storage.googleapis.com/openimages). A label is a class's id; the name is
/// only its text. A row with confidence 1 makes a label present, a row with confidence 0 absent; all other
/// labels are unknown. Duplicate rows count once; if rows contradict each other, the last one counts, or the
/// label is unknown for the image. Seen labels are the trainable classes, unseen labels the most frequent
/// other classes of the test images (or the given lists, or the places given in a pool of ids). Skips other
/// classes, images without a file, images without seen or unseen labels and training images with too many
/// seen ones. Returns the counts on several lines, including the numbers of skipped images, and whether the
/// unseen labels are the published ones. Throws c10::Error naming file and line. Memory: the rows for one
/// image, plus 8 bytes per image.
std::string import_open_images(const OpenImagesOptions& options);

/// Imports Pascal VOC (host.robots.ox.ac.uk/pascal/VOC, ImageSets/Main in the development kit). Each class
/// has a file with 1, -1 or 0 per image: present, absent, or difficult. A difficult label is unknown unless
/// the options make it present. Throws c10::Error naming file and line if the number of fields or a value is
/// invalid, an image is duplicated, or an image is missing from the file of another class.
std::string import_voc(const VocOptions& options);

/// Writes a manifest as CSV with the columns image, split, labels and absent, and the label lists
/// <name>.seen.txt and <name>.unseen.txt beside it, and lists of the ids if labels have ids, which then are
/// the labels of the columns. import_csv converts them back to an equal manifest. Throws c10::Error naming
/// the manifest line if a label contains the separator. Returns the path of the CSV file.
std::string export_csv(const ToCsvOptions& options);

}  // namespace mkt::imports
