/* Loops over a statement of SQLite, for kernel_vm.py: what the vm_run functions of core/kernel/vm/twin do on the
 * kernel.
 *
 * Built by kernel_vm.py. The statement's parameters take their values from a key: `kinds` has a letter for each, i the
 * key, r a real, t a text, made of it. */
#include <stdint.h>
#include <string.h>

typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_step(sqlite3_stmt*);
int sqlite3_reset(sqlite3_stmt*);
int sqlite3_bind_int64(sqlite3_stmt*, int, int64_t);
int sqlite3_bind_double(sqlite3_stmt*, int, double);
int sqlite3_bind_text(sqlite3_stmt*, int, const char*, int, void (*)(void*));
int sqlite3_column_count(sqlite3_stmt*);
int sqlite3_column_type(sqlite3_stmt*, int);
int64_t sqlite3_column_int64(sqlite3_stmt*, int);
double sqlite3_column_double(sqlite3_stmt*, int);
const unsigned char* sqlite3_column_text(sqlite3_stmt*, int);

static uint64_t sum;

/* Run to the end and give the number of rows; every column of each row is looked at. */
int64_t sqlite_run(sqlite3_stmt* statement) {
  int64_t rows = 0;
  int code;
  int columns = sqlite3_column_count(statement);
  while ((code = sqlite3_step(statement)) == 100) {
    ++rows;
    for (int column = 0; column < columns; ++column) {
      switch (sqlite3_column_type(statement, column)) {
        case 1:
          sum += (uint64_t)sqlite3_column_int64(statement, column);
          break;
        case 2:
          sum += (uint64_t)(sqlite3_column_double(statement, column) > 0);
          break;
        case 3:
          sum += *sqlite3_column_text(statement, column);
          break;
        default:
          break;
      }
    }
  }
  sqlite3_reset(statement);
  return code == 101 ? rows : -code;
}

int text_of_key(char* text, int64_t key) {
  char digits[24];
  int count = 0;
  memcpy(text, "text ", 5);
  do {
    digits[count++] = (char)('0' + key % 10);
    key /= 10;
  } while (key);
  for (int place = 0; place < count; ++place) text[5 + place] = digits[count - 1 - place];
  return 5 + count;
}

/* The same `count` times, with keys (first + n * stride) % modulus. */
int64_t sqlite_run_keys(sqlite3_stmt* statement, const char* kinds, int64_t first, int64_t count, int64_t stride,
                        int64_t modulus) {
  int64_t rows = 0;
  char text[32];
  for (int64_t place = 0; place < count; ++place) {
    const int64_t key = (first + place * stride) % modulus;
    for (int number = 0; kinds[number]; ++number) {
      if (kinds[number] == 'i') sqlite3_bind_int64(statement, number + 1, key);
      if (kinds[number] == 'r') sqlite3_bind_double(statement, number + 1, (double)key / 7.0);
      if (kinds[number] == 't')
        sqlite3_bind_text(statement, number + 1, text, text_of_key(text, key), (void (*)(void*))-1);
    }
    const int64_t found = sqlite_run(statement);
    if (found < 0) return found;
    rows += found;
  }
  return rows;
}
