// Certificates for many names, for the bench: one authority, a key of its own for each.
//
//   make_certificates --ca FILE --folder DIR --names n{1..1000}.bench.test [--layout pem|certbot]
//   [--key ecdsa|rsa|rsa4096] [--first-serial N]
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "issuer.h"
#include "layout.h"
#include "names.h"
#include "options.h"

namespace {

int run(int count, char** values) {
    using namespace bench;
    std::string ca;
    std::string folder;
    std::vector<std::string> names;
    Layout layout = Layout::Pem;
    KeyKind kind = KeyKind::Ecdsa;
    uint64_t serial = 1;
    Arguments arguments(count, values);
    while (arguments.next()) {
        if (arguments.is("--ca")) {
            ca = arguments.text();
        } else if (arguments.is("--folder")) {
            folder = arguments.text();
        } else if (arguments.is("--names")) {
            names = parse_names(arguments.text());
        } else if (arguments.is("--layout")) {
            const std::string text = arguments.text();
            if (text != "pem" && text != "certbot") {
                die("--layout is pem or certbot");
            }
            layout = text == "pem" ? Layout::Pem : Layout::Certbot;
        } else if (arguments.is("--key")) {
            const std::string text = arguments.text();
            if (text != "ecdsa" && text != "rsa" && text != "rsa4096") {
                die("--key is ecdsa, rsa or rsa4096");
            }
            kind = text == "ecdsa" ? KeyKind::Ecdsa : text == "rsa" ? KeyKind::Rsa : KeyKind::Rsa4096;
        } else if (arguments.is("--first-serial")) {
            serial = arguments.number();
        } else {
            arguments.unknown();
        }
    }
    if (ca.empty() || folder.empty() || names.empty() || serial == 0) {
        die("needs --ca FILE --folder DIR --names LIST");
    }
    const Issuer issuer = Issuer::load_or_make(ca);
    prepare_folder(folder, layout);
    std::vector<std::thread> threads;
    const size_t count_of_threads = std::max(1U, std::thread::hardware_concurrency());
    std::atomic<size_t> done = 0;
    for (size_t first = 0; first < count_of_threads; ++first) {
        threads.emplace_back([&, first] {
            for (size_t i = first; i < names.size(); i += count_of_threads) {
                put_pair(folder, layout, names[i], issuer.issue(names[i], serial + i, kind), 1, {});
                if (++done % 10'000 == 0) {
                    std::fprintf(stderr, "   %zu certificates\n", done.load());
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return 0;
}

}  // namespace

int main(int count, char** values) {
    return run(count, values);
}
