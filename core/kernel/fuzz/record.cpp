// Any bytes as a record: decoded in every encoding, compared, and encoded again to the same values.
#include <cstdlib>

#include "../value/record.hpp"

using namespace keelback;

namespace {

void check(Bytes record, int encoding) {
  static const KeyComparator comparator({0, sort_descending}, {{}, {Collation::Kind::nocase, nullptr, nullptr}});
  TextArena arena;
  std::vector<Value> values;
  const bool is_whole = decode_record(record, encoding, arena, values).is_ok();
  std::vector<RecordColumn> columns;
  if (record_columns(record, columns).is_ok() && is_whole && columns.size() != values.size()) std::abort();
  const std::span<const Value> key = std::span(values).first(std::min<size_t>(values.size(), 2));
  const Result<int> order = compare_record(record, key, comparator, encoding);
  if (!is_whole) return;
  if (order.is_ok() && order.value() != 0) std::abort();
  std::vector<uint8_t> again;
  encode_record(values, encoding, again);
  TextArena second_arena;
  std::vector<Value> second;
  if (!decode_record(again, encoding, second_arena, second).is_ok() || second.size() != values.size()) std::abort();
  for (size_t place = 0; place < values.size(); ++place) {
    if (values[place].type() != second[place].type()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const int encoding : {1, 2, 3}) check({data, size}, encoding);
  return 0;
}
