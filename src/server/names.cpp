#include "server/names.h"

#include <openssl/obj_mac.h>

#include "base/hex.h"

namespace tls {

namespace {

struct Named {
    uint16_t number;
    const char* name;
    const char* registered_name;  // the IANA registry's, where it differs
};

constexpr Named kGroups[] = {
    {0x0001, "sect163k1", ""},
    {0x0002, "sect163r1", ""},
    {0x0003, "sect163r2", ""},
    {0x0004, "sect193r1", ""},
    {0x0005, "sect193r2", ""},
    {0x0006, "sect233k1", ""},
    {0x0007, "sect233r1", ""},
    {0x0008, "sect239k1", ""},
    {0x0009, "sect283k1", ""},
    {0x000a, "sect283r1", ""},
    {0x000b, "sect409k1", ""},
    {0x000c, "sect409r1", ""},
    {0x000d, "sect571k1", ""},
    {0x000e, "sect571r1", ""},
    {0x000f, "secp160k1", ""},
    {0x0010, "secp160r1", ""},
    {0x0011, "secp160r2", ""},
    {0x0012, "secp192k1", ""},
    {0x0013, "prime192v1", "secp192r1"},
    {0x0014, "secp224k1", ""},
    {0x0015, "secp224r1", ""},
    {0x0016, "secp256k1", ""},
    {0x0017, "prime256v1", "secp256r1"},
    {0x0018, "secp384r1", ""},
    {0x0019, "secp521r1", ""},
    {0x001a, "brainpoolP256r1", ""},
    {0x001b, "brainpoolP384r1", ""},
    {0x001c, "brainpoolP512r1", ""},
    {0x001d, "X25519", "x25519"},
    {0x001e, "X448", "x448"},
    {0x001f, "brainpoolP256r1tls13", ""},
    {0x0020, "brainpoolP384r1tls13", ""},
    {0x0021, "brainpoolP512r1tls13", ""},
    {0x0022, "id-tc26-gost-3410-2012-256-paramSetA", "GC256A"},
    {0x0023, "id-tc26-gost-3410-2012-256-paramSetB", "GC256B"},
    {0x0024, "id-tc26-gost-3410-2012-256-paramSetC", "GC256C"},
    {0x0025, "id-tc26-gost-3410-2012-256-paramSetD", "GC256D"},
    {0x0026, "id-tc26-gost-3410-2012-512-paramSetA", "GC512A"},
    {0x0027, "id-tc26-gost-3410-2012-512-paramSetB", "GC512B"},
    {0x0028, "id-tc26-gost-3410-2012-512-paramSetC", "GC512C"},
    {0x0100, "ffdhe2048", ""},
    {0x0101, "ffdhe3072", ""},
    {0x0102, "ffdhe4096", ""},
    {0x0103, "ffdhe6144", ""},
    {0x0104, "ffdhe8192", ""},
    {0x0200, "MLKEM512", ""},
    {0x0201, "MLKEM768", ""},
    {0x0202, "MLKEM1024", ""},
    {0x11eb, "SecP256r1MLKEM768", ""},
    {0x11ec, "X25519MLKEM768", ""},
    {0x11ed, "SecP384r1MLKEM1024", ""},
};

// NIDs that OpenSSL has from 3.5 on.
#ifdef NID_ML_DSA_44
constexpr int kMlDsa44 = NID_ML_DSA_44;
constexpr int kMlDsa65 = NID_ML_DSA_65;
constexpr int kMlDsa87 = NID_ML_DSA_87;
#else
constexpr int kMlDsa44 = NID_undef;
constexpr int kMlDsa65 = NID_undef;
constexpr int kMlDsa87 = NID_undef;
#endif

struct Scheme {
    uint16_t number;
    const char* name;
    int signature_type;  // NID_undef: never told by libssl
    int digest;          // NID_undef: part of the type
    int key_type;        // NID_undef: part of the type
};

constexpr Scheme kSchemes[] = {
    {0x0201, "rsa_pkcs1_sha1", NID_rsaEncryption, NID_sha1, NID_undef},
    {0x0202, "dsa_sha1", NID_dsa, NID_sha1, NID_undef},
    {0x0203, "ecdsa_sha1", NID_X9_62_id_ecPublicKey, NID_sha1, NID_undef},
    {0x0301, "rsa_pkcs1_sha224", NID_rsaEncryption, NID_sha224, NID_undef},
    {0x0302, "dsa_sha224", NID_dsa, NID_sha224, NID_undef},
    {0x0303, "ecdsa_sha224", NID_X9_62_id_ecPublicKey, NID_sha224, NID_undef},
    {0x0401, "rsa_pkcs1_sha256", NID_rsaEncryption, NID_sha256, NID_undef},
    {0x0402, "dsa_sha256", NID_dsa, NID_sha256, NID_undef},
    {0x0403, "ecdsa_secp256r1_sha256", NID_X9_62_id_ecPublicKey, NID_sha256, NID_undef},
    {0x0501, "rsa_pkcs1_sha384", NID_rsaEncryption, NID_sha384, NID_undef},
    {0x0502, "dsa_sha384", NID_dsa, NID_sha384, NID_undef},
    {0x0503, "ecdsa_secp384r1_sha384", NID_X9_62_id_ecPublicKey, NID_sha384, NID_undef},
    {0x0601, "rsa_pkcs1_sha512", NID_rsaEncryption, NID_sha512, NID_undef},
    {0x0602, "dsa_sha512", NID_dsa, NID_sha512, NID_undef},
    {0x0603, "ecdsa_secp521r1_sha512", NID_X9_62_id_ecPublicKey, NID_sha512, NID_undef},
    {0x0804, "rsa_pss_rsae_sha256", NID_rsassaPss, NID_sha256, NID_rsaEncryption},
    {0x0805, "rsa_pss_rsae_sha384", NID_rsassaPss, NID_sha384, NID_rsaEncryption},
    {0x0806, "rsa_pss_rsae_sha512", NID_rsassaPss, NID_sha512, NID_rsaEncryption},
    {0x0807, "ed25519", NID_ED25519, NID_undef, NID_undef},
    {0x0808, "ed448", NID_ED448, NID_undef, NID_undef},
    {0x0809, "rsa_pss_pss_sha256", NID_rsassaPss, NID_sha256, NID_rsassaPss},
    {0x080a, "rsa_pss_pss_sha384", NID_rsassaPss, NID_sha384, NID_rsassaPss},
    {0x080b, "rsa_pss_pss_sha512", NID_rsassaPss, NID_sha512, NID_rsassaPss},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256", NID_undef, NID_undef, NID_undef},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384", NID_undef, NID_undef, NID_undef},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512", NID_undef, NID_undef, NID_undef},
    {0x0904, "mldsa44", kMlDsa44, NID_undef, NID_undef},
    {0x0905, "mldsa65", kMlDsa65, NID_undef, NID_undef},
    {0x0906, "mldsa87", kMlDsa87, NID_undef, NID_undef},
};

bool fits(int wanted, int given) {
    return wanted == NID_undef || wanted == given;
}

}  // namespace

const char* group_name(uint16_t number) {
    for (const Named& group : kGroups) {
        if (group.number == number) {
            return group.name;
        }
    }
    return nullptr;
}

const char* version_name(uint16_t number) {
    constexpr const char* kNames[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    return number >= 0x0300 && number <= 0x0304 ? kNames[number - 0x0300] : nullptr;
}

uint16_t group_by_name(std::string_view name) {
    for (const Named& group : kGroups) {
        if (name == group.name || (name == group.registered_name && !name.empty())) {
            return group.number;
        }
    }
    return 0;
}

const char* signature_scheme_name(uint16_t number) {
    for (const Scheme& scheme : kSchemes) {
        if (scheme.number == number) {
            return scheme.name;
        }
    }
    return nullptr;
}

uint16_t signature_scheme_of(int signature_type, int digest_nid, int key_type) {
    if (signature_type == NID_undef) {
        return 0;
    }
    for (const Scheme& scheme : kSchemes) {
        if (scheme.signature_type == signature_type && fits(scheme.digest, digest_nid) &&
            fits(scheme.key_type, key_type)) {
            return scheme.number;
        }
    }
    return 0;
}

std::string name_or_number(uint16_t number, NameOf name_of) {
    const char* name = name_of(number);
    if (name != nullptr) {
        return name;
    }
    std::string text = "0x";
    append_hex(&text, number);
    return text;
}

std::string joined_names(CodePoints numbers, NameOf name_of) {
    std::string text;
    for (size_t i = 0; i < numbers.size(); ++i) {
        if (i != 0) {
            text.push_back(':');
        }
        text += name_or_number(numbers[i], name_of);
    }
    return text;
}

}  // namespace tls
