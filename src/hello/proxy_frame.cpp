#include "hello/proxy_frame.h"

#include <string_view>

namespace tls {

namespace {

// Version 1 (section 2.1): one line of text. A receiver that finds no CRLF in the first 107 bytes declares it
// invalid.
constexpr std::string_view kTextPrefix = "PROXY ";
constexpr size_t kMaxTextHeader = 107;

// Version 2 (section 2.2): signature, version and command, family, length of what follows.
constexpr std::string_view kBinarySignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t kBinaryHeader = 16;
constexpr uint8_t kBinaryVersion = 2;

constexpr ProxyFrame kNeedMore{ProxyFrame::Status::NeedMore, 0};
constexpr ProxyFrame kMalformed{ProxyFrame::Status::Malformed, 0};

ProxyFrame complete(size_t size) {
    return ProxyFrame{ProxyFrame::Status::Complete, size};
}

// True when `bytes` begins with `prefix`, or is shorter and could still come to.
bool agrees(std::string_view bytes, std::string_view prefix) {
    return bytes.substr(0, prefix.size()) == prefix.substr(0, bytes.size());
}

ProxyFrame frame_text(std::string_view bytes) {
    const size_t line_end = bytes.substr(0, kMaxTextHeader).find("\r\n");
    if (line_end != std::string_view::npos) {
        return complete(line_end + 2);
    }
    return bytes.size() < kMaxTextHeader ? kNeedMore : kMalformed;
}

// Command and family are not looked at: what nginx does not know of them it skips by the length.
ProxyFrame frame_binary(ByteView bytes) {
    Reader reader(bytes.from(kBinarySignature.size()));
    uint8_t version_command = 0;
    uint8_t family = 0;
    uint16_t length = 0;
    if (!reader.u8(&version_command)) {
        return kNeedMore;
    }
    if (version_command >> 4 != kBinaryVersion) {
        return kMalformed;
    }
    if (!reader.u8(&family) || !reader.u16(&length)) {
        return kNeedMore;
    }
    const size_t size = kBinaryHeader + length;
    if (size > kMaxProxyHeader) {
        return kMalformed;
    }
    return bytes.size() >= size ? complete(size) : kNeedMore;
}

}  // namespace

ProxyFrame frame_proxy_header(ByteView bytes) {
    const std::string_view text = bytes.text();
    if (text.empty()) {
        return kNeedMore;
    }
    if (agrees(text, kTextPrefix)) {
        return frame_text(text);
    }
    if (agrees(text, kBinarySignature)) {
        return frame_binary(bytes);
    }
    return kMalformed;
}

}  // namespace tls
