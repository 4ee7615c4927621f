// Our reading of a ClientHello against libssl's over many hellos: those of real clients, and one changed in
// each of its bytes.
#include "hello/client_hello.h"

#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/hello_vectors.h"
#include "support/libssl_server.h"
#include "support/our_answer.h"

using test::Bytes;
using test::HelloBuilder;
using test::hex;
using test::LibsslServer;
using test::prefixed;
using tls::HelloAssembler;

static constexpr int kIllegalParameter = 47;
static constexpr int kDecodeError = 50;
static constexpr int kUnrecognizedName = 112;

// What libssl looks at and we do not: its refusals of a hello that has such a thing may be its own.
static bool has_something_for_libssl_only(const Bytes& stream) {
    HelloAssembler assembler(16384);
    if (assembler.append(test::view(stream)) != HelloAssembler::Status::Complete) {
        return false;
    }
    const tls::ParsedHello parsed = tls::parse_client_hello(assembler.message());
    if (!parsed.ok) {
        return false;
    }
    if (parsed.hello.cipher_suites.empty() ||
        parsed.hello.compression_methods.text().find('\0') == std::string_view::npos) {
        return true;
    }
    for (const uint16_t type : {1, 5, 11, 12, 17, 23, 41, 44, 45, 47, 49, 0xff01}) {
        if (parsed.hello.find(type) != nullptr) {
            return true;
        }
    }
    return false;
}

// Every byte of a hello changed in several ways, one at a time. What we refuse, libssl refuses with the same
// alert; what libssl cannot decode, we do not let through.
static void every_changed_byte_agrees(void**) {
    const LibsslServer any;
    const LibsslServer tls12(TLS1_2_VERSION, TLS1_2_VERSION);
    HelloBuilder builder;
    builder.remove(45).remove(51).add(50, prefixed(2, hex("0403"))).add(42, {}).add(35, hex("aabb"));
    builder.add(51, prefixed(2, HelloBuilder::key_share_entry()));
    const Bytes good = builder.in_one_record();
    const size_t key_at = good.size() - 34;  // the length of the key, then the key
    builder.remove(43).remove(51).remove(42);
    const Bytes good12 = builder.in_one_record();
    size_t wrong = 0;
    size_t refused = 0;
    const auto compare = [&](const LibsslServer& libssl, const Bytes& hello, size_t key) {
        for (size_t at = 9; at < hello.size(); ++at) {
            for (const int value :
                 {hello[at] + 1, hello[at] - 1, hello[at] ^ 0x80, 0x00, 0xff, hello[at] ^ 0x10}) {
                Bytes mutated = hello;
                mutated[at] = static_cast<uint8_t>(value);
                const int ours = test::our_answer(mutated);
                const int theirs = libssl.answer_to(mutated);
                refused += ours != LibsslServer::kAnswered;
                if (at >= key && ours == kDecodeError && theirs == kIllegalParameter) {
                    continue;  // a short key with bytes left over behind it: libssl judges the key first
                }
                const bool undecodable = theirs == kDecodeError || theirs == kUnrecognizedName;
                const bool differs = ours != LibsslServer::kAnswered
                                         ? ours != theirs
                                         : undecodable && !has_something_for_libssl_only(mutated);
                if (differs) {
                    print_error("byte %zu set to %02x: ours %d, libssl %d\n", at, mutated[at], ours, theirs);
                    ++wrong;
                }
            }
        }
    };
    compare(any, good, key_at);
    compare(tls12, good12, good12.size());
    assert_int_equal(wrong, 0);
    assert_true(refused > 300);
}

// Real clients are not refused, and none of them is told by libssl that it could not be decoded.
static void real_hellos_agree(void**) {
    const LibsslServer any;
    const auto vectors = test::load_hello_vectors();
    assert_int_equal(vectors.size(), 90);
    for (const test::HelloVector& vector : vectors) {
        assert_int_equal(test::our_answer(vector.records), LibsslServer::kAnswered);
        assert_int_not_equal(any.answer_to(vector.records), kDecodeError);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_changed_byte_agrees),
        cmocka_unit_test(real_hellos_agree),
    };
    return cmocka_run_group_tests_name("client_hello_mutation", tests, nullptr, nullptr);
}
