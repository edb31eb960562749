#include <fmt/core.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "io/bytes.h"
#include "weights/pickle_text.h"
#include "weights/unpickler.h"

// Implements the pickle opcodes, grouped by the kind of value that they push. Source: CPython's
// Lib/pickletools.py.
namespace mkt::weights {
namespace {
using Kind = Value::Kind;
}  // namespace

bool Unpickler::step_number(std::uint8_t op) {
  switch (op) {
    case 'N':
      return push(make(Kind::kNone)), true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      return push(make_int(Kind::kBool, op == 0x88 ? 1 : 0)), true;
    case 'J':  // BININT
      return push(make_int(Kind::kInt, static_cast<std::int32_t>(little(4)))), true;
    case 'K':  // BININT1
      return push(make_int(Kind::kInt, static_cast<std::int64_t>(little(1)))), true;
    case 'M':  // BININT2
      return push(make_int(Kind::kInt, static_cast<std::int64_t>(little(2)))), true;
    case 0x8a:  // LONG1
      return push_long(take(little(1))), true;
    case 0x8b:  // LONG4
      return push_long(take(little(4))), true;
    case 'G': {  // BINFLOAT, big-endian
      std::uint64_t bits = 0;
      for (const char byte : take(8)) bits = bits << 8 | static_cast<std::uint8_t>(byte);
      push(make(Kind::kFloat));
      std::memcpy(&top()->real, &bits, sizeof bits);
      return true;
    }
    default:
      return false;
  }
}

void Unpickler::push_long(std::string_view bytes) {
  if (bytes.size() > 8) return push(make_text(Kind::kBigInt, std::string(bytes)));
  std::uint64_t value = io::read_little(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const bool negative = !bytes.empty() && (static_cast<std::uint8_t>(bytes.back()) & 0x80) != 0;
  if (negative && bytes.size() < 8) value |= ~std::uint64_t{0} << (8 * bytes.size());
  push(make_int(Kind::kInt, static_cast<std::int64_t>(value)));
}

bool Unpickler::step_text_number(std::uint8_t op) {
  switch (op) {
    case 'I':
    case 'L':
      return push_text_int(line()), true;
    case 'F':
      push(make(Kind::kFloat));
      top()->real = std::strtod(std::string(line()).c_str(), nullptr);
      return true;
    default:
      return false;
  }
}

void Unpickler::push_text_int(std::string_view text) {
  if (text == "01" || text == "00") return push(make_int(Kind::kBool, text == "01" ? 1 : 0));
  if (!text.empty() && text.back() == 'L') text.remove_suffix(1);
  std::int64_t value = 0;
  if (!parse_int(text, &value))
    fail(fmt::format("the pickle has '{}' in place of an integer", text.substr(0, 40)));
  push(make_int(Kind::kInt, value));
}

bool Unpickler::step_string(std::uint8_t op) {
  const auto put = [&](Kind kind, std::size_t size_bytes) {
    push(make_text(kind, std::string(take(little(size_bytes)))));
    return true;
  };
  switch (op) {
    case 'S':
      return push_literal(line()), true;
    case 'V':
      return push(make_text(Kind::kString, unescape_unicode(line()))), true;
    case 'U':   // SHORT_BINSTRING
    case 0x8c:  // SHORT_BINUNICODE
      return put(Kind::kString, 1);
    case 'T':  // BINSTRING
    case 'X':  // BINUNICODE
      return put(Kind::kString, 4);
    case 0x8d:  // BINUNICODE8
      return put(Kind::kString, 8);
    case 'C':  // SHORT_BINBYTES
      return put(Kind::kBytes, 1);
    case 'B':  // BINBYTES
      return put(Kind::kBytes, 4);
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return put(Kind::kBytes, 8);
    default:
      return false;
  }
}

void Unpickler::push_literal(std::string_view literal) {
  std::string text;
  if (!unquote(literal, &text)) fail("the pickle has a malformed string");
  push(make_text(Kind::kString, std::move(text)));
}

bool Unpickler::step_container(std::uint8_t op) {
  switch (op) {
    case ')':
      return push(make(Kind::kTuple)), true;
    case ']':
      return push(make(Kind::kList)), true;
    case 0x8f:  // EMPTY_SET
      return push(make_set({})), true;
    case '}':
      return push(make(Kind::kDict)), true;
    case 't':
      return push(make_items(Kind::kTuple, pop_to_mark())), true;
    case 'l':
      return push(make_items(Kind::kList, pop_to_mark())), true;
    case 0x91:  // FROZENSET
      return push(make_set(pop_to_mark())), true;
    case 'd': {
      const std::vector<Value*> items = pop_to_mark();
      push(make(Kind::kDict));
      return extend(top(), items, true), true;
    }
    case 0x85:  // TUPLE1, TUPLE2, TUPLE3
    case 0x86:
    case 0x87:
      return push(make_items(Kind::kTuple, pop_last(op - 0x84U))), true;
    default:
      return false;
  }
}

bool Unpickler::step_fill(std::uint8_t op) {
  std::vector<Value*> items;
  switch (op) {
    case 'a':  // APPEND
      items = pop_last(1);
      return extend(top(), items, false), true;
    case 's':  // SETITEM
      items = pop_last(2);
      return extend(top(), items, true), true;
    case 'e':   // APPENDS
    case 0x90:  // ADDITEMS
      items = pop_to_mark();
      return extend(top(), items, false), true;
    case 'u':  // SETITEMS
      items = pop_to_mark();
      return extend(top(), items, true), true;
    default:
      return false;
  }
}

void Unpickler::extend(Value* container, const std::vector<Value*>& items, bool pairs) {
  const Kind expected = pairs ? Kind::kDict : Kind::kList;
  if (container->kind != expected)
    fail(fmt::format("the pickle fills {} with items", kind_name(container->kind)));
  if (pairs && items.size() % 2 != 0) fail("the pickle has a key without a value");
  container->items.insert(container->items.end(), items.begin(), items.end());
}

bool Unpickler::step_memo(std::uint8_t op) {
  const auto number = [&] {
    std::int64_t key = 0;
    if (!parse_int(line(), &key) || key < 0) fail("the pickle has a malformed memo number");
    return static_cast<std::uint64_t>(key);
  };
  switch (op) {
    case 'p':
      return memoize(number()), true;
    case 'q':
      return memoize(little(1)), true;
    case 'r':
      return memoize(little(4)), true;
    case 0x94:  // MEMOIZE
      return memoize(memo_.size()), true;
    case 'g':
      return recall(number()), true;
    case 'h':
      return recall(little(1)), true;
    case 'j':
      return recall(little(4)), true;
    default:
      return false;
  }
}

bool Unpickler::step_object(std::uint8_t op) {
  switch (op) {
    case 0x80:  // PROTO
      return little(1), true;
    case 0x95:  // FRAME
      return little(8), true;
    case '(':
      return marks_.push_back(stack_.size()), true;
    case '0':  // POP
      if (!marks_.empty() && marks_.back() == stack_.size()) return marks_.pop_back(), true;
      return pop(), true;
    case '1':  // POP_MARK
      return pop_to_mark(), true;
    case '2':  // DUP
      return push(top()), true;
    case 'P':
      return push(persistent(*make_text(Kind::kString, std::string(line())))), true;
    case 'Q':  // BINPERSID
      return push(persistent(*pop())), true;
    case 'b': {  // BUILD
      const Value* state = pop();
      return build(top(), *state), true;
    }
    default:
      return false;
  }
}

bool Unpickler::step_class(std::uint8_t op) {
  switch (op) {
    case 'c': {  // GLOBAL
      const std::string module(line());
      return push(global(module, std::string(line()))), true;
    }
    case 0x93: {  // STACK_GLOBAL
      const std::vector<Value*> names = pop_last(2);
      const bool strings = names[0]->kind == Kind::kString && names[1]->kind == Kind::kString;
      if (!strings) fail("the pickle names a global without strings");
      return push(global(names[0]->text, names[1]->text)), true;
    }
    case 'R':     // REDUCE
    case 0x81: {  // NEWOBJ
      const std::vector<Value*> call = pop_last(2);
      return push(reduce(*call[0], *call[1])), true;
    }
    case 'i': {  // INST
      const std::string module(line());
      const Value* type = global(module, std::string(line()));
      return push(reduce(*type, *make_items(Kind::kTuple, pop_to_mark()))), true;
    }
    case 'o':  // OBJ
      return push(instance(pop_to_mark())), true;
    default:
      return false;
  }
}

/// Makes an object from `call`: the class, then the constructor's arguments.
Value* Unpickler::instance(std::vector<Value*> call) {
  if (call.empty()) fail("the pickle makes an object without a class");
  const Value* type = call.front();
  call.erase(call.begin());
  return reduce(*type, *make_items(Kind::kTuple, std::move(call)));
}

}  // namespace mkt::weights
