/*
 * A malloc that fails on demand, to be loaded before everything else (LD_PRELOAD): only what libkeelback.so itself
 * allocates counts and fails; CPython, libc and the test program always get their memory.
 *
 * failing_malloc_arm(n): the n-th allocation from now fails, and with `all` every one after it.
 * failing_malloc_disarm(): how many have failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* block, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static uintptr_t first_address, last_address;
static atomic_long countdown;
static atomic_long failed;
static atomic_int fails_all;

static int find_library(struct dl_phdr_info* info, size_t size, void* unused) {
  (void)size;
  (void)unused;
  if (strstr(info->dlpi_name, "libkeelback.so") == NULL) return 0;
  for (int at = 0; at < info->dlpi_phnum; at++) {
    const ElfW(Phdr)* header = &info->dlpi_phdr[at];
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
    first_address = info->dlpi_addr + header->p_vaddr;
    last_address = first_address + header->p_memsz;
  }
  return 1;
}

void failing_malloc_arm(long n, int all) {
  if (first_address == 0) dl_iterate_phdr(find_library, NULL);
  failed = 0;
  fails_all = all;
  countdown = n;
}

long failing_malloc_disarm(void) {
  countdown = 0;
  fails_all = 0;
  return failed;
}

static int must_fail(const void* caller) {
  const uintptr_t address = (uintptr_t)caller;
  if (countdown == 0 && !(fails_all && failed > 0)) return 0;
  if (address < first_address || address >= last_address) return 0;
  if (countdown > 0 && --countdown > 0) return 0;
  failed++;
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t size) { return must_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }

void* calloc(size_t count, size_t size) {
  return must_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  return must_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) {
  return must_fail(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return must_fail(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  if (must_fail(__builtin_return_address(0))) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block == NULL ? ENOMEM : 0;
}

/* Of mappings only those without a file are memory. */
void* mmap(void* place, size_t size, int protection, int flags, int file, off_t offset) {
  static void* (*next)(void*, size_t, int, int, int, off_t);
  if ((flags & MAP_ANONYMOUS) && must_fail(__builtin_return_address(0))) return MAP_FAILED;
  if (next == NULL) next = (void* (*)(void*, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
  return next(place, size, protection, flags, file, offset);
}
