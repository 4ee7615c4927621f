/* Preloaded into an nginx whose libssl shall hand over no keys of records, as one that was built without this would, or wrong
 * ones: HAND_KEYS is "none" or "wrong". Used by t/records_left.t. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct bio_st;

static int hands_none;

/* Workers have no environment. */
__attribute__((constructor)) static void begin(void) {
    const char *how = getenv("HAND_KEYS");
    hands_none = how != NULL && strcmp(how, "none") == 0;
}

long BIO_ctrl(struct bio_st *bio, int command, long argument, void *pointer) {
    static long (*real)(struct bio_st *, int, long, void *);
    static const int set_keys = 72; /* for sending where there is an argument, with a structure of <linux/tls.h> */
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "BIO_ctrl");
    }
    if (command == set_keys && argument != 0 && hands_none) {
        return 0;
    }
    if (command == set_keys && argument != 0) {
        memset((char *)pointer + 12, 0, 8); /* of the key and the nonce */
    }
    return real(bio, command, argument, pointer);
}
