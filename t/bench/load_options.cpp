#include "load_options.h"

#include <arpa/inet.h>
#include <openssl/tls1.h>

#include <cstdio>
#include <cstdlib>

#include "names.h"
#include "options.h"

namespace bench {
namespace {

constexpr const char* kUsage = R"(usage: load --address IP:PORT [OPTION ...]
  --handshakes N        connections in all (1000)
  --seconds N, --ms N   end after that time; without --handshakes only then
  --concurrency N       connections at a time (32)
  --timeout-ms N        for each connection (10000)
  --wait-ms N           first ask, one connection at a time, until a handshake succeeds, for that long at most
  --tls 1.2|1.3         that version only
  --groups LIST         key exchange, the first is begun with (X25519:P-256)
  --ciphersuites LIST   TLS 1.3 (AES-128-GCM first)
  --ciphers LIST        TLS 1.2
  --clear               no TLS, requests only
  --refused             an alert in answer to the hello is success
  --resumed             one full handshake for each name that is not counted, then only resumed ones
  --names LIST          SNI: names, prefix{1..1000}suffix, @FILE, with commas between them
  --random --seed N     names at random (seed 1) instead of in order
  --check-name          a certificate for another name is a failure
  --get PATH            a request on each connection, and its whole answer
  --requests N          that many, one after the other (1)
  --end close|reset     close_notify and the server's end, or a reset at once (close; with --get reset)
  --spin-us N           work of the client's own before each connection
  --hold N,…            so many idle connections; says "held N M" with M of them alive, and goes on to the next
                        number, or ends, with each line that it reads
  --server-pids PID,…   the CPU that these processes use meanwhile
  --json                one JSON object instead of text
)";

sockaddr_in parse_address(const std::string& text) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos ||
        inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
        die("--address: \"" + text + "\" is no IPv4 address with a port");
    }
    address.sin_port = htons(static_cast<uint16_t>(parse_number(text.substr(colon + 1), "--address", 65535)));
    return address;
}

int parse_version(const std::string& text) {
    if (text == "1.2") {
        return TLS1_2_VERSION;
    }
    if (text == "1.3") {
        return TLS1_3_VERSION;
    }
    die("--tls is 1.2 or 1.3");
}

End parse_end(const std::string& text) {
    if (text != "close" && text != "reset") {
        die("--end is close or reset");
    }
    return text == "close" ? End::Close : End::Reset;
}

// What the client offers; false when the option is none of these.
bool parse_offer(Arguments* arguments, LoadOptions* options) {
    if (arguments->is("--tls")) {
        options->version = parse_version(arguments->text());
    } else if (arguments->is("--groups")) {
        options->groups = arguments->text();
    } else if (arguments->is("--ciphersuites")) {
        options->ciphersuites = arguments->text();
    } else if (arguments->is("--ciphers")) {
        options->ciphers = arguments->text();
    } else if (arguments->is("--resumed")) {
        options->resumed = true;
    } else if (arguments->is("--clear")) {
        options->clear = true;
    } else if (arguments->is("--refused")) {
        options->refused = true;
    } else if (arguments->is("--names")) {
        options->names = parse_names(arguments->text());
    } else if (arguments->is("--random")) {
        options->random_names = true;
    } else if (arguments->is("--seed")) {
        options->seed = arguments->number();
    } else if (arguments->is("--check-name")) {
        options->check_name = true;
    } else {
        return false;
    }
    return true;
}

}  // namespace

LoadOptions parse_load_options(int count, char** values) {
    LoadOptions options;
    Arguments arguments(count, values);
    bool has_end = false;
    bool has_handshakes = false;
    while (arguments.next()) {
        if (parse_offer(&arguments, &options)) {
            continue;
        }
        if (arguments.is("--address")) {
            options.address = parse_address(arguments.text());
        } else if (arguments.is("--handshakes")) {
            options.handshakes = arguments.number();
            has_handshakes = true;
        } else if (arguments.is("--seconds")) {
            options.limit_ms = arguments.number(1'000'000) * 1000;
        } else if (arguments.is("--ms")) {
            options.limit_ms = arguments.number(1'000'000'000);
        } else if (arguments.is("--concurrency")) {
            options.concurrency = static_cast<uint32_t>(arguments.number(100'000));
        } else if (arguments.is("--timeout-ms")) {
            options.timeout_ms = static_cast<uint32_t>(arguments.number(1'000'000));
        } else if (arguments.is("--wait-ms")) {
            options.wait_ms = static_cast<uint32_t>(arguments.number(10'000'000));
        } else if (arguments.is("--spin-us")) {
            options.spin_us = static_cast<uint32_t>(arguments.number(1'000'000));
        } else if (arguments.is("--hold")) {
            for (const std::string& step : arguments.list()) {
                options.hold.push_back(parse_number(step, "--hold", 1'000'000));
            }
        } else if (arguments.is("--get")) {
            options.request_path = arguments.text();
        } else if (arguments.is("--requests")) {
            options.requests = static_cast<uint32_t>(arguments.number(100'000'000));
        } else if (arguments.is("--end")) {
            options.end = parse_end(arguments.text());
            has_end = true;
        } else if (arguments.is("--server-pids")) {
            for (const std::string& pid : arguments.list()) {
                options.server_pids.push_back(
                    static_cast<pid_t>(parse_number(pid, "--server-pids", 1 << 30)));
            }
        } else if (arguments.is("--json")) {
            options.json = true;
        } else if (arguments.is("--help")) {
            std::fputs(kUsage, stdout);
            std::exit(0);
        } else {
            arguments.unknown();
        }
    }
    if (options.clear && options.request_path.empty()) {
        die("--clear needs --get");
    }
    if (options.address.sin_port == 0 || options.concurrency == 0 || options.requests == 0) {
        std::fputs(kUsage, stderr);
        std::exit(2);
    }
    if (options.limit_ms != 0 && !has_handshakes) {
        options.handshakes = UINT64_MAX;
    }
    if (!options.request_path.empty() && !has_end) {
        options.end = End::Reset;
    }
    return options;
}

}  // namespace bench
