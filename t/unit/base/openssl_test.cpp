// The error queue as nginx prints it, and shared ownership of OpenSSL's counted objects.
#include "base/openssl.h"

#include <openssl/err.h>

#include "support/cmocka.h"

static void an_empty_queue_is_an_empty_string(void**) {
    ERR_clear_error();
    assert_string_equal(tls::drain_openssl_errors().c_str(), "");
    assert_string_equal(tls::openssl_failure("SSL_new()").c_str(), "SSL_new() failed");
}

static void errors_come_as_nginx_prints_them(void**) {
    ERR_clear_error();
    const tls::UniqueBio file(BIO_new_file("/nonexistent/file.pem", "r"));
    assert_null(file.get());
    const std::string text = tls::openssl_failure("BIO_new_file(\"/nonexistent/file.pem\")");
    const std::string begin = "BIO_new_file(\"/nonexistent/file.pem\") failed (SSL: error:80000002:";
    assert_string_equal(text.substr(0, begin.size()).c_str(), begin.c_str());
    // Each entry's own data follows it, and the entries are one line between one pair of parentheses.
    assert_true(text.find("No such file or directory:calling fopen(/nonexistent/file.pem, r) error:") !=
                std::string::npos);
    assert_int_equal(text.back(), ')');
    assert_int_equal(ERR_peek_error(), 0);
}

static void an_entry_without_data_has_no_colon_behind_it(void**) {
    ERR_clear_error();
    ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
    assert_string_equal(tls::drain_openssl_errors().c_str(),
                        " (SSL: error:0480006C:PEM routines::no start line)");
}

static void a_shared_object_outlives_its_first_owner(void**) {
    tls::UniqueX509 first(X509_new());
    X509* const plain = first.get();
    tls::UniqueX509 second = tls::share(plain);
    first.reset();
    assert_ptr_equal(second.get(), plain);
    assert_int_equal(X509_get_version(second.get()), 0);

    tls::UniquePkey key(EVP_PKEY_new());
    tls::UniquePkey same = tls::share(key.get());
    key.reset();
    assert_int_equal(EVP_PKEY_get_base_id(same.get()), EVP_PKEY_NONE);
}

static void null_stays_null(void**) {
    assert_null(tls::share(static_cast<X509*>(nullptr)).get());
    assert_null(tls::share(static_cast<EVP_PKEY*>(nullptr)).get());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_queue_is_an_empty_string),
        cmocka_unit_test(errors_come_as_nginx_prints_them),
        cmocka_unit_test(an_entry_without_data_has_no_colon_behind_it),
        cmocka_unit_test(a_shared_object_outlives_its_first_owner),
        cmocka_unit_test(null_stays_null),
    };
    return cmocka_run_group_tests_name("openssl", tests, nullptr, nullptr);
}
