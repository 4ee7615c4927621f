// Formats of log lines: what nginx's log_format takes, and its words for what it does not.
#include "base/line_format.h"

#include "support/cmocka.h"

using tls::LinePiece;
using tls::parse_line_format;

// The pieces in one text: [literal] and <variable>.
static std::string pieces_of(const char* format) {
    const auto parsed = parse_line_format(format);
    if (!parsed) {
        return parsed.error().message;
    }
    std::string all;
    for (const LinePiece& piece : *parsed) {
        all += piece.is_variable ? "<" + piece.text + ">" : "[" + piece.text + "]";
    }
    return all;
}

static void formats_are_cut_at_their_variables(void**) {
    const struct {
        const char* format;
        const char* pieces;
    } rows[] = {
        {"", ""},
        {"words only", "[words only]"},
        {"$a", "<a>"},
        {"$a$b", "<a><b>"},
        {"x=$tls_server_name y", "[x=]<tls_server_name>[ y]"},
        {"${a}b", "<a>[b]"},
        {"$A_1.$b}", "<A_1>[.]<b>[}]"},
        {"{\"n\":\"$n\"}", "[{\"n\":\"]<n>[\"}]"},
    };
    for (const auto& row : rows) {
        assert_string_equal(pieces_of(row.format).c_str(), row.pieces);
    }
}

static void broken_variables_are_named(void**) {
    const struct {
        const char* format;
        const char* error;
    } rows[] = {
        {"a $", "invalid parameter \"$\""},
        {"a $- b", "invalid parameter \"$- b\""},
        {"$$", "invalid parameter \"$$\""},
        {"${}", "invalid parameter \"${}\""},
        {"${", "the closing bracket in \"\" variable is missing"},
        {"${name", "the closing bracket in \"name\" variable is missing"},
        {"${name x}", "the closing bracket in \"name\" variable is missing"},
    };
    for (const auto& row : rows) {
        assert_string_equal(pieces_of(row.format).c_str(), row.error);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_cut_at_their_variables),
        cmocka_unit_test(broken_variables_are_named),
    };
    return cmocka_run_group_tests_name("line_format", tests, nullptr, nullptr);
}
