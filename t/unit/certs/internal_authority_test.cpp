// The local authority: what it issues, who may read its key, and several processes that make it at once.
#include "certs/internal_authority.h"

#include <openssl/x509v3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <set>
#include <sstream>

#include "support/certificate_folder.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using test::CertificateFolder;
using test::kNow;
using test::need;
using Opened = Result<std::shared_ptr<const InternalAuthority>>;

std::string content(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Opened open_authority(const std::string& folder, time_t now = kNow) {
    Opened opened = InternalAuthority::open(folder, now);
    if (!opened) {
        assert_true(opened.error().message.compare(0, 32, "internal certificate authority: ") == 0);
    }
    return opened;
}

void assert_refused(const std::string& folder, const std::string& why, time_t now = kNow) {
    const Opened opened = open_authority(folder, now);
    assert_false(opened.ok());
    if (opened.error().message.find(why) == std::string::npos) {
        print_error("\"%s\" is not in \"%s\"\n", why.c_str(), opened.error().message.c_str());
    }
    assert_true(opened.error().message.find(why) != std::string::npos);
}

int mode_of(const std::string& path) {
    struct stat seen {};
    need(stat(path.c_str(), &seen) == 0);
    return static_cast<int>(seen.st_mode & 07777);
}

size_t files_in(const std::string& folder) {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        count += entry.path().empty() ? 0 : 1;
    }
    return count;
}

// The verdict of a client that trusts the authority and asks for that name, as OpenSSL's error number.
int verdict(const InternalAuthority& authority, const Credential& leaf, const std::string& host,
            bool is_address, time_t now) {
    const UniqueStore store(X509_STORE_new());
    need(X509_STORE_load_file(store.get(), authority.certificate_path().c_str()) == 1);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    need(X509_STORE_CTX_init(context, store.get(), leaf.leaf.get(), nullptr) == 1);
    X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(param, now);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
    need((is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str())
                     : X509_VERIFY_PARAM_set1_host(param, host.c_str(), 0)) == 1);
    X509_verify_cert(context);
    const int error = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    return error;
}

void it_is_made_once_and_kept(void**) {
    const CertificateFolder top;
    const std::string folder = top.at("ca");
    const Opened first = open_authority(folder);
    assert_true(first.ok());
    assert_string_equal((*first)->certificate_path().c_str(), (folder + "/ca.pem").c_str());
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(folder + "/ca.key"), 0600);
    assert_int_equal(mode_of(folder + "/ca.pem"), 0644);
    assert_int_equal(files_in(folder), 2);
    const std::string both = content(folder + "/ca.key") + content(folder + "/ca.pem");
    const Opened second = open_authority(folder, kNow + 86400);
    assert_true(second.ok());
    assert_true(both == content(folder + "/ca.key") + content(folder + "/ca.pem"));
    const auto leaf = (*second)->issue("a.example", kNow);
    assert_true(leaf.ok());
    assert_int_equal(verdict(**first, **leaf, "a.example", false, kNow), X509_V_OK);
}

void its_certificate_is_an_authority_s(void**) {
    const CertificateFolder top;
    const Opened authority = open_authority(top.path());
    const auto leaf = (*authority)->issue("a.example", kNow);
    assert_int_equal((*leaf)->chain.size(), 1);
    X509* certificate = (*leaf)->chain[0].get();
    assert_int_equal(X509_check_ca(certificate), 1);
    assert_int_equal(X509_get_pathlen(certificate), 0);
    assert_int_equal(X509_get_key_usage(certificate), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_non_null(X509_get0_subject_key_id(certificate));
    assert_non_null(X509_get0_authority_key_id(certificate));
    char name[256];
    assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                                          sizeof(name)) > 0);
    const std::string common = name;
    assert_string_equal(common.substr(0, 29).c_str(), "nginx tls internal authority ");
    assert_int_equal(common.size(), 29 + 8);
    const time_t end = kNow - 3600 + time_t{3650} * 86400;
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), end), 0);
}

void leaves_are_good_for_their_name_only(void**) {
    const CertificateFolder top;
    const Opened opened = open_authority(top.path());
    const InternalAuthority& authority = **opened;
    const std::string long_name = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
    for (const std::string& name : {std::string("a.example"), std::string("localhost"), long_name}) {
        const auto leaf = authority.issue(name, kNow);
        assert_true(leaf.ok());
        assert_int_equal(verdict(authority, **leaf, name, false, kNow), X509_V_OK);
        assert_int_equal(verdict(authority, **leaf, "b.example", false, kNow), X509_V_ERR_HOSTNAME_MISMATCH);
        X509* certificate = (*leaf)->leaf.get();
        assert_int_equal(X509_check_ca(certificate), 0);
        assert_int_equal(X509_get_key_usage(certificate), KU_DIGITAL_SIGNATURE);
        assert_int_equal(X509_get_extended_key_usage(certificate), XKU_SSL_SERVER);
        assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notBefore(certificate), kNow - 3600), 0);
        assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), kNow + 7 * 86400), 0);
        assert_int_equal(EVP_PKEY_get_bits((*leaf)->key.get()), 256);
        assert_int_equal(X509_check_private_key(certificate, (*leaf)->key.get()), 1);
    }
    for (const std::string& address :
         {std::string("127.0.0.1"), std::string("::1"), std::string("2001:db8::7")}) {
        const auto leaf = authority.issue(address, kNow);
        assert_true(leaf.ok());
        assert_int_equal(verdict(authority, **leaf, address, true, kNow), X509_V_OK);
        assert_int_equal(verdict(authority, **leaf, "127.0.0.2", true, kNow), X509_V_ERR_IP_ADDRESS_MISMATCH);
    }
    const auto leaf = authority.issue("a.example", kNow);
    assert_int_equal(verdict(authority, **leaf, "a.example", false, kNow + 7 * 86400 + 1),
                     X509_V_ERR_CERT_HAS_EXPIRED);
}

void serial_numbers_and_keys_are_all_different(void**) {
    const CertificateFolder top;
    const Opened authority = open_authority(top.path());
    std::set<std::string> serials;
    std::set<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        const auto leaf = (*authority)->issue("a.example", kNow);
        const ASN1_INTEGER* serial = X509_get0_serialNumber((*leaf)->leaf.get());
        assert_int_equal(serial->type, V_ASN1_INTEGER);
        serials.emplace(reinterpret_cast<const char*>(serial->data), static_cast<size_t>(serial->length));
        keys.insert(test::pem_text((*leaf)->key));
    }
    assert_int_equal(serials.size(), 200);
    assert_int_equal(keys.size(), 200);
}

void what_is_no_name_is_not_signed(void**) {
    const CertificateFolder top;
    const Opened authority = open_authority(top.path());
    for (const std::string& name :
         {std::string(), std::string("*"), std::string("*.example"), std::string("a,DNS:b"),
          std::string("a\nb"), std::string("A.example"), std::string("a..b"), std::string(".a"),
          std::string("a."), std::string(254, 'a'), std::string("a\0b", 3), std::string("\xc3\xa4"),
          std::string("@section"), std::string("email:copy"), std::string("1.2.3.4/8"),
          std::string("fe80::1%lo")}) {
        const auto leaf = (*authority)->issue(name, kNow);
        assert_false(leaf.ok());
        assert_true(leaf.error().message.find("neither a DNS name nor an IP address") != std::string::npos);
    }
}

void a_leaf_does_not_outlive_its_authority(void**) {
    const CertificateFolder top;
    const Opened authority = open_authority(top.path());
    const time_t end = kNow - 3600 + time_t{3650} * 86400;
    const auto leaf = (*authority)->issue("a.example", end - 86400);
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter((*leaf)->leaf.get()), end), 0);
    assert_refused(top.path(), "\" has expired", end + 1);
}

void a_key_that_others_may_read_is_refused(void**) {
    const CertificateFolder top;
    assert_true(open_authority(top.path()).ok());
    for (const mode_t mode : {0640, 0604, 0660, 0777}) {
        need(chmod(top.at("ca.key").c_str(), mode) == 0);
        char text[64];
        snprintf(text, sizeof(text), "(its mode is %04o, 0600 is needed)", static_cast<unsigned>(mode));
        assert_refused(top.path(), "the key \"" + top.at("ca.key") + "\" is open to other users " + text);
    }
    need(chmod(top.at("ca.key").c_str(), 0400) == 0);
    assert_true(open_authority(top.path()).ok());
}

void halves_that_are_lost_or_wrong(void**) {
    const CertificateFolder top;
    assert_true(open_authority(top.at("ca")).ok());
    assert_true(open_authority(top.at("other")).ok());
    const std::string key = content(top.at("ca/ca.key"));
    const std::string certificate = content(top.at("ca/ca.pem"));

    top.remove("ca/ca.key");
    assert_refused(top.at("ca"), "\"" + top.at("ca/ca.pem") + "\" is there, but its key \"" +
                                     top.at("ca/ca.key") +
                                     "\" is not: restore it, or remove the certificate");
    const auto put_key = [&](const std::string& text) {
        top.write("ca/ca.key", text);
        need(chmod(top.at("ca/ca.key").c_str(), 0600) == 0);
    };
    put_key("");
    assert_refused(top.at("ca"), "is empty");
    put_key(key.substr(0, key.size() / 2));
    assert_refused(top.at("ca"), "cannot load certificate key \"" + top.at("ca/ca.key") + "\"");
    put_key(content(top.at("other/ca.key")));
    assert_refused(top.at("ca"), "does not belong to \"" + top.at("ca/ca.pem") + "\"");
    put_key(key);
    top.write("ca/ca.pem", certificate.substr(0, certificate.size() / 2));
    assert_refused(top.at("ca"), "cannot load certificate \"" + top.at("ca/ca.pem") + "\"");
    const test::PairOfTexts leaf = test::make_pair_of_texts("a.example");
    top.write("ca/ca.pem", leaf.certificate);
    put_key(leaf.key);
    assert_refused(top.at("ca"), "is not an authority's certificate");
    // A certificate that was never written is made for the key that was.
    put_key(key);
    top.remove("ca/ca.pem");
    const Opened again = open_authority(top.at("ca"));
    assert_true(again.ok());
    assert_true(content(top.at("ca/ca.key")) == key);
    top.write("file", "");
    assert_refused(top.at("file"), "Not a directory");
    assert_refused(top.at("no/such/folder"), "mkdir()");
}

// Runs a check in a process of its own; its failure is this test's.
template <class Check>
pid_t in_a_child(Check check) {
    const pid_t child = fork();
    if (child == 0) {
        check();
        _exit(0);
    }
    return child;
}

void assert_ended_well(pid_t child) {
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

void several_processes_agree(void**) {
    constexpr int kProcesses = 8;
    for (int round = 0; round < 10; ++round) {
        const CertificateFolder top;
        const std::string folder = top.at("ca");
        pid_t children[kProcesses];
        for (int i = 0; i < kProcesses; ++i) {
            children[i] = in_a_child([&] {
                const Opened opened = InternalAuthority::open(folder, kNow);
                need(opened.ok());
                const auto leaf = (*opened)->issue("a.example", kNow);
                need(leaf.ok());
                std::ofstream(top.at("leaf" + std::to_string(i))) << test::pem_text((*leaf)->leaf);
            });
        }
        for (const pid_t child : children) {
            assert_ended_well(child);
        }
        assert_int_equal(files_in(folder), 2);
        const Opened opened = open_authority(folder);
        assert_true(opened.ok());
        for (int i = 0; i < kProcesses; ++i) {
            Credential leaf;
            const std::string text = content(top.at("leaf" + std::to_string(i)));
            const UniqueBio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
            leaf.leaf.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
            assert_int_equal(verdict(**opened, leaf, "a.example", false, kNow), X509_V_OK);
        }
    }
}

void no_room_for_it(void**) {
    const CertificateFolder top;
    // Not even for the key, then not for the certificate.
    for (const rlim_t most : {rlim_t{10}, rlim_t{400}}) {
        assert_ended_well(in_a_child([&] {
            signal(SIGXFSZ, SIG_IGN);
            const rlimit limit = {most, most};
            need(setrlimit(RLIMIT_FSIZE, &limit) == 0);
            const Opened opened = InternalAuthority::open(top.at("ca"), kNow);
            need(!opened.ok());
            need(opened.error().message.find("failed (27: File too large)") != std::string::npos);
        }));
    }
    assert_int_equal(files_in(top.at("ca")), 1);
    assert_true(open_authority(top.at("ca")).ok());
    assert_int_equal(files_in(top.at("ca")), 2);
}

void a_full_disk(void**) {
    const CertificateFolder top;
    if (getuid() != 0 || mkdir(top.at("disk").c_str(), 0700) != 0 ||
        mount("tmpfs", top.at("disk").c_str(), "tmpfs", 0, "size=4096,nr_inodes=10") != 0) {
        return;  // no right to mount: no_room_for_it() has the same ends
    }
    std::ofstream(top.at("disk/full")) << std::string(4096, 'x');
    const Opened opened = InternalAuthority::open(top.at("disk"), kNow);
    const size_t files = files_in(top.at("disk"));
    umount(top.at("disk").c_str());
    assert_false(opened.ok());
    assert_true(opened.error().message.find("failed (28: No space left on device)") != std::string::npos);
    assert_int_equal(files, 1);
}

void the_source_renews_in_time(void**) {
    const CertificateFolder top;
    const Opened authority = open_authority(top.path());
    CredentialCatalog catalog(make_internal_source(*authority), {10, 10000000, 1});
    Notices notices;
    const auto first = catalog.find("a.example", kNow, &notices);
    assert_non_null(first.get());
    assert_string_equal(first->name.c_str(), "a.example");
    const time_t life = 7 * 86400;
    assert_ptr_equal(catalog.find("a.example", kNow + life * 2 / 3 - 1, &notices).get(), first.get());
    const auto second = catalog.find("a.example", kNow + life * 2 / 3, &notices);
    assert_ptr_not_equal(second.get(), first.get());
    assert_int_equal(verdict(**authority, *second->credentials[0], "a.example", false, kNow + life),
                     X509_V_OK);
    // A clock that was wrong.
    const auto third = catalog.find("a.example", kNow, &notices);
    assert_int_equal(verdict(**authority, *third->credentials[0], "a.example", false, kNow), X509_V_OK);
    for (const std::string name : {"", "*", "a b", "../x", "A"}) {
        assert_null(catalog.find(name, kNow, &notices).get());
    }
    assert_true(notices.empty());
    assert_int_equal(catalog.counts().names, 1);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_once_and_kept),
        cmocka_unit_test(its_certificate_is_an_authority_s),
        cmocka_unit_test(leaves_are_good_for_their_name_only),
        cmocka_unit_test(serial_numbers_and_keys_are_all_different),
        cmocka_unit_test(what_is_no_name_is_not_signed),
        cmocka_unit_test(a_leaf_does_not_outlive_its_authority),
        cmocka_unit_test(a_key_that_others_may_read_is_refused),
        cmocka_unit_test(halves_that_are_lost_or_wrong),
        cmocka_unit_test(several_processes_agree),
        cmocka_unit_test(no_room_for_it),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(the_source_renews_in_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
