// Each variable's text against what nginx 1.22 prints for the same certificate.
#include "auth/identity.h"

#include <openssl/x509_vfy.h>

#include "support/cmocka.h"
#include "support/made_certificates.h"

namespace tls {
namespace {

using test::CertificateWish;

// Made once with the openssl program, so that the texts below can be written down: C=DE, O="Acme, Inc.",
// OU=A+B, CN=Zoë in UTF-8, issued by itself, serial number 0x0123456789abcdef.
constexpr char kFixed[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBxzCCAW2gAwIBAgIIASNFZ4mrze8wCgYIKoZIzj0EAwIwPzELMAkGA1UEBhMC\n"
    "REUxEzARBgNVBAoMCkFjbWUsIEluYy4xDDAKBgNVBAsMA0ErQjENMAsGA1UEAwwE\n"
    "Wm/DqzAeFw0yNjExMjMxNjI2MjVaFw0zNjExMjAxNjI2MjVaMD8xCzAJBgNVBAYT\n"
    "AkRFMRMwEQYDVQQKDApBY21lLCBJbmMuMQwwCgYDVQQLDANBK0IxDTALBgNVBAMM\n"
    "BFpvw6swWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQHteDGpfRgSKmEy8cUFwX3\n"
    "36bVZmP4I3hM36fSqijoj59a6JLImtBj5HFYkV+MTT7xm01+TPSSiFu4bVJIrBnv\n"
    "o1MwUTAdBgNVHQ4EFgQUswd7IOB1M06HDL974sQIS8l9h3AwHwYDVR0jBBgwFoAU\n"
    "swd7IOB1M06HDL974sQIS8l9h3AwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD\n"
    "AgNIADBFAiAhqQ+99CFnf/c/DsQ+3Diu/2rOeZFs6RXCLJPkGxJbBQIhAI6xF42F\n"
    "ZIzRQ8Re+X05AXOjOaL9R2PoDgOhRR8yYvhZ\n"
    "-----END CERTIFICATE-----\n";

UniqueX509 fixed() {
    const UniqueBio bio(BIO_new_mem_buf(kFixed, -1));
    UniqueX509 certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    assert_non_null(certificate.get());
    return certificate;
}

void distinguished_names(void**) {
    const UniqueX509 certificate = fixed();
    const char* rfc2253 = "CN=Zo\\C3\\AB,OU=A\\+B,O=Acme\\, Inc.,C=DE";
    const char* legacy = "/C=DE/O=Acme, Inc./OU=A\\+B/CN=Zo\\xC3\\xAB";
    assert_string_equal(subject_dn(certificate.get()).c_str(), rfc2253);
    assert_string_equal(issuer_dn(certificate.get()).c_str(), rfc2253);
    assert_string_equal(subject_dn_legacy(certificate.get()).c_str(), legacy);
    assert_string_equal(issuer_dn_legacy(certificate.get()).c_str(), legacy);
}

void subject_and_issuer_are_not_mixed_up(void**) {
    const test::Party authority = test::make_authority("the issuer");
    const test::Party leaf = test::make_leaf(test::make_ec_key(), &authority, "the subject");
    assert_string_equal(subject_dn(leaf.certificate.get()).c_str(), "CN=the subject");
    assert_string_equal(issuer_dn(leaf.certificate.get()).c_str(), "CN=the issuer");
    assert_string_equal(subject_dn_legacy(leaf.certificate.get()).c_str(), "/CN=the subject");
    assert_string_equal(issuer_dn_legacy(leaf.certificate.get()).c_str(), "/CN=the issuer");
}

void an_empty_name_is_an_empty_text(void**) {
    CertificateWish wish;
    wish.subject = {};
    const UniquePkey key = test::make_ec_key();
    const UniqueX509 certificate = test::make_certificate(key.get(), wish);
    assert_string_equal(subject_dn(certificate.get()).c_str(), "");
    assert_string_equal(subject_dn_legacy(certificate.get()).c_str(), "");
}

void serial_numbers(void**) {
    assert_string_equal(serial_number(fixed().get()).c_str(), "0123456789ABCDEF");
    const UniquePkey key = test::make_ec_key();
    const struct {
        long number;
        const char* text;
    } pairs[] = {{0, "00"}, {1, "01"}, {0xab, "AB"}, {0xabc, "0ABC"}, {-1, "-01"}};
    for (const auto& pair : pairs) {
        CertificateWish wish;
        wish.serial = pair.number;
        assert_string_equal(serial_number(test::make_certificate(key.get(), wish).get()).c_str(), pair.text);
    }
}

void fingerprints(void**) {
    const UniqueX509 certificate = fixed();
    assert_string_equal(fingerprint_sha1(certificate.get()).c_str(),
                        "75dc0c177fa592739c5319abeba8c62aec5da693");
    assert_string_equal(fingerprint_sha256(certificate.get()).c_str(),
                        "5d54e174802f4944266e03843b65c3002b63ee19ac2ef73d5abd17f233b7bccb");
}

void validity(void**) {
    const UniqueX509 certificate = fixed();
    assert_string_equal(valid_from(certificate.get()).c_str(), "Nov 23 16:26:25 2026 GMT");
    assert_string_equal(valid_until(certificate.get()).c_str(), "Nov 20 16:26:25 2036 GMT");

    // A day of one digit is padded, and years past 2049 are written in another ASN.1 type.
    CertificateWish wish;
    wish.not_before = 1701734705;  // 2023-12-05 00:05:05
    wish.not_after = 4102444799;   // 2099-12-31 23:59:59
    const UniquePkey key = test::make_ec_key();
    const UniqueX509 made = test::make_certificate(key.get(), wish);
    assert_string_equal(valid_from(made.get()).c_str(), "Dec  5 00:05:05 2023 GMT");
    assert_string_equal(valid_until(made.get()).c_str(), "Dec 31 23:59:59 2099 GMT");
}

void remaining_days_are_whole(void**) {
    constexpr time_t kEnd = 2000000000;
    constexpr time_t kDay = 86400;
    CertificateWish wish;
    wish.not_after = kEnd;
    const UniquePkey key = test::make_ec_key();
    const UniqueX509 made = test::make_certificate(key.get(), wish);
    const struct {
        time_t before_end;
        const char* days;
    } pairs[] = {{-1000 * kDay, "0"}, {-1, "0"},           {0, "0"},           {kDay - 1, "0"}, {kDay, "1"},
                 {kDay + 1, "1"},     {2 * kDay - 1, "1"}, {365 * kDay, "365"}};
    for (const auto& pair : pairs) {
        assert_string_equal(valid_remaining_days(made.get(), kEnd - pair.before_end).c_str(), pair.days);
    }
}

void a_broken_time_is_no_number(void**) {
    const UniquePkey key = test::make_ec_key();
    const UniqueX509 made = test::make_certificate(key.get(), CertificateWish{});
    assert_int_equal(ASN1_STRING_set(X509_getm_notAfter(made.get()), "nonsense", -1), 1);
    assert_string_equal(valid_remaining_days(made.get(), 0).c_str(), "");
    assert_string_equal(valid_until(made.get()).c_str(), "Bad time value");
}

void pem_forms(void**) {
    const UniqueX509 certificate = fixed();
    assert_string_equal(pem(certificate.get()).c_str(), kFixed);

    std::string tabs;
    std::string escaped;
    for (const char c : std::string(kFixed)) {
        tabs += c == '\n' ? std::string("\n\t") : std::string(1, c);
        switch (c) {
            case '\n':
                escaped += "%0A";
                break;
            case ' ':
                escaped += "%20";
                break;
            case '+':
                escaped += "%2B";
                break;
            case '/':
                escaped += "%2F";
                break;
            case '=':
                escaped += "%3D";
                break;
            default:
                escaped += c;
        }
    }
    // The last newline is not there at all.
    assert_string_equal(pem_with_tabs(certificate.get()).c_str(), tabs.substr(0, tabs.size() - 2).c_str());
    assert_string_equal(pem_escaped(certificate.get()).c_str(), escaped.c_str());
    const std::string begin = "-----BEGIN%20CERTIFICATE-----%0AMII";
    assert_string_equal(escaped.substr(0, begin.size()).c_str(), begin.c_str());
}

void verdicts(void**) {
    const UniqueX509 certificate = fixed();
    assert_string_equal(verify_verdict(nullptr, X509_V_OK).c_str(), "NONE");
    assert_string_equal(verify_verdict(nullptr, X509_V_ERR_CERT_HAS_EXPIRED).c_str(), "NONE");
    assert_string_equal(verify_verdict(certificate.get(), X509_V_OK).c_str(), "SUCCESS");
    assert_string_equal(verify_verdict(certificate.get(), X509_V_ERR_CERT_HAS_EXPIRED).c_str(),
                        "FAILED:certificate has expired");
    assert_string_equal(verify_verdict(certificate.get(), X509_V_ERR_CERT_REVOKED).c_str(),
                        "FAILED:certificate revoked");
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(distinguished_names),
        cmocka_unit_test(subject_and_issuer_are_not_mixed_up),
        cmocka_unit_test(an_empty_name_is_an_empty_text),
        cmocka_unit_test(serial_numbers),
        cmocka_unit_test(fingerprints),
        cmocka_unit_test(validity),
        cmocka_unit_test(remaining_days_are_whole),
        cmocka_unit_test(a_broken_time_is_no_number),
        cmocka_unit_test(pem_forms),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
