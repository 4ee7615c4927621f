// Real ClientHellos with what is known of them: t/data/ja4_vectors.tsv. Tests run with the checkout's top as
// their directory; the environment variable TEST_DATA_DIR names another place for the data.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "support/bytes.h"

namespace test {

struct HelloVector {
    std::string id;
    Bytes records;
    Bytes message;
    std::string server_name;  // empty when there is none
    std::map<std::string, std::string> columns;
};

inline std::vector<std::string> split(const std::string& line, char separator) {
    std::vector<std::string> fields(1);
    for (const char letter : line) {
        if (letter == separator) {
            fields.emplace_back();
        } else {
            fields.back() += letter;
        }
    }
    return fields;
}

// All rows; empty when the file is not there.
inline std::vector<HelloVector> load_hello_vectors() {
    const char* directory = std::getenv("TEST_DATA_DIR");
    std::ifstream file(std::string(directory != nullptr ? directory : "t/data") + "/ja4_vectors.tsv");
    std::vector<HelloVector> vectors;
    std::vector<std::string> names;
    for (std::string line; std::getline(file, line);) {
        const std::vector<std::string> fields = split(line, '\t');
        if (names.empty()) {
            names = fields;
            continue;
        }
        HelloVector row;
        for (size_t i = 0; i < names.size() && i < fields.size(); ++i) {
            row.columns[names[i]] = fields[i];
        }
        row.id = row.columns["id"];
        row.records = hex(row.columns["record_hex"]);
        row.message = hex(row.columns["handshake_hex"]);
        row.server_name = row.columns["sni"] == "-" ? "" : row.columns["sni"];
        vectors.push_back(row);
    }
    return vectors;
}

}  // namespace test
