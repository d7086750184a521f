#include "json_patch.hpp"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "json_binary.hpp"
#include "json_print.hpp"
#include "json_string.hpp"

namespace keelback::vm::json {

namespace {

// A label and its value, both as JSONB. Labels are views of target or patch.
struct Member {
  std::string_view label;
  std::string value;

  bool has_label(std::string_view other) const {
    return is_same_label(payload_of(label, element_bounds(label, 0)), is_raw_text(kind_at(label, 0)),
                         payload_of(other, element_bounds(other, 0)), is_raw_text(kind_at(other, 0)));
  }
};

Status read_members(std::string_view data, std::vector<Member>& members) {
  const Bounds object = element_bounds(data, 0);
  size_t position = object.start;
  while (position < object.end) {
    const size_t value = element_bounds(data, position).end;
    const size_t value_end = value ? element_bounds(data, value).end : 0;
    if (!is_label(kind_at(data, position)) || value_end == 0 || value_end > object.end) return malformed();
    members.push_back({data.substr(position, value - position), std::string(data.substr(value, value_end - value))});
    position = value_end;
  }
  return ok_status;
}

// An object being patched: its old header, its members, and those of the patch that are still to come, last first.
// Views of an old value stay good: the value of a member is replaced only when the merge inside of it is done.
struct Merge {
  std::string old_header;
  size_t old_size = 0;
  bool was_object = false;
  std::vector<Member> members;
  std::vector<Member> patches;
  Member* owner = nullptr;
  // What labels of the members view, where the target is the value of a member.
  std::string kept_target;
  std::string kept_patch;

  Status begin(std::string_view target, std::string_view patch, Member* of) {
    owner = of;
    kept_target.assign(target);
    kept_patch.assign(patch);
    const Bounds bounds = element_bounds(kept_target, 0);
    was_object = kind_at(kept_target, 0) == kind_object;
    old_header = kept_target.substr(0, bounds.start);
    old_size = bounds.end - bounds.start;
    if (was_object) KEELBACK_TRY(read_members(kept_target, members));
    KEELBACK_TRY(read_members(kept_patch, patches));
    for (size_t low = 0, high = patches.size(); low + 1 < high; ++low) std::swap(patches[low], patches[--high]);
    return ok_status;
  }

  // The object; its old header stays if the size does.
  std::string assembled() const {
    std::string payload;
    for (const Member& member : members) payload.append(member.label).append(member.value);
    if (was_object && old_size == payload.size()) return old_header + payload;
    return element(kind_object, payload);
  }
};

// One member of the patch; `deeper` is the merge of its value where that is an object.
Status apply(Merge& merge, const Member& change, std::unique_ptr<Merge>& deeper) {
  const int kind = kind_at(change.value, 0);
  size_t found = 0;
  while (found < merge.members.size() && !merge.members[found].has_label(change.label)) ++found;
  const bool is_there = found < merge.members.size();
  if (kind == kind_null) {
    if (is_there) merge.members.erase(merge.members.begin() + static_cast<ptrdiff_t>(found));
    return ok_status;
  }
  if (kind != kind_object) {
    if (is_there) {
      merge.members[found].value = overwrite(merge.members[found].value.size(), change.value);
    } else {
      merge.members.push_back(change);
    }
    return ok_status;
  }
  if (!is_there) merge.members.push_back({change.label, element(kind_object, "")});
  Member& member = merge.members[found];
  deeper = std::make_unique<Merge>();
  return deeper->begin(member.value, change.value, &member);
}

// A patch of few members, none of them an object and none twice, is merged in one pass over the target. is_done: false
// where the patch is not of that kind.
Status merge_flat(std::string_view target, std::string_view patch, std::string& merged, bool& is_done) {
  constexpr size_t most_changes = 8;
  struct Change {
    std::string_view label;
    bool is_raw;
    std::string_view value;
    bool is_used;
  };
  std::array<Change, most_changes> changes;
  size_t count = 0;
  is_done = false;
  const Bounds asked = element_bounds(patch, 0);
  for (size_t position = asked.start; position < asked.end;) {
    const Bounds label = element_bounds(patch, position);
    const size_t value_end = label.is_sound() ? element_bounds(patch, label.end).end : 0;
    if (count == most_changes || !is_label(kind_at(patch, position)) || value_end == 0 || value_end > asked.end ||
        kind_at(patch, label.end) == kind_object) {
      return ok_status;
    }
    const Change change{payload_of(patch, label), is_raw_text(kind_at(patch, position)),
                        patch.substr(label.end, value_end - label.end), false};
    for (size_t place = 0; place < count; ++place) {
      if (is_same_label(changes[place].label, changes[place].is_raw, change.label, change.is_raw)) return ok_status;
    }
    changes[count++] = change;
    position = value_end;
  }
  is_done = true;
  const bool was_object = kind_at(target, 0) == kind_object;
  const Bounds object = element_bounds(target, 0);
  std::string payload;
  payload.reserve(target.size() + patch.size());
  for (size_t position = object.start; was_object && position < object.end;) {
    const Bounds label = element_bounds(target, position);
    const size_t value_end = label.is_sound() ? element_bounds(target, label.end).end : 0;
    if (!is_label(kind_at(target, position)) || value_end == 0 || value_end > object.end) return malformed();
    const std::string_view name = payload_of(target, label);
    const bool is_raw = is_raw_text(kind_at(target, position));
    size_t found = 0;
    while (found < count &&
           (changes[found].is_used || !is_same_label(name, is_raw, changes[found].label, changes[found].is_raw))) {
      ++found;
    }
    if (found == count) {
      payload.append(target.substr(position, value_end - position));
    } else {
      changes[found].is_used = true;
      if (kind_at(changes[found].value, 0) != kind_null) {
        payload.append(target.substr(position, label.end - position));
        payload.append(overwrite(value_end - label.end, changes[found].value));
      }
    }
    position = value_end;
  }
  size_t position = asked.start;
  for (size_t place = 0; place < count; ++place) {
    const size_t value = element_bounds(patch, position).end;
    const size_t value_end = element_bounds(patch, value).end;
    if (!changes[place].is_used && kind_at(patch, value) != kind_null) {
      payload.append(patch.substr(position, value_end - position));
    }
    position = value_end;
  }
  merged.reserve(payload.size() + 8);
  if (was_object && object.end - object.start == payload.size()) {
    merged.assign(target.substr(0, object.start));
  } else {
    merged.clear();
    append_header(merged, kind_object, payload.size());
  }
  merged.append(payload);
  return ok_status;
}

}  // namespace

Status merge_patch(InterruptSource& source, std::string_view target, std::string_view patch, std::string& merged) {
  if (kind_at(patch, 0) != kind_object) {
    merged = overwrite(target.size(), patch);
    return ok_status;
  }
  bool is_done = false;
  KEELBACK_TRY(merge_flat(target, patch, merged, is_done));
  if (is_done) return ok_status;
  InterruptWatch watch(source);
  std::vector<std::unique_ptr<Merge>> stack;
  stack.push_back(std::make_unique<Merge>());
  KEELBACK_TRY(stack.back()->begin(target, patch, nullptr));
  for (;;) {
    Merge& merge = *stack.back();
    // Each label is looked for among all members.
    KEELBACK_TRY(watch.work(16 * merge.members.size() + 1));
    if (!merge.patches.empty()) {
      const Member change = std::move(merge.patches.back());
      merge.patches.pop_back();
      std::unique_ptr<Merge> deeper;
      KEELBACK_TRY(apply(merge, change, deeper));
      if (!deeper) continue;
      if (stack.size() > maximum_depth) return too_deep();
      stack.push_back(std::move(deeper));
      continue;
    }
    merged = merge.assembled();
    Member* owner = merge.owner;
    stack.pop_back();
    if (!owner) return ok_status;
    owner->value = merged;
  }
}

}  // namespace keelback::vm::json
