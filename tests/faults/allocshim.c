/* allocshim: makes one allocation of a program fail; preloaded. Of the environment:
 *     FAULT_NTH=N      the allocation that fails, from 1, or the first after it that is not the C
 *                      library's own: without memory, glibc 2.36 crashes where it looks for the
 *                      files of getpwuid_r
 *     FAULT_LASTING=1  all from it on fail, but for the C library's own
 *     FAULT_REPORT=F   a file that is made where an allocation has failed
 * The calls are counted over all threads. Takes the allocator of glibc by its inner names, since to
 * look it up allocates. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_long calls; /* relaxed: any order will do */

static bool is_in_libc(const void *address)
{
    Dl_info of_address;
    Dl_info of_libc;
    return dladdr(address, &of_address) != 0 && dladdr((void *)&__libc_malloc, &of_libc) != 0 &&
           of_address.dli_fbase == of_libc.dli_fbase;
}

static bool fails(const void *caller)
{
    static long nth = -1;
    static bool is_lasting;
    if (nth < 0) {
        const char *text = getenv("FAULT_NTH");
        nth = text == NULL ? 0 : atol(text);
        is_lasting = getenv("FAULT_LASTING") != NULL;
    }
    long call = atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) + 1;
    static atomic_flag done = ATOMIC_FLAG_INIT;
    if (nth == 0 || call < nth || is_in_libc(caller) ||
        (!is_lasting && atomic_flag_test_and_set(&done)))
        return false;
    const char *report = getenv("FAULT_REPORT");
    int fd = report == NULL ? -1 : open(report, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails(__builtin_return_address(0)))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}
