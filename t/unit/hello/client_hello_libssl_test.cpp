// "What our parser reads and what libssl reads is never two things": the same bytes go to us and to libssl's
// own server, and the alerts are compared. Where the two differ on purpose, the row says so and why.
#include <functional>

#include "hello/client_hello.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/libssl_server.h"
#include "support/our_answer.h"

using test::Bytes;
using test::bytes_of;
using test::HelloBuilder;
using test::hex;
using test::host_name;
using test::LibsslServer;
using test::prefixed;
using test::record;
using test::u16_list;

static constexpr int kTaken = LibsslServer::kAnswered;
static constexpr int kSilent = LibsslServer::kSilent;
static constexpr int kSomeAlert = -3;  // which one depends on OpenSSL's version
static constexpr int kUnexpectedMessage = 10;
static constexpr int kRecordOverflow = 22;
static constexpr int kHandshakeFailure = 40;
static constexpr int kIllegalParameter = 47;
static constexpr int kDecodeError = 50;
static constexpr int kProtocolVersion = 70;
static constexpr int kMissingExtension = 109;
static constexpr int kUnrecognizedName = 112;

struct Row {
    const char* what;
    Bytes stream;
    int ours;
    int libssl;        // that speaks TLS 1.0 to 1.3
    int libssl_tls12;  // that speaks TLS 1.2 only
};

static bool agrees(int answer, int expected) {
    return expected == kSomeAlert ? answer >= 0 : answer == expected;
}

static void expect_rows(const std::vector<Row>& rows) {
    const LibsslServer any;
    const LibsslServer tls12(TLS1_2_VERSION, TLS1_2_VERSION);
    size_t wrong = 0;
    for (const Row& row : rows) {
        const int ours = test::our_answer(row.stream);
        const int theirs = any.answer_to(row.stream);
        const int theirs12 = tls12.answer_to(row.stream);
        if (!agrees(ours, row.ours) || !agrees(theirs, row.libssl) || !agrees(theirs12, row.libssl_tls12)) {
            print_error("%s: ours %d, libssl %d, with TLS 1.2 only %d\n", row.what, ours, theirs, theirs12);
            ++wrong;
        }
    }
    assert_int_equal(wrong, 0);
}

// The same answer from all three.
static Row same(const char* what, const Bytes& stream, int answer) {
    return Row{what, stream, answer, answer, answer};
}

static Row same(const char* what, const HelloBuilder& builder, int answer) {
    return same(what, builder.in_one_record(), answer);
}

static HelloBuilder changed(const std::function<void(HelloBuilder*)>& change) {
    HelloBuilder builder;
    change(&builder);
    return builder;
}

static HelloBuilder with(uint16_t type, const Bytes& body) {
    return HelloBuilder().set(type, body);
}

static void messages_agree(void**) {
    const Bytes message = HelloBuilder().message();
    const Bytes body = HelloBuilder().body();
    expect_rows({
        same("a good hello", HelloBuilder(), kTaken),
        same("in small records", test::records_of(message, 3), kTaken),
        same("a byte behind the extensions", changed([](auto* b) { b->behind_extensions = hex("00"); }),
             kDecodeError),
        same("a byte instead of extensions", changed([](auto* b) {
                 b->has_extensions = false;
                 b->behind_extensions = hex("00");
             }),
             kDecodeError),
        // libssl has no signature for a client that names none.
        {"empty block of extensions", changed([](auto* b) { b->extensions.clear(); }).in_one_record(), kTaken,
         kHandshakeFailure, kHandshakeFailure},
        {"no extensions", changed([](auto* b) { b->has_extensions = false; }).in_one_record(), kTaken,
         kHandshakeFailure, kHandshakeFailure},
        same("no message content", record(hex("01000000")), kDecodeError),
        same("only a version", record(hex("01000002 0303")), kDecodeError),
        same("session id of 33 bytes", changed([](auto* b) { b->session_id = Bytes(33, 1); }), kDecodeError),
        same("session id of 255 bytes", changed([](auto* b) { b->session_id = Bytes(255, 1); }),
             kDecodeError),
        same("empty session id", changed([](auto* b) { b->session_id.clear(); }), kTaken),
        // Left to libssl: 3.0 says illegal_parameter, 3.5 decode_error.
        {"no cipher suites", changed([](auto* b) { b->cipher_suites.clear(); }).in_one_record(), kTaken,
         kSomeAlert, kSomeAlert},
        same("odd cipher suites", changed([](auto* b) { b->cipher_suites.push_back(0); }), kDecodeError),
        same("one byte of cipher suites", changed([](auto* b) { b->cipher_suites.resize(1); }), kDecodeError),
        same("no compression methods", changed([](auto* b) { b->compression_methods.clear(); }),
             kDecodeError),
        // Left to libssl: 3.0 says decode_error, 3.5 illegal_parameter.
        {"no null compression", changed([](auto* b) { b->compression_methods = hex("01"); }).in_one_record(),
         kTaken, kSomeAlert, kSomeAlert},
        same("longer than 16384 bytes says its header", record(hex("01 800000")), kIllegalParameter),
        same("another message", record(hex("02") + Bytes(message.begin() + 1, message.end())),
             kUnexpectedMessage),
    });
}

static void records_agree(void**) {
    const Bytes message = HelloBuilder().message();
    const Bytes head(message.begin(), message.begin() + 10);
    const Bytes tail(message.begin() + 10, message.end());
    std::vector<Row> rows = {
        same("nothing", Bytes(), kSilent),
        same("half a hello", record(head), kSilent),
        same("another minor version", record(head, 0x0303) + record(tail, 0x0300), kTaken),
        same("another major version later", record(head) + record(tail, 0x0401), kProtocolVersion),
        same("another type later, as long as the hello", record(head) + record(tail, 0x0303, 23),
             kUnexpectedMessage),
        same("an alert within the hello", record(head) + record(hex("0100"), 0x0303, 21), kUnexpectedMessage),
        same("change_cipher_spec within the hello", record(head) + record(hex("01"), 0x0303, 20),
             kUnexpectedMessage),
        same("change_cipher_spec in the header", record(hex("0100")) + record(hex("01"), 0x0303, 20),
             kUnexpectedMessage),
        same("change_cipher_spec first", record(hex("01"), 0x0303, 20), kUnexpectedMessage),
        same("an alert first", record(hex("0228"), 0x0303, 21), kUnexpectedMessage),
        same("application data first", record(hex("00"), 0x0303, 23), kUnexpectedMessage),
        same("a record of 2^14 + 1 bytes", record(Bytes(16385, 1)), kRecordOverflow),
        same("a later record of 2^14 + 1 bytes", record(head) + record(Bytes(16385, 1)), kRecordOverflow),
    };
    // libssl sends no alert to what it does not take for TLS; the sniff keeps such bytes from the assembler.
    rows.push_back(
        {"another major version first", record(message, 0x0401), kProtocolVersion, kSilent, kSilent});
    // No RFC allows empty handshake records; libssl lets 32 in a row pass before TLS 1.3 is agreed on.
    rows.push_back({"an empty record", record({}) + record(message), kUnexpectedMessage, kTaken, kTaken});
    rows.push_back({"an empty record within", record(head) + record({}) + record(tail), kUnexpectedMessage,
                    kTaken, kTaken});
    // libssl goes up to 131396 bytes; the limit here is the operator's.
    rows.push_back({"longer than our limit", record(hex("01 004000")), kIllegalParameter, kSilent, kSilent});
    // RFC 8446 section 5.1 forbids it; libssl looks when it has agreed on TLS 1.3.
    rows.push_back({"a byte behind the hello in its record", record(message + hex("00")), kUnexpectedMessage,
                    kUnexpectedMessage, kTaken});
    expect_rows(rows);
}

static void extension_blocks_agree(void**) {
    std::vector<Row> rows = {
        same("an unknown extension", with(0x4a4a, hex("00")), kTaken),
        same("server_name twice", HelloBuilder().add(0, host_name("example.com")), kIllegalParameter),
        same("two server_names that differ", HelloBuilder().add(0, host_name("example.org")),
             kIllegalParameter),
        same("key_share twice", HelloBuilder().add(51, HelloBuilder::default_extensions()[6].second),
             kIllegalParameter),
        same("padding twice", HelloBuilder().add(21, {}).add(21, {}), kIllegalParameter),
        same("session_ticket twice", HelloBuilder().add(35, {}).add(35, {}), kIllegalParameter),
        same("pre_shared_key before another", HelloBuilder().add(41, hex("00")).add(21, {}),
             kIllegalParameter),
        same("use_srtp, which is DTLS's", HelloBuilder().add(14, hex("0002000100")), kIllegalParameter),
        same("the type of an extension alone", changed([](auto* b) {
                 b->has_extensions = false;
                 b->behind_extensions = prefixed(2, hex("0000"));
             }),
             kDecodeError),
        same("an extension longer than the block", changed([](auto* b) {
                 b->has_extensions = false;
                 b->behind_extensions = prefixed(2, hex("4a4a 0002 00"));
             }),
             kDecodeError),
        same("a duplicate before a broken extension", changed([](auto* b) {
                 b->has_extensions = false;
                 b->behind_extensions = prefixed(2, hex("0015 0000 0015 0000 00"));
             }),
             kIllegalParameter),
    };
    // RFC 8446 section 4.2 forbids it for every type; libssl looks only at those it knows.
    rows.push_back({"an unknown extension twice",
                    HelloBuilder().add(0x4a4a, {}).add(0x4a4a, {}).in_one_record(), kIllegalParameter, kTaken,
                    kTaken});
    expect_rows(rows);
}

static void server_names_agree(void**) {
    const Bytes entry = hex("00") + prefixed(2, bytes_of("example.com"));
    expect_rows({
        same("no server_name", HelloBuilder().remove(0), kTaken),
        same("empty extension", with(0, {}), kDecodeError),
        same("empty list", with(0, hex("0000")), kDecodeError),
        same("a type alone", with(0, prefixed(2, hex("00"))), kDecodeError),
        same("two names", with(0, prefixed(2, entry + entry)), kDecodeError),
        same("two names, the second of another type", with(0, prefixed(2, entry + hex("01000161"))),
             kDecodeError),
        same("a name of another type", with(0, prefixed(2, hex("01") + prefixed(2, bytes_of("x")))),
             kDecodeError),
        same("a byte behind the name", with(0, prefixed(2, entry + hex("00"))), kDecodeError),
        same("a byte behind the list", with(0, prefixed(2, entry) + hex("00")), kDecodeError),
        same("a name longer than the list", with(0, prefixed(2, hex("00 0002 61"))), kDecodeError),
        same("a list longer than the extension", with(0, hex("0005 00 0001 61")), kDecodeError),
        same("an empty name", with(0, host_name("")), kTaken),
        same("255 bytes", with(0, host_name(std::string(255, 'a'))), kTaken),
        same("256 bytes", with(0, host_name(std::string(256, 'a'))), kUnrecognizedName),
        same("a zero byte", with(0, host_name(std::string_view("a\0b", 3))), kUnrecognizedName),
        same("a zero byte at the end", with(0, host_name(std::string_view("a\0", 2))), kUnrecognizedName),
        same("an address", with(0, host_name("192.0.2.1")), kTaken),
    });
}

static void lists_agree(void**) {
    std::vector<Row> rows;
    for (const uint16_t type : {uint16_t{10}, uint16_t{13}, uint16_t{50}}) {
        rows.push_back(same("empty extension", with(type, {}), kDecodeError));
        rows.push_back(same("empty list", with(type, hex("0000")), kDecodeError));
        rows.push_back(same("odd list", with(type, prefixed(2, hex("001d00"))), kDecodeError));
        rows.push_back(same("one byte", with(type, prefixed(2, hex("00"))), kDecodeError));
        rows.push_back(same("a byte behind", with(type, prefixed(2, hex("001d")) + hex("00")), kDecodeError));
        rows.push_back(same("longer than the extension", with(type, hex("0004 001d")), kDecodeError));
    }
    const Bytes h2 = prefixed(1, bytes_of("h2"));
    rows.push_back(same("no ALPN", HelloBuilder().remove(16), kTaken));
    rows.push_back(same("empty ALPN extension", with(16, {}), kDecodeError));
    rows.push_back(same("empty ALPN list", with(16, hex("0000")), kDecodeError));
    rows.push_back(same("one byte of ALPN", with(16, hex("0001 00")), kDecodeError));
    rows.push_back(same("an empty protocol", with(16, prefixed(2, h2 + hex("00"))), kDecodeError));
    rows.push_back(same("an empty protocol first", with(16, prefixed(2, hex("00") + h2)), kDecodeError));
    rows.push_back(
        same("a protocol longer than the list", with(16, prefixed(2, h2 + hex("0261"))), kDecodeError));
    rows.push_back(same("a byte behind the list", with(16, prefixed(2, h2) + hex("00")), kDecodeError));
    rows.push_back(
        same("a protocol of 255 bytes", with(16, prefixed(2, prefixed(1, Bytes(255, 'x')))), kTaken));
    expect_rows(rows);
}

// signature_algorithms mean nothing below TLS 1.2, and libssl does not see their odd byte there. No RFC
// allows one.
static void an_odd_list_of_signatures_is_refused_in_tls_11_too(void**) {
    const LibsslServer tls11(TLS1_VERSION, TLS1_1_VERSION);
    HelloBuilder builder;
    builder.remove(43).remove(51).set(13, prefixed(2, hex("040300")));
    builder.legacy_version = 0x0302;
    builder.cipher_suites = u16_list({0xc009, 0xc00a});
    assert_int_equal(test::our_answer(builder.in_one_record()), kDecodeError);
    assert_int_equal(tls11.answer_to(builder.in_one_record()), kTaken);
    builder.set(13, prefixed(2, hex("0403")));
    assert_int_equal(test::our_answer(builder.in_one_record()), kTaken);
    assert_int_equal(tls11.answer_to(builder.in_one_record()), kTaken);
}

static void versions_agree(void**) {
    std::vector<Row> rows = {
        same("empty supported_versions", with(43, {}), kProtocolVersion),
        same("odd supported_versions", with(43, prefixed(1, hex("030403"))), kProtocolVersion),
        same("a byte behind supported_versions", with(43, prefixed(1, hex("0304")) + hex("00")),
             kProtocolVersion),
        same("supported_versions too long", with(43, hex("04 0304")), kProtocolVersion),
        same("grease in supported_versions", with(43, prefixed(1, hex("0a0a 0304 0303"))), kTaken),
    };
    // Left to libssl, which shares no version with such a client. To SSL 3.0 it says handshake_failure,
    // because that version had no protocol_version.
    rows.push_back({"no version in supported_versions", with(43, hex("00")).in_one_record(), kTaken,
                    kProtocolVersion, kProtocolVersion});
    rows.push_back({"SSL 3.0 beside supported_versions",
                    changed([](auto* b) { b->legacy_version = 0x0300; }).in_one_record(), kTaken,
                    kHandshakeFailure, kHandshakeFailure});
    expect_rows(rows);
}

// What TLS 1.3 alone defines is not read by a libssl that speaks TLS 1.2 only. We refuse it where the client
// offers TLS 1.3: its own rules (RFC 8446 section 6.2, decode_error) forbid such a hello.
static void extensions_of_tls_13_agree(void**) {
    const Bytes share = HelloBuilder::key_share_entry();
    const Bytes empty_share = u16_list({23}) + hex("0000");
    std::vector<Row> rows = {
        {"empty key_share extension", with(51, {}).in_one_record(), kDecodeError, kDecodeError, kTaken},
        {"a byte behind the shares", with(51, prefixed(2, share) + hex("00")).in_one_record(), kDecodeError,
         kDecodeError, kTaken},
        {"a share without key", with(51, prefixed(2, empty_share)).in_one_record(), kDecodeError,
         kDecodeError, kTaken},
        {"a good share, then one without key", with(51, prefixed(2, share + empty_share)).in_one_record(),
         kDecodeError, kDecodeError, kTaken},
        {"a good share, then half a one", with(51, prefixed(2, share + hex("0017"))).in_one_record(),
         kDecodeError, kDecodeError, kTaken},
        {"early_data with content", HelloBuilder().add(42, hex("00")).in_one_record(), kDecodeError,
         kDecodeError, kTaken},
        same("no shares: a HelloRetryRequest", with(51, hex("0000")), kTaken),
        // Two faults: OpenSSL 3.0 looks at the first key before it looks at the second entry, 3.5 after.
        {"a short key, then half a share",
         with(51, prefixed(2, u16_list({29}) + hex("0001 09 0017"))).in_one_record(), kDecodeError,
         kSomeAlert, kTaken},
        // Semantic: left to libssl.
        {"a share for a group not listed",
         with(51, prefixed(2, HelloBuilder::key_share_entry(24))).in_one_record(), kTaken, kIllegalParameter,
         kTaken},
        {"two compression methods",
         changed([](auto* b) { b->compression_methods = hex("0100"); }).in_one_record(), kTaken,
         kIllegalParameter, kTaken},
        {"no supported_groups", HelloBuilder().remove(10).in_one_record(), kTaken, kMissingExtension,
         kHandshakeFailure},
        {"no signature_algorithms", HelloBuilder().remove(13).in_one_record(), kTaken, kMissingExtension,
         kTaken},
        {"no shared suite", changed([](auto* b) { b->cipher_suites = u16_list({0x4a4a}); }).in_one_record(),
         kTaken, kHandshakeFailure, kHandshakeFailure},
    };
    // Without TLS 1.3 on offer nobody reads them.
    rows.push_back(
        same("key_share of a TLS 1.2 client", HelloBuilder().remove(43).set(51, hex("ff")), kTaken));
    rows.push_back(
        same("early_data of a TLS 1.2 client", HelloBuilder().remove(43).add(42, hex("ff")), kTaken));
    expect_rows(rows);
}

// Extensions that only libssl reads are libssl's to refuse.
static void what_only_libssl_reads_is_left_to_it(void**) {
    expect_rows({
        {"max_fragment_length of two bytes", HelloBuilder().add(1, hex("0101")).in_one_record(), kTaken,
         kDecodeError, kDecodeError},
        {"extended_master_secret with content", HelloBuilder().add(23, hex("00")).in_one_record(), kTaken,
         kTaken, kDecodeError},
        {"ec_point_formats empty", HelloBuilder().add(11, {}).in_one_record(), kTaken, kTaken, kDecodeError},
        {"psk_key_exchange_modes empty", with(45, {}).in_one_record(), kTaken, kDecodeError, kTaken},
        {"pre_shared_key empty", HelloBuilder().add(41, {}).in_one_record(), kTaken, kDecodeError, kTaken},
    });
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(messages_agree),
        cmocka_unit_test(records_agree),
        cmocka_unit_test(extension_blocks_agree),
        cmocka_unit_test(server_names_agree),
        cmocka_unit_test(lists_agree),
        cmocka_unit_test(an_odd_list_of_signatures_is_refused_in_tls_11_too),
        cmocka_unit_test(versions_agree),
        cmocka_unit_test(extensions_of_tls_13_agree),
        cmocka_unit_test(what_only_libssl_reads_is_left_to_it),
    };
    return cmocka_run_group_tests_name("client_hello_libssl", tests, nullptr, nullptr);
}
