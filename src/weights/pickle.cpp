#include "weights/pickle.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>

#include <utility>

#include "io/bytes.h"
#include "weights/unpickler.h"

namespace mkt::weights {
namespace {

using Kind = Value::Kind;
constexpr std::uint8_t kStop = '.';
constexpr std::size_t kMostValues = 8'000'000;

}  // namespace

std::string kind_name(Kind kind) {
  constexpr const char* kNames[] = {"nothing (None)", "a bool",   "an integer",    "a big integer",
                                    "a float",        "a string", "bytes",         "a list",
                                    "a tuple",        "a dict",   "an object",     "a class or function",
                                    "a storage",      "a tensor", "a NumPy dtype", "a NumPy array"};
  return kNames[static_cast<int>(kind)];
}

const Value* find(const Value& dict, std::string_view key) {
  if (dict.kind != Kind::kDict && dict.kind != Kind::kObject) return nullptr;
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2) {
    const Value& candidate = *dict.items[i - 2];
    if (candidate.kind == Kind::kString && candidate.text == key) return dict.items[i - 1];
  }
  return nullptr;
}

Pickle parse_pickle(std::string_view bytes, const std::string& where) {
  return Unpickler(bytes, where).run();
}

Unpickler::Unpickler(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

Pickle Unpickler::run() {
  for (;;) {
    const auto op = static_cast<std::uint8_t>(take(1)[0]);
    if (op == kStop) break;
    step(op);
  }
  pickle_.root = pop();
  pickle_.end = at_;
  return std::move(pickle_);
}

void Unpickler::fail(const std::string& what) const {
  TORCH_CHECK(false, where_, ": ", what, " (pickle offset ", at_, "). Download or write the file again.");
}

std::string_view Unpickler::take(std::uint64_t size) {
  if (size > bytes_.size() - at_) fail("the pickle is truncated");
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

std::string_view Unpickler::line() {
  const std::size_t end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) fail("the pickle is truncated");
  const std::string_view text = take(end + 1 - at_);
  return text.substr(0, text.size() - 1);
}

std::uint64_t Unpickler::little(std::size_t bytes) {
  return io::read_little(reinterpret_cast<const std::uint8_t*>(take(bytes).data()), bytes);
}

/// Adds `amount` to the memory used for copies of existing data (a list through dict(), a string through
/// encode()) and fails above a limit, so that a small pickle cannot exhaust memory.
void Unpickler::charge(std::size_t amount) {
  constexpr std::size_t kFree = 1 << 20;
  cost_ += amount;
  if (cost_ / 16 > bytes_.size() + kFree) fail("the pickle holds far more data than its size allows");
}

Value* Unpickler::make(Kind kind) {
  if (pickle_.nodes.size() >= kMostValues)
    fail(fmt::format("the pickle holds more than {} values", kMostValues));
  pickle_.nodes.emplace_back().kind = kind;
  return &pickle_.nodes.back();
}

Value* Unpickler::make_text(Kind kind, std::string text) {
  charge(text.size());
  Value* value = make(kind);
  value->text = std::move(text);
  return value;
}

Value* Unpickler::make_int(Kind kind, std::int64_t integer) {
  Value* value = make(kind);
  value->integer = integer;
  return value;
}

Value* Unpickler::make_items(Kind kind, std::vector<Value*> items) {
  Value* value = make(kind);
  value->items = std::move(items);
  return value;
}

Value* Unpickler::make_set(std::vector<Value*> items) {
  Value* value = make_items(Kind::kList, std::move(items));
  value->unordered = true;
  return value;
}

Value* Unpickler::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
    fail("the pickle pops more values than it has pushed");
  return stack_.back();
}

Value* Unpickler::pop() {
  Value* value = top();
  stack_.pop_back();
  return value;
}

std::vector<Value*> Unpickler::pop_last(std::size_t count) {
  if (stack_.size() - (marks_.empty() ? 0 : marks_.back()) < count)
    fail("the pickle pops more values than it has pushed");
  const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<Value*> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  return items;
}

std::vector<Value*> Unpickler::pop_to_mark() {
  if (marks_.empty()) fail("the pickle lacks a mark");
  std::vector<Value*> items = pop_last(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

void Unpickler::recall(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail(fmt::format("the pickle recalls value {}, which it never stored", key));
  push(found->second);
}

void Unpickler::step(std::uint8_t op) {
  const bool known = step_number(op) || step_text_number(op) || step_string(op) || step_container(op) ||
                     step_fill(op) || step_memo(op) || step_object(op) || step_class(op);
  if (!known)
    fail(fmt::format("the pickle has the opcode {}, which plain data does not need", static_cast<int>(op)));
}

}  // namespace mkt::weights
