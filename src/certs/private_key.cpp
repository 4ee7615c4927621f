#include "certs/private_key.h"

#include <openssl/err.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <cstring>

#include "certs/pem.h"

namespace tls {

namespace {

constexpr char kEngine[] = "engine:";
constexpr char kStore[] = "store:";

bool starts_with(const std::string& text, const char* prefix, size_t length) {
    return text.compare(0, length, prefix) == 0;
}

void close_store(OSSL_STORE_CTX* store) {
    OSSL_STORE_close(store);
}

using UniqueStoreReader = std::unique_ptr<OSSL_STORE_CTX, OpensslDeleter<OSSL_STORE_CTX, close_store>>;
using UniqueStoreInfo =
    std::unique_ptr<OSSL_STORE_INFO, OpensslDeleter<OSSL_STORE_INFO, OSSL_STORE_INFO_free>>;
using UniqueUiMethod = std::unique_ptr<UI_METHOD, OpensslDeleter<UI_METHOD, UI_destroy_method>>;

UniquePkey read_pem_key(const UniqueBio& bio, PasswordRequest* request, const char** failed) {
    if (bio == nullptr) {
        return nullptr;
    }
    *failed = "PEM_read_bio_PrivateKey()";
    return UniquePkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, answer_password, request));
}

// A key of a known type that is not encrypted; null for any other.
UniquePkey parse_plain_key(std::string_view text, int type) {
    const UniqueBio bio = open_text(text);
    char* name = nullptr;
    unsigned char* der = nullptr;
    long size = 0;
    PasswordRequest none;
    UniquePkey key;
    if (bio != nullptr &&
        PEM_bytes_read_bio(&der, &size, &name, PEM_STRING_EVP_PKEY, bio.get(), answer_password, &none) == 1) {
        const unsigned char* at = der;
        if (strcmp(name, PEM_STRING_PKCS8) != 0) {
            key.reset(d2i_PrivateKey(type, nullptr, &at, size));
        }
        OPENSSL_clear_free(der, static_cast<size_t>(size));
        OPENSSL_free(name);
    }
    ERR_clear_error();
    return key;
}

UniquePkey read_store_key(const std::string& source, PasswordRequest* request, const char** failed) {
    const UniqueUiMethod answers(UI_UTIL_wrap_read_pem_callback(answer_password, 0));
    *failed = "UI_UTIL_wrap_read_pem_callback()";
    if (answers == nullptr) {
        return nullptr;
    }
    *failed = "OSSL_STORE_open()";
    const char* uri = source.c_str() + sizeof(kStore) - 1;
    const UniqueStoreReader store(OSSL_STORE_open(uri, answers.get(), request, nullptr, nullptr));
    if (store == nullptr) {
        return nullptr;
    }
    *failed = "OSSL_STORE_load()";
    // Some stores cannot filter; they are then read whole.
    OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
    while (OSSL_STORE_eof(store.get()) == 0) {
        const UniqueStoreInfo info(OSSL_STORE_load(store.get()));
        if (info != nullptr && OSSL_STORE_INFO_get_type(info.get()) == OSSL_STORE_INFO_PKEY) {
            return UniquePkey(OSSL_STORE_INFO_get1_PKEY(info.get()));
        }
    }
    return nullptr;
}

// Tries each password on its own reading of the source, so that nothing of a failed attempt is left. An
// attempt is given the request and a place for the call that failed; it returns null then.
template <class Attempt>
Result<UniquePkey> try_passwords(Attempt attempt, const std::string& source,
                                 const std::vector<SecretString>& passwords) {
    const char* failed = nullptr;
    PasswordRequest request;
    size_t tried = 0;
    do {
        ERR_clear_error();
        request.password = passwords.empty() ? nullptr : &passwords[tried];
        UniquePkey key = attempt(&request, &failed);
        if (key != nullptr) {
            // Decoders may leave errors of formats that it was not.
            ERR_clear_error();
            return key;
        }
    } while (request.asked && ++tried < passwords.size());

    std::string message = "cannot load certificate key " + quoted_source(source) + ": " + failed + " failed";
    if (request.asked) {
        message += passwords.empty() ? ": it needs a password, see \"tls_password_file\""
                                     : ": no password in \"tls_password_file\" fits";
    }
    // OpenSSL quotes URIs whole.
    return Error{message + without_pin(source, drain_openssl_errors())};
}

}  // namespace

Result<UniquePkey> load_private_key(const std::string& source, const std::vector<SecretString>& passwords) {
    if (starts_with(source, kEngine, sizeof(kEngine) - 1)) {
        std::string failed;
        UniquePkey key = load_engine_key(source.substr(sizeof(kEngine) - 1), &failed);
        if (key == nullptr) {
            return Error{"cannot load certificate key " + quoted_source(source) + ": " + failed +
                         without_pin(source, drain_openssl_errors())};
        }
        return key;
    }
    const bool in_store = starts_with(source, kStore, sizeof(kStore) - 1);
    return try_passwords(
        [&](PasswordRequest* request, const char** failed) {
            return in_store ? read_store_key(source, request, failed)
                            : read_pem_key(open_pem(source, failed), request, failed);
        },
        source, passwords);
}

Result<UniquePkey> parse_private_key(std::string_view text, int type, const std::string& source,
                                     const std::vector<SecretString>& passwords) {
    if (UniquePkey key = parse_plain_key(text, type)) {
        return key;
    }
    return try_passwords(
        [&](PasswordRequest* request, const char** failed) {
            *failed = "BIO_new_mem_buf()";
            return read_pem_key(open_text(text), request, failed);
        },
        source, passwords);
}

}  // namespace tls
