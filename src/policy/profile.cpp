#include "policy/profile.h"

namespace tls {

namespace {

constexpr const char* kCiphersuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

constexpr const char* kGroups = "X25519:prime256v1:secp384r1";

constexpr const char* kIntermediateCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";

// OpenSSL 3 allows TLS 1.0 and 1.1, whose signatures are over SHA-1 and MD5, at security level 0 only, and
// Debian's default is 2: without the last word the two versions would be promised and every such client
// refused.
constexpr const char* kOldCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"
    "DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA:"
    "@SECLEVEL=0";

constexpr Profile kProfiles[] = {
    {"modern", kTlsv13, "", kCiphersuites, kGroups, false},
    {"intermediate", kTlsv12 | kTlsv13, kIntermediateCiphers, kCiphersuites, kGroups, false},
    {"old", kTlsv1 | kTlsv11 | kTlsv12 | kTlsv13, kOldCiphers, kCiphersuites, kGroups, true},
};

}  // namespace

const Profile* find_profile(std::string_view name) {
    for (const Profile& profile : kProfiles) {
        if (name == profile.name) {
            return &profile;
        }
    }
    return nullptr;
}

}  // namespace tls
