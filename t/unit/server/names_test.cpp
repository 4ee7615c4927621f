// Names and numbers of groups and signature schemes: libssl's own wire and handshakes are what they are held
// against.
#include "server/names.h"

#include <openssl/objects.h>

#include "hello/client_hello.h"
#include "server/facts.h"
#include "support/bytes.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/made_context.h"
#include "support/memory_handshake.h"

namespace tls {
namespace {

using ::test::Bytes;
using test::make_client;
using test::MemoryHandshake;
using ::test::u16_list;

constexpr unsigned kNumbers = 0x10000;

// The ClientHello message that libssl writes under these terms.
Bytes hello_of(SSL_CTX* client) {
    const test::UniqueSsl ssl(SSL_new(client));
    assert_non_null(ssl.get());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_set_connect_state(ssl.get());
    SSL_do_handshake(ssl.get());
    ERR_clear_error();
    char* record = nullptr;
    const long size = BIO_get_mem_data(out, &record);
    assert_true(size > 5);
    return Bytes(record + 5, record + size);
}

// The only number in the list that libssl makes of a name, 0 when it does not know the name.
uint16_t number_in_hello(SSL_CTX* client, bool taken, CodePoints ClientHello::*list) {
    if (!taken) {
        ERR_clear_error();
        return 0;
    }
    const Bytes message = hello_of(client);
    const ParsedHello parsed = parse_client_hello(view(message));
    assert_true(parsed.ok);
    return (parsed.hello.*list).size() == 1 ? (parsed.hello.*list)[0] : 0;
}

void libssl_gives_groups_the_same_numbers(void**) {
    int compared = 0;
    for (unsigned number = 0; number < kNumbers; ++number) {
        const char* name = group_name(static_cast<uint16_t>(number));
        if (name == nullptr) {
            continue;
        }
        assert_int_equal(group_by_name(name), number);
        // The older curves are not offered where TLS 1.3 is (RFC 8446 section 4.2.7).
        const bool is_old = number < 0x1d;
        const test::UniqueSslCtx client =
            make_client(TLS1_2_VERSION, is_old ? TLS1_2_VERSION : TLS1_3_VERSION);
        const bool taken = SSL_CTX_set1_groups_list(client.get(), name) == 1;
        const uint16_t sent = number_in_hello(client.get(), taken, &ClientHello::supported_groups);
        if (sent != 0) {
            assert_int_equal(sent, number);
            ++compared;
        }
    }
    assert_true(compared >= 10);
}

// nginx shows OBJ_nid2sn().
void groups_are_called_as_openssl_calls_its_objects(void**) {
    for (unsigned number = 1; number <= 0x28; ++number) {
        const char* name = group_name(static_cast<uint16_t>(number));
        const bool is_newer = number >= 0x1f && number <= 0x21;
        if (name != nullptr && !is_newer) {
            const int nid = OBJ_sn2nid(name);
            assert_int_not_equal(nid, NID_undef);
        }
    }
    assert_string_equal(group_name(0x17), "prime256v1");
    assert_string_equal(group_name(0x1d), "X25519");
    assert_string_equal(group_name(0x11ec), "X25519MLKEM768");
}

void groups_have_their_registered_names_too(void**) {
    assert_int_equal(group_by_name("secp256r1"), 0x17);
    assert_int_equal(group_by_name("prime256v1"), 0x17);
    assert_int_equal(group_by_name("x25519"), 0x1d);
    assert_int_equal(group_by_name("secp192r1"), 0x13);
    assert_int_equal(group_by_name(""), 0);
    assert_int_equal(group_by_name("P-257"), 0);
}

void libssl_gives_schemes_the_same_numbers(void**) {
    int compared = 0;
    for (unsigned number = 0; number < kNumbers; ++number) {
        const char* name = signature_scheme_name(static_cast<uint16_t>(number));
        if (name == nullptr) {
            continue;
        }
        const test::UniqueSslCtx client = make_client();
        const bool taken = SSL_CTX_set1_sigalgs_list(client.get(), name) == 1;
        const uint16_t sent = number_in_hello(client.get(), taken, &ClientHello::signature_algorithms);
        if (sent != 0) {
            assert_int_equal(sent, number);
            ++compared;
        }
    }
    assert_true(compared >= 15);
}

UniquePkey make_key(const char* type) {
    const std::string name = type;
    EVP_PKEY* key = nullptr;
    if (name == "RSA-PSS") {
        EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
        test::need(maker != nullptr && EVP_PKEY_keygen_init(maker) == 1);
        test::need(EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 2048) == 1 && EVP_PKEY_generate(maker, &key) == 1);
        EVP_PKEY_CTX_free(maker);
    } else if (name == "RSA") {
        key = EVP_RSA_gen(2048);
    } else if (name == "ED25519") {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, type);
    } else {
        key = EVP_EC_gen(type);
    }
    test::need(key != nullptr);
    return UniquePkey(key);
}

struct Signing {
    const char* key;
    int version;
    const char* scheme;
    uint16_t number;
};

constexpr Signing kSignings[] = {
    {"RSA", TLS1_3_VERSION, "rsa_pss_rsae_sha256", 0x0804},
    {"RSA", TLS1_3_VERSION, "rsa_pss_rsae_sha512", 0x0806},
    {"RSA", TLS1_2_VERSION, "rsa_pkcs1_sha256", 0x0401},
    {"RSA", TLS1_2_VERSION, "rsa_pss_rsae_sha384", 0x0805},
    {"RSA-PSS", TLS1_3_VERSION, "rsa_pss_pss_sha256", 0x0809},
    {"RSA-PSS", TLS1_2_VERSION, "rsa_pss_pss_sha384", 0x080a},
    {"P-256", TLS1_3_VERSION, "ecdsa_secp256r1_sha256", 0x0403},
    {"P-384", TLS1_3_VERSION, "ecdsa_secp384r1_sha384", 0x0503},
    {"P-384", TLS1_2_VERSION, "ecdsa_secp256r1_sha256", 0x0403},
    {"P-521", TLS1_3_VERSION, "ecdsa_secp521r1_sha512", 0x0603},
    {"ED25519", TLS1_3_VERSION, "ed25519", 0x0807},
};

// What libssl tells of a signature that was made leads back to the scheme that was asked for.
void schemes_are_found_from_what_libssl_tells(void**) {
    for (const Signing& signing : kSignings) {
        const std::unique_ptr<ServerContext> context = test::make_context({}, make_key(signing.key));
        const test::UniqueSslCtx client = make_client(signing.version, signing.version);
        assert_int_equal(SSL_CTX_set1_sigalgs_list(client.get(), signing.scheme), 1);
        MemoryHandshake handshake(context->native(), client.get());
        assert_int_equal(handshake.run(), SSL_ERROR_NONE);

        int type = NID_undef;
        int digest = NID_undef;
        assert_int_equal(SSL_get_signature_type_nid(handshake.server.get(), &type), 1);
        assert_int_equal(SSL_get_signature_nid(handshake.server.get(), &digest), 1);
        const EVP_PKEY* key = X509_get0_pubkey(SSL_get_certificate(handshake.server.get()));
        assert_int_equal(signature_scheme_of(type, digest, EVP_PKEY_get_base_id(key)), signing.number);
        assert_string_equal(signature_scheme_name(signing.number), signing.scheme);
    }
}

void what_is_no_signature_has_no_scheme(void**) {
    assert_int_equal(signature_scheme_of(NID_undef, NID_sha256, NID_rsaEncryption), 0);
    assert_int_equal(signature_scheme_of(NID_rsaEncryption, NID_md5_sha1, NID_rsaEncryption), 0);
    assert_int_equal(signature_scheme_of(NID_rsassaPss, NID_sha256, NID_undef), 0);
}

void unknown_numbers_show_as_numbers(void**) {
    assert_string_equal(name_or_number(0x1d, group_name).c_str(), "X25519");
    assert_string_equal(name_or_number(0x0a0a, group_name).c_str(), "0x0a0a");
    assert_string_equal(name_or_number(0xfafa, cipher_suite_name).c_str(), "0xfafa");
    assert_string_equal(name_or_number(0, signature_scheme_name).c_str(), "0x0000");
}

std::string joined(const std::vector<uint16_t>& numbers, NameOf name_of) {
    const Bytes bytes = u16_list(numbers);
    return joined_names(CodePoints(view(bytes)), name_of);
}

void lists_keep_their_order(void**) {
    assert_string_equal(joined({}, group_name).c_str(), "");
    assert_string_equal(joined({0x17}, group_name).c_str(), "prime256v1");
    assert_string_equal(joined({0x8a8a, 0x11ec, 0x1d, 0x17, 0x18}, group_name).c_str(),
                        "0x8a8a:X25519MLKEM768:X25519:prime256v1:secp384r1");
    assert_string_equal(joined({0x0403, 0x0804, 0x0403}, signature_scheme_name).c_str(),
                        "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256");
}

void cipher_suites_are_called_as_openssl_calls_them(void**) {
    assert_string_equal(joined({0xcaca, 0x1301, 0xc02b, 0x0035, 0x00ff, 0x5600}, cipher_suite_name).c_str(),
                        "0xcaca:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:AES256-SHA:"
                        "TLS_EMPTY_RENEGOTIATION_INFO_SCSV:TLS_FALLBACK_SCSV");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::libssl_gives_groups_the_same_numbers),
        cmocka_unit_test(tls::groups_are_called_as_openssl_calls_its_objects),
        cmocka_unit_test(tls::groups_have_their_registered_names_too),
        cmocka_unit_test(tls::libssl_gives_schemes_the_same_numbers),
        cmocka_unit_test(tls::schemes_are_found_from_what_libssl_tells),
        cmocka_unit_test(tls::what_is_no_signature_has_no_scheme),
        cmocka_unit_test(tls::unknown_numbers_show_as_numbers),
        cmocka_unit_test(tls::lists_keep_their_order),
        cmocka_unit_test(tls::cipher_suites_are_called_as_openssl_calls_them),
    };
    return cmocka_run_group_tests_name("names", tests, nullptr, nullptr);
}
