// The JSON of a status; whether a parser takes it is asked in a suite.
#include "stats/json.h"

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

using test::contains;

void the_whole(void**) {
    const std::string text = render_json(test::made_snapshot());
    assert_int_equal(text.rfind("{\"software\":\"nginx 1.22.1, OpenSSL 3.0.17\",\"now\":1795449600,"
                                "\"since\":1795442100,\"workers\":2,\"total\":{",
                                0),
                     0);
    assert_true(contains(text, "\"handshakes\":{\"TLSv1.3\":{\"full\":1,\"resumed\":1}}"));
    assert_true(contains(text, "\"failures\":{\"no_shared_cipher\":1}"));
    assert_true(contains(text, "\"buckets\":{\"0.0005\":0,\"0.001\":1,\"0.0025\":2,"));
    assert_true(contains(text, "\"+Inf\":2},\"count\":2,\"sum\":0.003000000}"));
    assert_true(contains(text, "\"connections_active\":3,\"connections_handshaking\":1"));
    assert_true(contains(text, "\"sent_bytes\":1234}"));
    assert_true(contains(text, "\"last_minute\":{\"completed\":[0,"));
    assert_string_equal(text.substr(text.size() - 3).c_str(), "]}\n");
}

void servers(void**) {
    const std::string text = render_json(test::made_snapshot());
    assert_true(contains(text, "\"servers\":{\"example.com\":{\"connections_active\":3"));
    assert_true(contains(text, ",\"~^\\\"<b>\\\\d+\\n\xef\xbf\xbd\":{\"connections_active\":0"));
    assert_true(contains(text, "\"early_data\":{}"));
}

void certificates(void**) {
    const std::string text = render_json(test::made_snapshot());
    assert_true(
        contains(text,
                 "\"certificates\":[{\"server\":\"example.com\",\"name\":\"example.com\",\"key_type\":"
                 "\"ECDSA\",\"not_after\":1795363200,\"days_left\":-1},"));
    assert_true(contains(text, "\"not_after\":1795881660,\"days_left\":5}"));
}

void nothing_at_all(void**) {
    Snapshot snapshot;
    snapshot.names = test::made_names();
    const std::string text = render_json(snapshot);
    assert_true(contains(text, "\"servers\":{},\"last_minute\""));
    assert_true(contains(text, "\"certificates\":[]}"));
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::the_whole), cmocka_unit_test(tls::servers),
                                cmocka_unit_test(tls::certificates), cmocka_unit_test(tls::nothing_at_all)};
    return cmocka_run_group_tests_name("json", tests, nullptr, nullptr);
}
