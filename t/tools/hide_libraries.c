/* Preloaded into an nginx that shall find no library for cryptography beside OpenSSL, though the system has them: looking
 * one up by its bare name fails. Used by tools/build/variants.sh. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

void *dlopen(const char *name, int flags) {
    static void *(*real)(const char *, int);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    }
    if (name != NULL && strchr(name, '/') == NULL &&
        (strncmp(name, "libcrypto_mb.", 13) == 0 || strncmp(name, "libIPSec_MB.", 12) == 0)) {
        return real("libhidden.so.0", flags);
    }
    return real(name, flags);
}
