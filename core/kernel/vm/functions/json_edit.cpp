// The JSON functions that change JSON: insert, replace, set, array_insert, remove, patch.
//
// Twin: keelback_core/reference/vm/functions/json_edit.py.
#include "json_binary.hpp"
#include "json_patch.hpp"
#include "json_result.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

using namespace json;

// About what an argument adds to a document.
constexpr size_t likely_growth = 12;

constexpr const char* needs_odd(Edit edit) {
  switch (edit) {
    case Edit::insert:
      return "json_insert() needs an odd number of arguments";
    case Edit::replace:
      return "json_replace() needs an odd number of arguments";
    case Edit::array_insert:
      return "json_array_insert() needs an odd number of arguments";
    default:
      return "json_set() needs an odd number of arguments";
  }
}

template <Edit edit, bool as_binary>
Status change(const FunctionContext& context, Arguments arguments) {
  if (arguments.empty()) return give_null(context);
  if (arguments.size() % 2 == 0) return Status(result::ERROR, needs_odd(edit));
  if (arguments[0].is_null()) return give_null(context);
  std::string_view parsed;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], parsed));
  std::string data;
  data.reserve(parsed.size() + likely_growth * arguments.size());
  data.assign(parsed);
  InterruptWatch watch(context.host);
  for (size_t place = 1; place < arguments.size(); place += 2) {
    if (arguments[place].is_null()) continue;
    TextBuffer buffer;
    const std::string_view path = until_nul(text_bytes(arguments[place], buffer));
    if (!path.starts_with('$')) return path_error(context.host, bad_path, path);
    std::string insertion;
    KEELBACK_TRY(append_element_of(arguments[place + 1], is_marked(context, place + 1), insertion));
    if (path.size() == 1) {
      if (edit == Edit::replace || edit == Edit::set) data = overwrite(data.size(), insertion);
      continue;
    }
    KEELBACK_TRY(watch.work(data.size()));
    const int64_t outcome = Walk(data, path, edit, insertion).follow();
    if (outcome < not_found) return path_error(context.host, outcome, path);
  }
  return give_document<as_binary>(context, data);
}

template <bool as_binary>
Status remove(const FunctionContext& context, Arguments arguments) {
  if (arguments.empty() || arguments[0].is_null()) return give_null(context);
  std::string_view parsed;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], parsed));
  std::string data(parsed);
  InterruptWatch watch(context.host);
  for (size_t place = 1; place < arguments.size(); ++place) {
    if (arguments[place].is_null()) return give_null(context);
    TextBuffer buffer;
    const std::string_view path = until_nul(text_bytes(arguments[place], buffer));
    if (!path.starts_with('$')) return path_error(context.host, bad_path, path);
    if (path.size() == 1) return give_null(context);
    KEELBACK_TRY(watch.work(data.size()));
    const int64_t outcome = Walk(data, path, Edit::remove, std::string_view()).follow();
    if (outcome < not_found) return path_error(context.host, outcome, path);
  }
  return give_document<as_binary>(context, data);
}

template <bool as_binary>
Status patch(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) return give_null(context);
  std::string_view target;
  KEELBACK_TRY(parse_argument(context.host, arguments[0], target));
  if (arguments[1].is_null()) return give_null(context);
  std::string_view changes;
  KEELBACK_TRY(parse_argument(context.host, arguments[1], changes));
  std::string merged;
  KEELBACK_TRY(merge_patch(context.host, target, changes, merged));
  return give_document<as_binary>(context, merged);
}

constexpr ScalarEntry table[] = {
    {"json_insert", -1, change<Edit::insert, false>},
    {"jsonb_insert", -1, change<Edit::insert, true>},
    {"json_replace", -1, change<Edit::replace, false>},
    {"jsonb_replace", -1, change<Edit::replace, true>},
    {"json_set", -1, change<Edit::set, false>},
    {"jsonb_set", -1, change<Edit::set, true>},
    {"json_array_insert", -1, change<Edit::array_insert, false>},
    {"jsonb_array_insert", -1, change<Edit::array_insert, true>},
    {"json_remove", -1, remove<false>},
    {"jsonb_remove", -1, remove<true>},
    {"json_patch", 2, patch<false>},
    {"jsonb_patch", 2, patch<true>},
};

}  // namespace

std::span<const ScalarEntry> json_edit_scalars() { return table; }

}  // namespace keelback::vm::functions
