// The ClientHello on any bytes, once as what comes from a socket and once as a message. What must hold of a
// hello that is taken: every view lies within the message, its fingerprints have their form, and however the
// stream is cut, the same message comes out.
#include "hello/client_hello.h"

#include <cstdlib>
#include <cstring>

#include "hello/fingerprints.h"

using Status = tls::HelloAssembler::Status;

static constexpr size_t kMaxSize = 4096;

static void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

static void require_inside(tls::ByteView part, tls::ByteView whole) {
    require(part.empty() || (part.begin() >= whole.begin() && part.end() <= whole.end()));
}

static void require_inside(std::string_view part, tls::ByteView whole) {
    require_inside(tls::ByteView::of(part), whole);
}

static bool is_only(const std::string& text, const char* letters) {
    return text.find_first_not_of(letters) == std::string::npos;
}

// Whatever the client wrote, nothing in them needs to be escaped anywhere.
static void require_fingerprints(const tls::ClientHello& hello) {
    tls::Fingerprints fingerprints(hello);
    require(is_only(fingerprints.get(tls::Fingerprint::Ja3), "0123456789,-"));
    require(fingerprints.get(tls::Fingerprint::Ja3Hash).size() == 32);
    for (const auto which : {tls::Fingerprint::Ja4, tls::Fingerprint::Ja4Original}) {
        const std::string& text = fingerprints.get(which);
        require(text.size() == 36 && text[10] == '_' && text[23] == '_');
        require(is_only(text.substr(10), "0123456789abcdef_"));
    }
    for (const auto which : {tls::Fingerprint::Ja4Raw, tls::Fingerprint::Ja4RawOriginal}) {
        const std::string& text = fingerprints.get(which);
        require(text.compare(0, 11, fingerprints.get(tls::Fingerprint::Ja4), 0, 11) == 0);
        require(is_only(text.substr(10), "0123456789abcdef_,"));
    }
}

static void parse(tls::ByteView message) {
    const tls::ParsedHello parsed = tls::parse_client_hello(message);
    if (!parsed.ok) {
        require(parsed.refusal.text[0] != '\0');
        return;
    }
    const tls::ClientHello& hello = parsed.hello;
    require(hello.message.data() == message.data() && hello.message.size() == message.size());
    require(hello.random.size() == 32 && hello.session_id.size() <= 32 && !hello.compression_methods.empty());
    require_inside(hello.random, message);
    require_inside(hello.session_id, message);
    require_inside(hello.compression_methods, message);
    for (const tls::CodePoints& list :
         {hello.cipher_suites, hello.supported_groups, hello.signature_algorithms,
          hello.signature_algorithms_cert, hello.supported_versions}) {
        require_inside(list.bytes(), message);
        require(list.bytes().size() % 2 == 0);
    }
    for (const tls::Extension& extension : hello.extensions) {
        require_inside(extension.body, message);
        require(hello.find(extension.type) == &extension);  // there is one of each type
    }
    require_inside(hello.server_name, message);
    require(hello.server_name.size() <= 255);
    require(hello.has_alpn == !hello.alpn.empty());
    for (const std::string_view protocol : hello.alpn) {
        require_inside(protocol, message);
        require(!protocol.empty());
    }
    require_fingerprints(hello);
}

static void require_same(const tls::HelloAssembler& one, Status one_status, const tls::HelloAssembler& other,
                         Status other_status) {
    require(one_status == other_status);
    require(one.message().size() == other.message().size());
    require(one.message().empty() ||
            std::memcmp(one.message().data(), other.message().data(), one.message().size()) == 0);
    require(one_status != Status::Refused ||
            (one.refusal().alert == other.refusal().alert && one.refusal().reason == other.refusal().reason));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    parse(tls::ByteView(data, size));

    tls::HelloAssembler whole(kMaxSize);
    const Status whole_status = whole.append(tls::ByteView(data, size));
    if (whole_status == Status::Complete) {
        require(whole.message().size() <= kMaxSize);
        parse(whole.message());
    }

    // Pieces whose sizes come from the bytes themselves.
    tls::HelloAssembler pieces(kMaxSize);
    Status status = Status::NeedMore;
    uint32_t random = static_cast<uint32_t>(size);
    for (size_t at = 0; at < size && status == Status::NeedMore;) {
        random = random * 1664525 + data[at] + 1013904223;
        const size_t step = 1 + (random >> 8) % (1 + (random >> 28) * 8);
        const tls::ByteView piece = tls::ByteView(data, size).from(at).first(step);
        status = pieces.append(piece);
        at += piece.size();
    }
    require_same(whole, whole_status, pieces, status);
    return 0;
}
