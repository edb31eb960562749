#pragma once
// Pickle virtual machine used by parse_pickle(): a stack, marks and a memo. pickle_opcodes.cpp implements the
// opcodes, pickle_globals.cpp the allowlisted globals.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weights/pickle.h"

namespace mkt::weights {

class Unpickler {
 public:
  Unpickler(std::string_view bytes, const std::string& where);
  Pickle run();

 private:
  // Reading bytes
  std::string_view take(std::uint64_t size);
  std::string_view line();
  std::uint64_t little(std::size_t bytes);

  // Stack, memo and nodes
  Value* make(Value::Kind kind);
  Value* make_text(Value::Kind kind, std::string text);
  Value* make_int(Value::Kind kind, std::int64_t integer);
  Value* make_items(Value::Kind kind, std::vector<Value*> items);
  Value* make_set(std::vector<Value*> items);
  Value* pop();
  Value* top();
  std::vector<Value*> pop_to_mark();
  std::vector<Value*> pop_last(std::size_t count);
  void push(Value* value) { stack_.push_back(value); }
  void memoize(std::uint64_t key) { memo_[key] = top(); }
  void recall(std::uint64_t key);
  void charge(std::size_t amount);

  // Opcodes by group (pickle_opcodes.cpp). Each step_… function executes `op` and returns true if `op` is in
  // its group.
  void step(std::uint8_t op);
  bool step_number(std::uint8_t op);
  bool step_text_number(std::uint8_t op);
  bool step_string(std::uint8_t op);
  bool step_container(std::uint8_t op);
  bool step_fill(std::uint8_t op);
  bool step_memo(std::uint8_t op);
  bool step_object(std::uint8_t op);
  bool step_class(std::uint8_t op);
  void push_long(std::string_view bytes);
  void push_text_int(std::string_view text);
  void push_literal(std::string_view literal);
  Value* instance(std::vector<Value*> call);
  void extend(Value* container, const std::vector<Value*>& items, bool pairs);

  // Globals (pickle_globals.cpp)
  Value* global(const std::string& module, const std::string& name);
  Value* reduce(const Value& callable, const Value& arguments);
  Value* reduce_numpy(const Value& callable, const Value& arguments);
  Value* persistent(const Value& id);
  void build(Value* object, const Value& state);
  Value* set_of(const Value& arguments);
  Value* make_dict(const Value& arguments);
  Value* make_tensor(const Value& arguments);
  Value* make_array(const Value* shape, const Value& dtype, const Value& data);
  Value* make_object(const Value& type);
  Value* encode(const Value& arguments);
  void build_array(Value* array, const Value& state);
  void build_object(Value* object, const Value& state);
  const Value& item(const Value& tuple, std::size_t i, Value::Kind kind) const;
  std::vector<std::int64_t> integers(const Value& tuple) const;

  [[noreturn]] void fail(const std::string& what) const;

  std::string_view bytes_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::size_t cost_ = 0;
  Pickle pickle_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Value*> memo_;
};

}  // namespace mkt::weights
