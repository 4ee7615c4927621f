// Labels of servers: none twice, the same after a reload whatever else changed.
#include "stats/server_labels.h"

#include <set>

#include "support/cmocka.h"

namespace tls {
namespace {

void names_are_labels(void**) {
    const std::vector<std::string> labels =
        label_servers({{"a.example", "0.0.0.0:443"}, {"*.b.example", "0.0.0.0:443"}, {"", "[::]:443"}});
    assert_string_equal(labels[0].c_str(), "a.example");
    assert_string_equal(labels[1].c_str(), "*.b.example");
    assert_string_equal(labels[2].c_str(), "[::]:443");
}

void none_twice(void**) {
    const std::vector<std::string> labels = label_servers({{"_", "0.0.0.0:443"},
                                                           {"_", "0.0.0.0:8443"},
                                                           {"_", "0.0.0.0:8443"},
                                                           {"_", "0.0.0.0:8443"},
                                                           {"", "0.0.0.0:443"},
                                                           {"", "0.0.0.0:443"},
                                                           {"(other)", "0.0.0.0:443"},
                                                           {"", ""}});
    assert_string_equal(labels[0].c_str(), "_");
    assert_string_equal(labels[1].c_str(), "_ 0.0.0.0:8443");
    assert_string_equal(labels[2].c_str(), "_ 0.0.0.0:8443#2");
    assert_string_equal(labels[3].c_str(), "_ 0.0.0.0:8443#3");
    assert_string_equal(labels[4].c_str(), "0.0.0.0:443");
    std::set<std::string> different(labels.begin(), labels.end());
    assert_int_equal(different.size(), labels.size());
    assert_int_equal(different.count(kOtherServers), 0);
    assert_int_equal(different.count(""), 0);
}

// A server in front of the others changes nobody's label.
void others_do_not_matter(void**) {
    const NamedServer kept{"a.example", "0.0.0.0:443"};
    const std::string before = label_servers({kept})[0];
    assert_string_equal(label_servers({{"new.example", "0.0.0.0:443"}, kept})[1].c_str(), before.c_str());
    assert_int_equal(identity_of(before), identity_of(std::string("a.example")));
    assert_true(identity_of("a.example") != identity_of("b.example"));
    assert_true(identity_of("") != 0);
}

void labels_are_utf8(void**) {
    assert_string_equal(label_servers({{"a\xff", "x"}})[0].c_str(), "a\xef\xbf\xbd");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::names_are_labels), cmocka_unit_test(tls::none_twice),
                                cmocka_unit_test(tls::others_do_not_matter),
                                cmocka_unit_test(tls::labels_are_utf8)};
    return cmocka_run_group_tests_name("server_labels", tests, nullptr, nullptr);
}
