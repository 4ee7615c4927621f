#include "base/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "base/hex.h"
#include "base/openssl.h"

namespace tls {

namespace {

using UniqueDigest = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX, EVP_MD_CTX_free>>;

// EVP_sha256() would be looked up in each use, which costs as much as a short text. Never freed: the process
// may end after libcrypto has cleaned up. "-fips": where FIPS is the default, MD5 may still come from another
// provider.
const EVP_MD* digest_of(DigestKind kind) {
    static const EVP_MD* const kMd5 = EVP_MD_fetch(nullptr, "MD5", "-fips");
    static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return kind == DigestKind::Md5 ? kMd5 : kSha256;
}

// The number of bytes written, 0 when libcrypto cannot.
unsigned make_digest(DigestKind kind, std::string_view text, unsigned char* bytes) {
    const EVP_MD* const digest = digest_of(kind);
    const UniqueDigest context(EVP_MD_CTX_new());
    unsigned size = 0;
    if (digest == nullptr || context == nullptr || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), bytes, &size) != 1) {
        ERR_clear_error();
        return 0;
    }
    return size;
}

}  // namespace

std::string hex_digest(DigestKind kind, std::string_view text) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    const unsigned size = make_digest(kind, text, bytes);
    std::string hex;
    hex.reserve(size_t{2} * size);
    append_hex(&hex, ByteView(bytes, size));
    return hex;
}

bool sha256(std::string_view text, Sha256Digest* digest) {
    return make_digest(DigestKind::Sha256, text, digest->data()) == digest->size();
}

}  // namespace tls
