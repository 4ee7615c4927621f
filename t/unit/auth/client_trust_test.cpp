// What ends up in the store, in the announced names and in the digest, and each refusal's sentence.
#include "auth/client_trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "support/cmocka.h"
#include "support/made_certificates.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

using test::make_authority;
using test::make_crl;
using test::make_leaf;
using test::Party;
using test::pem_text;
using test::TemporaryFolder;

using Loaded = Result<std::shared_ptr<const ClientTrust>>;

Loaded load(const std::string& client, const std::string& trusted = "", const std::string& crl = "") {
    ClientTrustFiles files;
    files.client_certificate = client;
    files.trusted_certificate = trusted;
    files.crl = crl;
    Loaded loaded = load_client_trust(files);
    assert_int_equal(ERR_peek_error(), 0);
    return loaded;
}

// The verify result that libssl would get for a client with this certificate.
int verify(const ClientTrust& trust, const Party& client) {
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    assert_non_null(context);
    assert_int_equal(X509_STORE_CTX_init(context, trust.store.get(), client.certificate.get(), nullptr), 1);
    assert_int_equal(X509_STORE_CTX_set_default(context, "ssl_client"), 1);
    X509_verify_cert(context);
    const int result = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    return result;
}

std::string common_name(const UniqueX509& certificate) {
    char text[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, text, sizeof(text));
    return text;
}

void assert_begins(const Loaded& loaded, const std::string& begin) {
    assert_false(loaded.ok());
    assert_string_equal(loaded.error().message.substr(0, begin.size()).c_str(), begin.c_str());
}

void nothing_given_trusts_nobody(void**) {
    const Loaded loaded = load("");
    assert_true(loaded.ok());
    assert_int_equal((*loaded)->announced.size(), 0);
    assert_int_equal((*loaded)->digest.size(), 32);
    const Party authority = make_authority("a");
    const Party client = make_leaf(test::make_ec_key(), &authority);
    assert_int_equal(verify(**loaded, client), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

void client_certificates_are_trusted_and_announced(void**) {
    TemporaryFolder folder;
    const Party a = make_authority("a");
    const Party b = make_authority("b");
    const Party stranger = make_authority("stranger");
    const Loaded loaded = load(
        folder.write("ca.pem", "# comment\n" + pem_text(a.certificate) + "\n" + pem_text(b.certificate)));
    assert_true(loaded.ok());
    assert_int_equal((*loaded)->announced.size(), 2);
    assert_string_equal(common_name((*loaded)->announced[0]).c_str(), "a");
    assert_string_equal(common_name((*loaded)->announced[1]).c_str(), "b");
    assert_int_equal(verify(**loaded, make_leaf(test::make_ec_key(), &a)), X509_V_OK);
    assert_int_equal(verify(**loaded, make_leaf(test::make_ec_key(), &b)), X509_V_OK);
    assert_int_equal(verify(**loaded, make_leaf(test::make_ec_key(), &stranger)),
                     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

void a_name_is_announced_once(void**) {
    TemporaryFolder folder;
    const Party old_key = make_authority("same");
    const Party new_key = make_authority("same");
    const Loaded loaded =
        load(folder.write("ca.pem", pem_text(old_key.certificate) + pem_text(new_key.certificate) +
                                        pem_text(old_key.certificate)));
    assert_true(loaded.ok());
    assert_int_equal((*loaded)->announced.size(), 1);
    // Both keys are trusted all the same.
    assert_int_equal(verify(**loaded, make_leaf(test::make_ec_key(), &old_key)), X509_V_OK);
    assert_int_equal(verify(**loaded, make_leaf(test::make_ec_key(), &new_key)), X509_V_OK);
}

void trusted_certificates_are_not_announced(void**) {
    TemporaryFolder folder;
    const Party announced = make_authority("announced");
    const Party silent = make_authority("silent");
    const std::string silent_file = folder.write("silent.pem", pem_text(silent.certificate));
    const Loaded both = load(folder.write("ca.pem", pem_text(announced.certificate)), silent_file);
    assert_true(both.ok());
    assert_int_equal((*both)->announced.size(), 1);
    assert_int_equal(verify(**both, make_leaf(test::make_ec_key(), &announced)), X509_V_OK);
    assert_int_equal(verify(**both, make_leaf(test::make_ec_key(), &silent)), X509_V_OK);

    const Loaded alone = load("", silent_file);
    assert_true(alone.ok());
    assert_int_equal((*alone)->announced.size(), 0);
    assert_int_equal(verify(**alone, make_leaf(test::make_ec_key(), &silent)), X509_V_OK);
}

void revocation_lists_are_used(void**) {
    TemporaryFolder folder;
    const Party authority = make_authority("a");
    const Party other = make_authority("b");
    const std::string ca =
        folder.write("ca.pem", pem_text(authority.certificate) + pem_text(other.certificate));
    const Party good = make_leaf(test::make_ec_key(), &authority, "good", 10);
    const Party bad = make_leaf(test::make_ec_key(), &authority, "bad", 11);
    const Party unlisted = make_leaf(test::make_ec_key(), &other, "unlisted", 12);

    const Loaded without = load(ca);
    assert_int_equal(verify(**without, bad), X509_V_OK);

    const Loaded with = load(ca, "", folder.write("crl.pem", pem_text(make_crl(authority, {11, 99}))));
    assert_true(with.ok());
    assert_int_equal(verify(**with, good), X509_V_OK);
    assert_int_equal(verify(**with, bad), X509_V_ERR_CERT_REVOKED);
    assert_int_equal(verify(**with, unlisted), X509_V_ERR_UNABLE_TO_GET_CRL);
}

void every_certificate_of_the_path_needs_a_list(void**) {
    TemporaryFolder folder;
    const Party root = make_authority("root");
    const Party middle = make_authority("middle", &root);
    const Party client = make_leaf(test::make_ec_key(), &middle);
    const std::string ca = folder.write("ca.pem", pem_text(root.certificate) + pem_text(middle.certificate));
    const std::string of_middle = pem_text(make_crl(middle, {}));
    const std::string of_root = pem_text(make_crl(root, {}));
    const Loaded one = load(ca, "", folder.write("one.pem", of_middle));
    assert_int_equal(verify(**one, client), X509_V_ERR_UNABLE_TO_GET_CRL);
    const Loaded both = load(ca, "", folder.write("both.pem", of_middle + of_root));
    assert_int_equal(verify(**both, client), X509_V_OK);
}

void errors_name_call_and_file(void**) {
    TemporaryFolder folder;
    const Party authority = make_authority("a");
    const std::string ca = folder.write("ca.pem", pem_text(authority.certificate));
    const std::string missing = folder.at("missing");
    const std::string garbage = folder.write("garbage", "nothing\n");
    const std::string cut = folder.write("cut", pem_text(authority.certificate).substr(0, 200));
    const std::string list = folder.write("list", pem_text(make_crl(authority, {})));
    for (const std::string& path : {missing, garbage, cut, folder.path(), folder.write("empty", "")}) {
        const std::string location = "SSL_CTX_load_verify_locations(\"" + path + "\") failed (SSL: error:";
        assert_begins(load(path), location);
        assert_begins(load(ca, path), location);
        assert_begins(load(ca, "", path), "X509_LOOKUP_load_file(\"" + path + "\") failed (SSL: error:");
    }
    // A file with lists only can be trusted, but has nobody to announce.
    assert_begins(load(list), "SSL_load_client_CA_file(\"" + list + "\") failed (SSL: error:");
}

void the_digest_covers_everything_in_order(void**) {
    TemporaryFolder folder;
    const Party a = make_authority("a");
    const Party b = make_authority("b");
    const std::string only_a = folder.write("a.pem", pem_text(a.certificate));
    const std::string ab = folder.write("ab.pem", pem_text(a.certificate) + pem_text(b.certificate));
    const std::string ba = folder.write("ba.pem", pem_text(b.certificate) + pem_text(a.certificate));
    const std::string list = folder.write("list.pem", pem_text(make_crl(a, {})));
    const std::string other_list = folder.write("other.pem", pem_text(make_crl(a, {5})));

    const std::string digests[] = {
        (*load(""))->digest,
        (*load(only_a))->digest,
        (*load(ab))->digest,
        (*load(ba))->digest,
        (*load("", only_a))->digest,
        (*load(only_a, only_a))->digest,
        (*load(ab, only_a))->digest,
        (*load(only_a, "", list))->digest,
        (*load(only_a, "", other_list))->digest,
    };
    for (const std::string& one : digests) {
        int equal = 0;
        for (const std::string& other : digests) {
            equal += one == other ? 1 : 0;
        }
        assert_int_equal(one.size(), 32);
        assert_int_equal(equal, 1);
    }
    // What is not loaded does not count, nor where it lies.
    const std::string again = folder.write("again.pem", "# a comment\n" + pem_text(a.certificate) + "\n");
    assert_true((*load(again))->digest == (*load(only_a))->digest);
}

void optional_errors_are_nginx_s(void**) {
    const long optional[] = {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                             X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_CERT_UNTRUSTED,
                             X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE};
    int passed = 0;
    for (long error = -5; error < 200; ++error) {
        passed += is_optional_verify_error(error) ? 1 : 0;
    }
    assert_int_equal(passed, 5);
    for (const long error : optional) {
        assert_true(is_optional_verify_error(error));
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_trusts_nobody),
        cmocka_unit_test(client_certificates_are_trusted_and_announced),
        cmocka_unit_test(a_name_is_announced_once),
        cmocka_unit_test(trusted_certificates_are_not_announced),
        cmocka_unit_test(revocation_lists_are_used),
        cmocka_unit_test(every_certificate_of_the_path_needs_a_list),
        cmocka_unit_test(errors_name_call_and_file),
        cmocka_unit_test(the_digest_covers_everything_in_order),
        cmocka_unit_test(optional_errors_are_nginx_s),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
