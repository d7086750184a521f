#include "record_shapes.hpp"

namespace keelback::vm {

const RecordShapes::Shape* RecordShapes::learn(Prefix prefix, size_t length, uint32_t header_size) {
  Shape& shape = shapes_.emplace_back();
  shape.prefix = prefix;
  uint32_t offset = header_size;
  uint32_t count = 0;
  for (size_t place = 1; place < length; ++place) {
    const auto type = static_cast<uint8_t>(place < 8 ? prefix.first >> 8 * place : prefix.second >> 8 * (place - 8));
    if (type >= 0x80) {
      shape.count = count;
      return &shape;
    }
    shape.types[count] = type;
    shape.offsets[count] = static_cast<uint16_t>(offset);
    offset += static_cast<uint32_t>(serial_size(type));
    shape.ends[count++] = static_cast<uint16_t>(offset);
  }
  shape.count = count;
  if (length == header_size) shape.whole = offset;
  return &shape;
}

}  // namespace keelback::vm
