// RFC 8446 section 4.1.2 and the extensions' own RFCs: what a good hello says, and that no piece of one is
// misread. How refusals agree with libssl's is in client_hello_libssl_test.cpp.
#include "hello/client_hello.h"

#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/hello_vectors.h"

using test::Bytes;
using test::Fenced;
using test::HelloBuilder;
using test::hex;
using tls::Alert;
using tls::ParsedHello;
using tls::Reason;

// A hello and the memory that it points into.
struct Parsed {
    explicit Parsed(const Bytes& message)
        : bytes(test::view(message)), result(tls::parse_client_hello(bytes.view())) {}
    const tls::ClientHello* operator->() const { return &result.hello; }

    Fenced bytes;
    ParsedHello result;
};

static void expect_refused(const Bytes& message, Alert alert, Reason reason = Reason::HelloMalformed) {
    const Parsed parsed(message);
    assert_false(parsed.result.ok);
    assert_int_equal(static_cast<int>(parsed.result.refusal.alert), static_cast<int>(alert));
    assert_int_equal(static_cast<int>(parsed.result.refusal.reason), static_cast<int>(reason));
    assert_true(parsed.result.refusal.text[0] != '\0');
}

static void every_field_is_read(void**) {
    HelloBuilder builder;
    builder.add(35, hex("aabb"))
        .add(50, test::prefixed(2, test::u16_list({0x0807})))
        .add(42, {})
        .add(41, hex("00"));
    const Parsed hello(builder.message());
    assert_true(hello.result.ok);
    assert_int_equal(hello->legacy_version, 0x0303);
    assert_int_equal(hello->random.size(), 32);
    assert_int_equal(hello->random[31], 0x5a);
    assert_int_equal(hello->session_id.size(), 32);
    assert_int_equal(hello->cipher_suites.size(), 4);
    assert_int_equal(hello->cipher_suites[3], 0xc02c);
    assert_int_equal(hello->compression_methods.size(), 1);
    assert_int_equal(hello->extensions.size(), 11);
    assert_int_equal(hello->extensions[10].type, 41);
    assert_true(hello->has_server_name);
    assert_true(hello->server_name == "example.com");
    assert_int_equal(hello->supported_groups[0], 29);
    assert_int_equal(hello->signature_algorithms[1], 0x0804);
    assert_int_equal(hello->signature_algorithms_cert[0], 0x0807);
    assert_int_equal(hello->supported_versions.size(), 2);
    assert_true(hello->has_alpn);
    assert_int_equal(hello->alpn.size(), 2);
    assert_true(hello->alpn[0] == "h2" && hello->alpn[1] == "http/1.1");
    assert_int_equal(hello->key_share_groups.size(), 1);
    assert_int_equal(hello->key_share_groups[0], 29);
    assert_true(hello->has_session_ticket && hello->has_early_data && hello->has_pre_shared_key);
    assert_int_equal(hello->message.size(), hello.bytes.view().size());
    assert_non_null(hello->find(43));
    assert_null(hello->find(0xffff));
}

static void a_hello_may_have_no_extensions(void**) {
    HelloBuilder builder;
    builder.has_extensions = false;
    const Parsed without(builder.message());
    assert_true(without.result.ok);
    assert_true(without->extensions.empty() && !without->has_server_name && !without->has_alpn);
    assert_true(without->supported_groups.empty() && without->supported_versions.empty());

    builder.has_extensions = true;
    builder.extensions.clear();
    assert_true(Parsed(builder.message()).result.ok);
}

static void versions_are_offered_by_extension_or_by_legacy_version(void**) {
    const Parsed both(HelloBuilder().message());
    assert_true(both->offers_version(0x0304) && both->offers_version(0x0303));
    assert_false(both->offers_version(0x0302));

    const Parsed only13(
        HelloBuilder().set(43, test::prefixed(1, test::u16_list({0x2a2a, 0x0304}))).message());
    assert_true(only13->offers_version(0x0304));
    assert_false(only13->offers_version(0x0303));

    HelloBuilder legacy;
    legacy.remove(43);
    const Parsed tls12(legacy.message());
    assert_false(tls12->offers_version(0x0304));
    assert_true(tls12->offers_version(0x0303) && tls12->offers_version(0x0302) &&
                tls12->offers_version(0x0301));
    assert_false(tls12->offers_version(0x0300));

    legacy.legacy_version = 0x0301;
    assert_false(Parsed(legacy.message())->offers_version(0x0302));
    legacy.legacy_version = 0x0305;
    assert_false(Parsed(legacy.message())->offers_version(0x0304));
    assert_true(Parsed(legacy.message())->offers_version(0x0303));
}

static void an_empty_session_ticket_is_none(void**) {
    assert_false(Parsed(HelloBuilder().set(35, {}).message())->has_session_ticket);
    assert_true(Parsed(HelloBuilder().set(35, hex("00")).message())->has_session_ticket);
}

static void an_empty_key_share_asks_for_a_retry(void**) {
    const Parsed hello(HelloBuilder().set(51, hex("0000")).message());
    assert_true(hello.result.ok);
    assert_true(hello->key_share_groups.empty());
}

// Without TLS 1.3 on offer these say nothing, and libssl does not look at them.
static void extensions_of_tls_13_are_not_read_without_it(void**) {
    const Parsed hello(HelloBuilder().remove(43).set(51, hex("ff")).set(42, hex("00")).message());
    assert_true(hello.result.ok);
    assert_true(hello->key_share_groups.empty());
    assert_false(hello->has_early_data);

    const HelloBuilder only12 =
        HelloBuilder().set(43, test::prefixed(1, test::u16_list({0x0303}))).set(51, hex("ff"));
    assert_true(Parsed(only12.message()).result.ok);
    expect_refused(HelloBuilder().set(51, hex("ff")).message(), Alert::DecodeError);
}

static void names_are_handed_on_as_sent(void**) {
    assert_true(Parsed(HelloBuilder().set(0, test::host_name("WWW.Example.com.")).message())->server_name ==
                "WWW.Example.com.");
    const Parsed empty(HelloBuilder().set(0, test::host_name("")).message());
    assert_true(empty.result.ok && empty->has_server_name && empty->server_name.empty());
    assert_true(Parsed(HelloBuilder().set(0, test::host_name(std::string(255, 'a'))).message()).result.ok);
    expect_refused(HelloBuilder().set(0, test::host_name(std::string(256, 'a'))).message(),
                   Alert::UnrecognizedName, Reason::UnknownName);
    expect_refused(HelloBuilder().set(0, test::host_name(std::string_view("a\0b", 3))).message(),
                   Alert::UnrecognizedName, Reason::UnknownName);
}

static void a_message_is_exactly_one_client_hello(void**) {
    const Bytes message = HelloBuilder().message();
    expect_refused({}, Alert::UnexpectedMessage);
    expect_refused(hex("02") + Bytes(message.begin() + 1, message.end()), Alert::UnexpectedMessage);
    expect_refused(message + hex("00"), Alert::DecodeError);
    expect_refused(hex("01000000"), Alert::DecodeError);
}

// Two faults: the one that libssl meets first decides.
static void the_order_of_checks_is_that_of_libssl(void**) {
    HelloBuilder builder;
    builder.set(0, test::host_name(std::string_view("a\0b", 3))).set(16, {});
    expect_refused(builder.message(), Alert::UnrecognizedName, Reason::UnknownName);
    builder.cipher_suites.push_back(0);
    expect_refused(builder.message(), Alert::DecodeError);
    expect_refused(builder.set(43, hex("01")).message(), Alert::ProtocolVersion);
    expect_refused(builder.add(43, hex("01")).message(), Alert::IllegalParameter);
    builder.behind_extensions = hex("00");
    expect_refused(builder.message(), Alert::DecodeError);
}

// OpenSSL's versions answer these with different alerts: they are left to the libssl that is there.
static void what_versions_of_libssl_disagree_on_is_taken(void**) {
    HelloBuilder builder;
    builder.cipher_suites.clear();
    builder.compression_methods = hex("01");
    const Parsed hello(builder.message());
    assert_true(hello.result.ok);
    assert_true(hello->cipher_suites.empty());
}

static void real_hellos_are_read(void**) {
    const auto vectors = test::load_hello_vectors();
    assert_int_equal(vectors.size(), 90);
    for (const test::HelloVector& vector : vectors) {
        const Parsed hello(vector.message);
        assert_true(hello.result.ok);
        assert_int_equal(hello->has_server_name, !vector.server_name.empty());
        assert_string_equal(std::string(hello->server_name).c_str(), vector.server_name.c_str());
        // JA4 begins with t or q, the version, d or i, and the counts of suites and extensions without
        // GREASE.
        const bool tls13 = vector.columns.at("ja4").substr(1, 2) == "13";
        assert_int_equal(hello->offers_version(0x0304), tls13);
        assert_int_equal(hello->key_share_groups.empty(), hello->find(51) == nullptr);
        assert_int_equal(hello->has_alpn, hello->find(16) != nullptr);
    }
}

// Cut anywhere, with the lengths around the cut as they were: a refusal, and nothing is read behind the end.
static void a_hello_cut_short_is_refused(void**) {
    const auto vectors = test::load_hello_vectors();
    assert_true(vectors.size() > 80);
    for (size_t row = 0; row < vectors.size(); row += 8) {
        const Bytes& message = vectors[row].message;
        for (size_t size = 0; size < message.size(); ++size) {
            assert_false(Parsed(Bytes(message.begin(), message.begin() + static_cast<long>(size))).result.ok);
        }
    }
}

// Cut anywhere, with the message's own length mended, so that each field in turn is the one that is cut.
static void a_body_cut_short_is_refused(void**) {
    auto bodies = std::vector<Bytes>{HelloBuilder().body()};
    const auto vectors = test::load_hello_vectors();
    assert_true(vectors.size() > 80);
    for (size_t row = 0; row < vectors.size(); row += 8) {
        bodies.emplace_back(vectors[row].message.begin() + 4, vectors[row].message.end());
    }
    for (const Bytes& body : bodies) {
        for (size_t size = 0; size < body.size(); ++size) {
            const Parsed parsed(
                hex("01") + test::prefixed(3, Bytes(body.begin(), body.begin() + static_cast<long>(size))));
            // A hello may end behind its compression methods, where the extensions would begin.
            const size_t without_extensions =
                35 + body[34] + 2 + static_cast<size_t>(body[35 + body[34]] << 8 | body[36 + body[34]]) + 2;
            assert_int_equal(parsed.result.ok, size == without_extensions);
        }
    }
}

// Each extension cut anywhere, with all lengths outside it mended.
static void an_extension_cut_short_is_never_read_too_far(void**) {
    const auto vectors = test::load_hello_vectors();
    assert_true(vectors.size() > 80);
    for (size_t row = 0; row < vectors.size(); row += 8) {
        const Parsed whole(vectors[row].message);
        for (size_t cut = 0; cut < whole->extensions.size(); ++cut) {
            for (size_t size = 0; size < whole->extensions[cut].body.size(); ++size) {
                HelloBuilder builder;
                builder.extensions.clear();
                for (const tls::Extension& extension : whole->extensions) {
                    builder.add(extension.type, test::bytes_of(extension.body));
                }
                builder.extensions[cut].second.resize(size);
                const Parsed parsed(builder.message());
                const uint16_t type = whole->extensions[cut].type;
                const bool read = type == 0 || type == 10 || type == 13 || type == 16 || type == 43 ||
                                  type == 50 || (type == 51 && whole->offers_version(0x0304));
                assert_int_equal(parsed.result.ok, !read);
            }
        }
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(a_hello_may_have_no_extensions),
        cmocka_unit_test(versions_are_offered_by_extension_or_by_legacy_version),
        cmocka_unit_test(an_empty_session_ticket_is_none),
        cmocka_unit_test(an_empty_key_share_asks_for_a_retry),
        cmocka_unit_test(extensions_of_tls_13_are_not_read_without_it),
        cmocka_unit_test(names_are_handed_on_as_sent),
        cmocka_unit_test(a_message_is_exactly_one_client_hello),
        cmocka_unit_test(the_order_of_checks_is_that_of_libssl),
        cmocka_unit_test(what_versions_of_libssl_disagree_on_is_taken),
        cmocka_unit_test(real_hellos_are_read),
        cmocka_unit_test(a_hello_cut_short_is_refused),
        cmocka_unit_test(a_body_cut_short_is_refused),
        cmocka_unit_test(an_extension_cut_short_is_never_read_too_far),
    };
    return cmocka_run_group_tests_name("client_hello", tests, nullptr, nullptr);
}
