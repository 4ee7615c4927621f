// The sniffer on any bytes: it reads nothing behind them, and more bytes never take back what fewer have
// said.
#include "hello/sniff.h"

#include <cstdlib>

// Nothing longer than a method is waited for, or than a line.
constexpr size_t kMost = 32;
constexpr size_t kMostOfLine = 1024;

static void check_line(const uint8_t* data, size_t size) {
    tls::Sniffed known = tls::Sniffed::NeedMore;
    for (size_t length = 0; length <= size && length <= kMostOfLine + 1; ++length) {
        const tls::Sniffed now = tls::sniff_request_line(tls::ByteView(data, length));
        if (known != tls::Sniffed::NeedMore && now != known) {
            std::abort();
        }
        known = now;
    }
    if (size >= kMostOfLine && known == tls::Sniffed::NeedMore) {
        std::abort();
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    tls::Sniffed known = tls::Sniffed::NeedMore;
    for (size_t length = 0; length <= size && length <= kMost; ++length) {
        const tls::Sniffed now = tls::sniff(tls::ByteView(data, length));
        if (known != tls::Sniffed::NeedMore && now != known) {
            std::abort();
        }
        known = now;
    }
    if (size >= kMost && known == tls::Sniffed::NeedMore) {
        std::abort();
    }
    if (size > kMost && tls::sniff(tls::ByteView(data, size)) != known) {
        std::abort();
    }
    if (known == tls::Sniffed::Http) {
        check_line(data, size);
    }
    return 0;
}
