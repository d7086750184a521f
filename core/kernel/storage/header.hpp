// The 100 bytes at the start of a database file.
//
//     0 16 "SQLite format 3\0"    16 2 page size (1 means 65536)    18 1 write version, 19 1 read version (1 journal,
//     2 WAL)    20 1 reserved bytes a page    21 3 the fractions 64 32 32    24 4 change counter    28 4 pages
//     32 4 first free-list trunk    36 4 free pages    40 15*4 meta values    92 4 change counter for which the size
//     holds    96 4 version of the library that wrote it
//
// Spec: https://www.sqlite.org/fileformat2.html#the_database_header. Twin: reference/storage/header.py.
#ifndef KEELBACK_STORAGE_HEADER_HPP
#define KEELBACK_STORAGE_HEADER_HPP

#include "../value/status.hpp"
#include "../value/value.hpp"

namespace keelback::storage {

inline constexpr size_t header_size = 100;

struct PageFormat {
  uint32_t page_size;
  uint32_t reserved_bytes;
};

bool is_page_size(uint64_t size) noexcept;
// The page size, or 0 where there is no possible one.
uint32_t page_size_in_header(Bytes header) noexcept;
// Whether the database is in WAL mode.
bool is_wal_version(Bytes header) noexcept;
// Page size and reserved bytes of a valid header; NOTADB. Missing bytes count as zero.
Status check_header(Bytes header, PageFormat& format) noexcept;
// Write the header of a new database of one page.
void write_new_header(uint8_t* page, uint32_t page_size, uint32_t reserved_bytes) noexcept;

}  // namespace keelback::storage

#endif
