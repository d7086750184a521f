#include "header.hpp"

#include <cstring>

#include "../value/varint.hpp"

namespace keelback::storage {

namespace {

constexpr char magic_text[] = "SQLite format 3";  // its NUL is part of it
constexpr uint32_t least_usable = 480;

bool has_magic(Bytes header) noexcept { return std::memcmp(header.data(), magic_text, sizeof magic_text) == 0; }

}  // namespace

bool is_page_size(uint64_t size) noexcept { return size >= 512 && size <= 65536 && (size & (size - 1)) == 0; }

uint32_t page_size_in_header(Bytes header) noexcept {
  if (header.size() < 18) return 0;
  const uint32_t size = static_cast<uint32_t>(header[16]) << 8 | static_cast<uint32_t>(header[17]) << 16;
  return is_page_size(size) ? size : 0;
}

bool is_wal_version(Bytes header) noexcept { return header.size() >= 20 && has_magic(header) && header[19] == 2; }

Status check_header(Bytes header, PageFormat& format) noexcept {
  uint8_t whole[header_size] = {};
  std::memcpy(whole, header.data(), header.size() < header_size ? header.size() : header_size);
  format.page_size = page_size_in_header(whole);
  format.reserved_bytes = whole[20];
  const bool has_fractions = whole[21] == 64 && whole[22] == 32 && whole[23] == 32;
  if (!has_magic(whole) || whole[19] > 2 || !has_fractions || format.page_size == 0 ||
      format.page_size - format.reserved_bytes < least_usable) {
    return Status(result::NOTADB);
  }
  return ok_status;
}

void write_new_header(uint8_t* page, uint32_t page_size, uint32_t reserved_bytes) noexcept {
  std::memset(page, 0, header_size);
  std::memcpy(page, magic_text, sizeof magic_text);
  page[16] = static_cast<uint8_t>(page_size >> 8);
  page[17] = static_cast<uint8_t>(page_size >> 16);
  page[18] = 1;
  page[19] = 1;
  page[20] = static_cast<uint8_t>(reserved_bytes);
  page[21] = 64;
  page[22] = 32;
  page[23] = 32;
  put_u32(page + 28, 1);
}

}  // namespace keelback::storage
