// The profiles word for word, and that OpenSSL takes them for what they say.
#include "policy/profile.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

// As https://ssl-config.mozilla.org/guidelines/5.7.json has them; "@SECLEVEL=0" is ours.
struct Golden {
    const char* text;
};

constexpr Golden kGolden[] = {
    {"modern|TLSv1.3||"
     "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256|"
     "X25519:prime256v1:secp384r1|client"},
    {"intermediate|TLSv1.2 TLSv1.3|"
     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
     "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305|"
     "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256|"
     "X25519:prime256v1:secp384r1|client"},
    {"old|TLSv1 TLSv1.1 TLSv1.2 TLSv1.3|"
     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
     "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305:"
     "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
     "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:"
     "DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:"
     "AES256-SHA256:AES128-SHA:AES256-SHA:DES-CBC3-SHA:@SECLEVEL=0|"
     "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256|"
     "X25519:prime256v1:secp384r1|server"},
};

std::string text_of(const Profile& profile) {
    std::string protocols;
    const struct {
        unsigned bit;
        const char* name;
    } names[] = {{kSslv2, "SSLv2"},    {kSslv3, "SSLv3"},    {kTlsv1, "TLSv1"},
                 {kTlsv11, "TLSv1.1"}, {kTlsv12, "TLSv1.2"}, {kTlsv13, "TLSv1.3"}};
    for (const auto& protocol : names) {
        if ((profile.protocols & protocol.bit) != 0) {
            protocols += (protocols.empty() ? "" : " ") + std::string(protocol.name);
        }
    }
    return std::string(profile.name) + "|" + protocols + "|" + profile.ciphers + "|" + profile.ciphersuites +
           "|" + profile.groups + "|" + (profile.prefer_server_ciphers ? "server" : "client");
}

void profiles_are_mozilla_s(void**) {
    for (const Golden& golden : kGolden) {
        const std::string text(golden.text);
        const Profile* profile = find_profile(text.substr(0, text.find('|')));
        assert_non_null(profile);
        assert_string_equal(text_of(*profile).c_str(), golden.text);
    }
}

void other_words_are_no_profiles(void**) {
    for (const char* word : {"", "Modern", "moder", "modernx", "default", "MODERN"}) {
        assert_null(find_profile(word));
    }
}

using UniqueContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

UniqueContext applied(const Profile& profile) {
    UniqueContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    assert_non_null(context.get());
    if (profile.ciphers[0] != '\0') {
        assert_int_equal(SSL_CTX_set_cipher_list(context.get(), profile.ciphers), 1);
    }
    assert_int_equal(SSL_CTX_set_ciphersuites(context.get(), profile.ciphersuites), 1);
    assert_int_equal(SSL_CTX_set1_groups_list(context.get(), profile.groups), 1);
    return context;
}

int count_words(const std::string& list) {
    int words = 0;
    size_t begin = 0;
    while (begin < list.size()) {
        const size_t end = std::min(list.find(':', begin), list.size());
        words += list[begin] == '@' ? 0 : 1;
        begin = end + 1;
    }
    return words;
}

void openssl_takes_every_word(void**) {
    for (const char* name : {"modern", "intermediate", "old"}) {
        const Profile& profile = *find_profile(name);
        const UniqueContext context = applied(profile);
        if (profile.ciphers[0] == '\0') {
            continue;
        }
        int found = 0;
        int three_des = 0;
        const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
        for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
            const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
            three_des += std::string(SSL_CIPHER_get_name(cipher)) == "DES-CBC3-SHA" ? 1 : 0;
            found += 1;
        }
        // 3DES is built into few libraries today.
        const int missing = std::string(name) == "old" && three_des == 0 ? 1 : 0;
        assert_int_equal(found, count_words(profile.ciphers) + count_words(profile.ciphersuites) - missing);
    }
}

void only_old_lowers_the_security_level(void**) {
    assert_int_equal(SSL_CTX_get_security_level(applied(*find_profile("old")).get()), 0);
    assert_true(SSL_CTX_get_security_level(applied(*find_profile("intermediate")).get()) >= 1);
    assert_true(SSL_CTX_get_security_level(applied(*find_profile("modern")).get()) >= 1);
}

void the_hybrid_group_is_known_from_openssl_3_5_on(void**) {
    const UniqueContext context = applied(*find_profile("modern"));
    const bool known = SSL_CTX_set1_groups_list(context.get(), kHybridGroup) == 1;
    ERR_clear_error();
    assert_int_equal(known, OPENSSL_version_major() > 3 || OPENSSL_version_minor() >= 5);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(profiles_are_mozilla_s),
        cmocka_unit_test(other_words_are_no_profiles),
        cmocka_unit_test(openssl_takes_every_word),
        cmocka_unit_test(only_old_lowers_the_security_level),
        cmocka_unit_test(the_hybrid_group_is_known_from_openssl_3_5_on),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
