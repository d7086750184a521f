// Paths into JSONB: looking up, and changing what a path names.
//
//     path = $ { .label | ."label" | [number] | [#] | [#-number] }
//
// 1. A look-up walks down one step at a time; the way it went is a list of the containers' places, so that an edit can
//    mend their sizes from the inside out. Nothing recurses: a path may be long.
// 2. An edit changes the data in place; what it does not touch keeps its bytes.
// 3. As in SQLite, a step's text is checked only when the element is of the kind that the step is for.
//
// Twin: keelback_core/reference/vm/functions/json_path.py.
#ifndef KEELBACK_VM_FUNCTIONS_JSON_PATH_HPP
#define KEELBACK_VM_FUNCTIONS_JSON_PATH_HPP

#include <cstdint>
#include <string>
#include <string_view>

#include "../../value/small_stack.hpp"

namespace keelback::vm::json {

// What a look-up answers instead of a place.
inline constexpr int64_t not_found = -1;
inline constexpr int64_t bad_path = -2;
inline constexpr int64_t damaged = -3;
inline constexpr int64_t not_an_array = -4;

// What to do at the end of the path.
enum class Edit : uint8_t { look, remove, replace, insert, set, array_insert };

class Walk {
 public:
  // A look-up. What is handed in must outlive the walk.
  Walk(std::string_view data, std::string_view path) : data_(data), path_(path) {}
  // An edit of the data.
  Walk(std::string& data, std::string_view path, Edit edit, std::string_view insertion)
      : data_(data), target_(&data), path_(path), edit_(edit), insertion_(insertion) {}

  // Walk from the root along the path behind its $; the place of the element, or what went wrong.
  int64_t follow();
  // Of an element that was found, and is a member of an object: the place of its label, else 0.
  int64_t label_place() const { return label_place_; }

 private:
  static constexpr size_t all_done = SIZE_MAX;
  // Where a step leads: the place of the element (or what went wrong), of its label, and where the path goes on.
  struct Step {
    int64_t place;
    int64_t label_place = 0;
    size_t after = 0;
  };
  // One `.label`: its bytes, whether they have no escapes, and where the path goes on.
  struct Label {
    std::string_view name;
    bool is_raw = true;
    size_t after = 0;
  };
  struct Number {
    int64_t value;
    size_t end;
  };

  char path_at(size_t at) const { return at < path_.size() ? path_[at] : '\0'; }
  bool read_label(size_t at, Label& label) const;
  Number read_number(size_t at) const;
  int64_t finish(int64_t place, int64_t label_place);
  void splice(size_t start, size_t end, std::string_view replacement);
  Step step_label(size_t place, size_t at);
  Number index(size_t place, size_t at) const;
  Step step_index(size_t place, size_t at);
  bool is_array_insert_elsewhere() const;
  int64_t build(size_t at, std::string& built) const;
  Number new_index(size_t at) const;

  std::string_view data_;
  std::string* target_ = nullptr;
  std::string_view path_;
  Edit edit_ = Edit::look;
  std::string_view insertion_;
  SmallStack<size_t, 8> way_;  // of an edit
  int64_t label_place_ = 0;
};

}  // namespace keelback::vm::json

#endif
