// The provider's HMAC through OpenSSL's own calls, against that of OpenSSL's own context: for every digest,
// in every order in which EVP_MAC(3) can be asked, and for questions that libssl does not ask.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <random>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "keys/library.h"
#include "support/cmocka.h"
#include "support/operations.h"

namespace tls {
namespace {

OSSL_LIB_CTX* library() {
    return *key_library();
}

// One EVP_MAC_CTX, and all that it said: results of calls, sizes and MACs.
class Asked {
  public:
    explicit Asked(OSSL_LIB_CTX* in)
        : mac_(EVP_MAC_fetch(in, "HMAC", nullptr)), context_(EVP_MAC_CTX_new(mac_)) {
        assert_non_null(context_);
    }
    ~Asked() {
        EVP_MAC_CTX_free(context_);
        EVP_MAC_free(mac_);
        drain_openssl_errors();
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    void set(const char* digest, const std::string* key, size_t data_size = 0) {
        OSSL_PARAM parameters[4];
        OSSL_PARAM* end = parameters;
        if (key != nullptr) {
            *end++ = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<char*>(key->data()),
                                                       key->size());
        }
        if (digest != nullptr) {
            *end++ = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0);
        }
        if (data_size != 0) {
            *end++ = OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_TLS_DATA_SIZE, &data_size);
        }
        *end = OSSL_PARAM_construct_end();
        note(EVP_MAC_CTX_set_params(context_, parameters));
    }
    void begin(const std::string* key, const char* digest = nullptr) {
        const OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
            OSSL_PARAM_construct_end()};
        note(EVP_MAC_init(context_,
                          key != nullptr ? reinterpret_cast<const unsigned char*>(key->data()) : nullptr,
                          key != nullptr ? key->size() : 0, digest != nullptr ? parameters : nullptr));
    }
    void add(const std::string& bytes) {
        note(EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
    }
    void copy() {
        EVP_MAC_CTX* copied = EVP_MAC_CTX_dup(context_);
        assert_non_null(copied);
        EVP_MAC_CTX_free(context_);
        context_ = copied;
    }
    void sizes() {
        note(static_cast<int>(EVP_MAC_CTX_get_mac_size(context_)));
        note(static_cast<int>(EVP_MAC_CTX_get_block_size(context_)));
    }
    void finish() {
        unsigned char out[EVP_MAX_MD_SIZE];
        size_t size = 0;
        const int done = EVP_MAC_final(context_, out, &size, sizeof(out));
        note(done);
        said.append(reinterpret_cast<char*>(out), done == 1 ? size : 0);
    }
    void finish_in_too_little() {
        unsigned char out[16];
        size_t size = 0;
        note(EVP_MAC_final(context_, out, &size, sizeof(out)));
    }

    std::string said;

  private:
    void note(int result) { said += std::to_string(result) + ","; }

    EVP_MAC* mac_;
    EVP_MAC_CTX* context_;
};

template <class Questions>
void both(Questions ask) {
    Asked ours(library());
    Asked openssls(nullptr);
    ask(&ours);
    ask(&openssls);
    assert_true(ours.said == openssls.said);
}

constexpr const char* kDigests[] = {"SHA256", "SHA2-256", "SHA384", "sha2-384", "SHA512", "SHA1", "MD5"};

void it_is_the_providers(void**) {
    EVP_MAC* mac = EVP_MAC_fetch(library(), "HMAC", nullptr);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_MAC_get0_provider(mac)), "ahead");
    EVP_MAC_free(mac);
}

void a_mac_is_openssls_for_every_digest_key_and_size(void**) {
    for (const char* digest : kDigests) {
        for (const size_t key_size : {1, 32, 48, 63, 64, 65, 128, 129, 200}) {
            for (const size_t size : {0, 1, 55, 56, 63, 64, 65, 111, 112, 128, 1000}) {
                const std::string key(key_size, 'k');
                const std::string bytes(size, 'b');
                both([&](Asked* asked) {
                    asked->set(digest, nullptr);
                    asked->begin(&key);
                    asked->sizes();
                    asked->add(bytes.substr(0, size / 3));
                    asked->add(bytes.substr(size / 3));
                    asked->finish();
                });
            }
        }
    }
}

// As libssl does it for a ticket: key and digest in one, and no beginning.
void a_key_that_is_set_is_begun_with(void**) {
    for (const char* digest : kDigests) {
        const std::string key(32, 'k');
        both([&](Asked* asked) {
            asked->set(digest, &key);
            asked->add("ticket");
            asked->finish();
        });
    }
}

// As libssl does it for records of TLS 1.2 with CBC: the data's size comes behind the key.
void what_is_not_done_here_is_done_with_what_was_set(void**) {
    for (const char* digest : kDigests) {
        const std::string key(32, 'k');
        both([&](Asked* asked) {
            asked->set(digest, nullptr);
            asked->begin(&key);
            asked->copy();
            asked->set(nullptr, nullptr, 64);
            asked->add("a header, 13b");
            asked->add(std::string(64, 'r'));
            asked->finish();
        });
        both([&](Asked* asked) {
            asked->begin(&key, digest);
            asked->add("one");
            asked->finish();
            const std::string longer(100, 'l');
            asked->begin(&longer);
            asked->add("two");
            asked->copy();
            asked->finish();
            asked->begin(nullptr);
            asked->add("three");
            asked->finish();
        });
    }
}

void a_digest_may_change(void**) {
    const std::string key(32, 'k');
    for (const char* first : kDigests) {
        for (const char* second : kDigests) {
            both([&](Asked* asked) {
                asked->set(first, nullptr);
                asked->set(second, nullptr);
                asked->begin(&key);
                asked->add("bytes");
                asked->finish();
                asked->set(first, &key);
                asked->begin(nullptr);
                asked->add("bytes");
                asked->finish();
            });
        }
    }
}

void a_mac_that_does_not_fit_is_not_written(void**) {
    const std::string key(32, 'k');
    both([&](Asked* asked) {
        asked->set("SHA256", nullptr);
        asked->begin(&key);
        asked->add("bytes");
        asked->finish_in_too_little();
    });
}

// Beginnings, copies and pieces in any order, of one key or of several.
void any_order_gives_openssls_answers(void**) {
    std::mt19937 random(8446);
    for (size_t round = 0; round < test::operations(3000); ++round) {
        const unsigned seed = random();
        both([&](Asked* asked) {
            std::mt19937 dice(seed);
            const auto pick = [&](size_t below) { return static_cast<size_t>(dice() % below); };
            asked->set(kDigests[pick(7)], nullptr);
            std::string key(1 + pick(70), static_cast<char>('a' + pick(20)));
            asked->begin(&key);
            for (size_t steps = pick(12); steps > 0; --steps) {
                switch (pick(5)) {
                    case 0:
                        asked->copy();
                        break;
                    case 1:
                        asked->finish();
                        asked->begin(nullptr);
                        break;
                    case 2:
                        key.assign(1 + pick(70), 'z');
                        asked->begin(&key);
                        break;
                    default:
                        asked->add(std::string(pick(150), 'b'));
                }
            }
            asked->sizes();
            asked->finish();
        });
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_providers),
        cmocka_unit_test(a_mac_is_openssls_for_every_digest_key_and_size),
        cmocka_unit_test(a_key_that_is_set_is_begun_with),
        cmocka_unit_test(what_is_not_done_here_is_done_with_what_was_set),
        cmocka_unit_test(a_digest_may_change),
        cmocka_unit_test(a_mac_that_does_not_fit_is_not_written),
        cmocka_unit_test(any_order_gives_openssls_answers),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
