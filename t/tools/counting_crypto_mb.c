/* A libcrypto_mb.so in front of the real one, which is the file $CRYPTO_MB_REAL: forwards what the module calls, and writes a
 * line with the kind of each call and how many of its lanes are filled to the file $CRYPTO_MB_COUNTS. Used by t/batch_calls.t. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LANES = 8 };

static void *real_library;
static int counts;

/* While the configuration is read: nginx keeps its environment until then, and workers have what is opened. */
__attribute__((constructor)) static void begin(void) {
    const char *real = getenv("CRYPTO_MB_REAL");
    const char *path = getenv("CRYPTO_MB_COUNTS");
    real_library = real != NULL ? dlopen(real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) : NULL;
    counts = path != NULL ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (real_library == NULL || counts == -1) {
        fprintf(stderr, "counting_crypto_mb: no CRYPTO_MB_REAL or CRYPTO_MB_COUNTS: %s\n", dlerror());
        abort();
    }
}

/* One write a line: workers share the file. */
static void note(const char *kind, const void *const *lanes) {
    int filled = 0;
    for (int lane = 0; lane < LANES; ++lane) {
        filled += lanes[lane] != NULL;
    }
    if (dprintf(counts, "%s %d\n", kind, filled) < 0) {
        abort();
    }
}

static void *real(const char *name) {
    void *function = dlsym(real_library, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

#define FORWARD(name, kind, lanes, parameters, arguments)            \
    uint32_t name parameters {                                       \
        note(kind, (const void *const *)(lanes));                    \
        return ((uint32_t(*) parameters)real(#name)) arguments;      \
    }

FORWARD(mbx_x25519_public_key_mb8, "x25519_public", out, (uint8_t *const *out, const uint8_t *const *key), (out, key))
FORWARD(mbx_x25519_mb8, "x25519", out, (uint8_t *const *out, const uint8_t *const *key, const uint8_t *const *peer),
        (out, key, peer))
FORWARD(mbx_nistp256_ecpublic_key_mb8, "p256_public", x,
        (uint64_t *const *x, uint64_t *const *y, uint64_t *const *z, const uint64_t *const *key, uint8_t *buffer),
        (x, y, z, key, buffer))
FORWARD(mbx_nistp256_ecdh_mb8, "p256", out,
        (uint8_t *const *out, const uint64_t *const *key, const uint64_t *const *x, const uint64_t *const *y,
         const uint64_t *const *z, uint8_t *buffer),
        (out, key, x, y, z, buffer))
FORWARD(mbx_nistp256_ecdsa_sign_setup_mb8, "p256_sign", r,
        (uint64_t **inverse, uint64_t **r, const uint64_t *const *nonce, uint8_t *buffer), (inverse, r, nonce, buffer))
FORWARD(mbx_nistp384_ecdsa_sign_setup_mb8, "p384_sign", r,
        (uint64_t **inverse, uint64_t **r, const uint64_t *const *nonce, uint8_t *buffer), (inverse, r, nonce, buffer))
FORWARD(mbx_rsa_private_crt_mb8, "rsa", out,
        (const uint8_t *const *in, uint8_t *const *out, const uint64_t *const *p, const uint64_t *const *q,
         const uint64_t *const *dp, const uint64_t *const *dq, const uint64_t *const *q_inverse, int bits,
         const void *method, uint8_t *buffer),
        (in, out, p, q, dp, dq, q_inverse, bits, method, buffer))

int mbx_is_crypto_mb_applicable(uint64_t features) {
    return ((int (*)(uint64_t))real("mbx_is_crypto_mb_applicable"))(features);
}
