#include "weights/state_dict.h"

#include <c10/util/Exception.h>

#include <array>
#include <unordered_set>
#include <vector>

namespace mkt::weights {
namespace {

using Kind = Value::Kind;
using Specs = std::map<std::string, const TensorSpec*>;

constexpr int kDeepest = 64;
constexpr std::size_t kMostVisits = 1'000'000;  // repeated modules can make the number of paths exponential
constexpr std::array<std::string_view, 6> kUsualKeys = {"state_dict", "model_state_dict", "model", "module",
                                                        "net",        "student"};

bool holds_tensors(const Value& value) {
  if (value.kind != Kind::kDict) return false;
  for (std::size_t i = 1; i < value.items.size(); i += 2) {
    if (value.items[i]->kind == Kind::kTensor) return true;
  }
  return false;
}

const Value* usual_child(const Value& dict) {
  for (const std::string_view key : kUsualKeys) {
    const Value* child = find(dict, key);
    if (child != nullptr && child->kind == Kind::kDict && !child->items.empty()) return child;
  }
  return nullptr;
}

/// Finds the only child that is a dict of tensors; nullptr if there are several or if `dict` itself contains
/// tensors.
const Value* only_child(const Value& dict) {
  const Value* only = nullptr;
  std::unordered_set<const Value*> seen;  // a small file can refer to one large dict many times
  if (dict.kind != Kind::kDict || holds_tensors(dict)) return nullptr;
  for (std::size_t i = 1; i < dict.items.size(); i += 2) {
    if (!seen.insert(dict.items[i]).second || !holds_tensors(*dict.items[i])) continue;
    if (only != nullptr) return nullptr;
    only = dict.items[i];
  }
  return only;
}

const Value& innermost(const Value& root) {
  const Value* dict = &root;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const Value* child = dict->kind == Kind::kDict ? usual_child(*dict) : nullptr;
    if (child == nullptr) child = only_child(*dict);
    if (child == nullptr) break;
    dict = child;
  }
  return *dict;
}

class Walk {
 public:
  Walk(const std::string& path, Specs* found) : path_(path), found_(found) {}

  void visit(const Value& dict, const std::string& prefix, int depth) {
    TORCH_CHECK(depth < kDeepest, path_, ": modules nest deeper than ", kDeepest,
                ". Download the file again.");
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      TORCH_CHECK(++visits_ < kMostVisits, path_, ": more than ", kMostVisits,
                  " names. Download the file again.");
      const Value& key = *dict.items[i];
      if (key.kind == Kind::kString) visit_item(*dict.items[i + 1], prefix + key.text, depth);
    }
  }

 private:
  void visit_item(const Value& value, const std::string& name, int depth) {
    if (value.kind == Kind::kTensor) (*found_)[name] = value.tensor.get();
    if (value.kind == Kind::kDict || value.kind == Kind::kObject) visit(value, name + ".", depth + 1);
  }

  const std::string& path_;
  Specs* found_;
  std::size_t visits_ = 0;
};

}  // namespace

Specs find_state_dict(const Value& root, const std::string& path) {
  const Value& dict = innermost(root);
  const bool named = dict.kind == Kind::kDict || dict.kind == Kind::kObject;
  TORCH_CHECK(named, path, ": expected named tensors, got ", kind_name(dict.kind), ". Name a checkpoint.");
  Specs found;
  Walk(path, &found).visit(dict, "", 0);
  TORCH_CHECK(!found.empty(), path, ": expected named tensors, got ", kind_name(dict.kind),
              " without any. Name a checkpoint.");
  return found;
}

}  // namespace mkt::weights
