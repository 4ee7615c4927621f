// The vocabulary is what operators write into their alarms: each word stands here a second time on purpose.
#include "base/reason.h"

#include <set>
#include <string>

#include "support/cmocka.h"

using tls::Reason;
using tls::reason_name;
using tls::reason_words;

static void every_reason_has_its_word(void**) {
    const struct {
        Reason reason;
        const char* word;
    } expected[] = {
        {Reason::Completed, "completed"},
        {Reason::NoSharedVersion, "no_shared_version"},
        {Reason::NoSharedCipher, "no_shared_cipher"},
        {Reason::NoSharedGroup, "no_shared_group"},
        {Reason::NoSharedSignature, "no_shared_signature"},
        {Reason::NoSharedApplication, "no_shared_application"},
        {Reason::UpgradeAlpn, "upgrade_alpn"},
        {Reason::UnknownName, "unknown_name"},
        {Reason::NoCertificate, "no_certificate"},
        {Reason::HelloTooLarge, "hello_too_large"},
        {Reason::HelloMalformed, "hello_malformed"},
        {Reason::NotTls, "not_tls"},
        {Reason::PlainHttp, "plain_http"},
        {Reason::ProxyMalformed, "proxy_malformed"},
        {Reason::HandshakeTimeout, "handshake_timeout"},
        {Reason::PeerClosed, "peer_closed"},
        {Reason::PeerAlert, "peer_alert"},
        {Reason::PeerProtocol, "peer_protocol"},
        {Reason::VerifyFailed, "verify_failed"},
        {Reason::Limited, "limited"},
        {Reason::ShuttingDown, "shutting_down"},
        {Reason::Internal, "internal"},
    };
    std::set<std::string> words;
    std::set<std::string> sentences;
    for (const auto& row : expected) {
        assert_string_equal(reason_name(row.reason), row.word);
        assert_true(words.insert(row.word).second);
        assert_true(sentences.insert(reason_words(row.reason)).second);
    }
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(every_reason_has_its_word)};
    return cmocka_run_group_tests_name("reason", tests, nullptr, nullptr);
}
