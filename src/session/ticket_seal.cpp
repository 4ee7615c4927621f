#include "session/ticket_seal.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>
#include <climits>

namespace tls {

namespace {

constexpr size_t kBlock = 16;  // of AES, and of its IV
constexpr size_t kMac = 32;

bool is_same(const TicketKey& a, const TicketKey& b) {
    return a.key_size == b.key_size && a.name == b.name &&
           CRYPTO_memcmp(a.aes.data(), b.aes.data(), a.aes.size()) == 0 &&
           CRYPTO_memcmp(a.hmac.data(), b.hmac.data(), a.hmac.size()) == 0;
}

}  // namespace

// Fetched once a process: finding an algorithm by its name costs more than using it.
const EVP_CIPHER* ticket_cipher(const TicketKey& key) {
    static EVP_CIPHER* const kAes128 = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
    static EVP_CIPHER* const kAes256 = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
    return key.key_size == 16 ? kAes128 : kAes256;
}

bool set_ticket_mac(EVP_MAC_CTX* mac, const TicketKey& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<uint8_t*>(key.hmac.data()),
                                          key.key_size),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

TicketSealer::~TicketSealer() {
    OPENSSL_cleanse(&key_, sizeof(key_));
}

bool TicketSealer::seal(const TicketKey& key, ByteView session, std::vector<uint8_t>* ticket) {
    if (use(key) && write(session, ticket)) {
        return true;
    }
    ticket->clear();
    return false;
}

bool TicketSealer::use(const TicketKey& key) {
    if (key_.key_size != 0 && is_same(key_, key)) {
        return true;
    }
    const EVP_CIPHER* algorithm = ticket_cipher(key);
    key_.key_size = 0;
    cipher_.reset(EVP_CIPHER_CTX_new());
    if (algorithm == nullptr || cipher_ == nullptr ||
        EVP_EncryptInit_ex2(cipher_.get(), algorithm, key.aes.data(), nullptr, nullptr) != 1) {
        return false;
    }
    mac_.emplace(HashKind::Sha256, ByteView(key.hmac.data(), key.key_size));
    key_ = key;
    return true;
}

bool TicketSealer::write(ByteView session, std::vector<uint8_t>* ticket) {
    if (session.size() > INT_MAX - kBlock) {
        return false;
    }
    const size_t head = key_.name.size() + kBlock;
    const size_t padded = session.size() + kBlock - session.size() % kBlock;
    ticket->resize(head + padded + kMac);
    uint8_t* const iv = ticket->data() + key_.name.size();
    uint8_t* const content = ticket->data() + head;
    std::copy(key_.name.begin(), key_.name.end(), ticket->begin());
    int count = 0;
    int last = 0;
    if (RAND_bytes(iv, kBlock) != 1 ||
        EVP_EncryptInit_ex2(cipher_.get(), nullptr, nullptr, iv, nullptr) != 1 ||
        EVP_EncryptUpdate(cipher_.get(), content, &count, session.data(), static_cast<int>(session.size())) !=
            1 ||
        EVP_EncryptFinal_ex(cipher_.get(), content + count, &last) != 1 ||
        static_cast<size_t>(count) + static_cast<size_t>(last) != padded) {
        return false;
    }
    Hmac mac = *mac_;
    mac.add(ByteView(ticket->data(), head + padded));
    mac.finish(content + padded);
    return true;
}

}  // namespace tls
