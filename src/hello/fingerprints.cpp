#include "hello/fingerprints.h"

#include "hello/ja3.h"
#include "hello/ja4.h"

namespace tls {

const std::string& Fingerprints::get(Fingerprint which) {
    std::string& text = made_[static_cast<size_t>(which)];
    if (text.empty()) {
        text = make(which);
    }
    return text;
}

std::string Fingerprints::make(Fingerprint which) {
    switch (which) {
        case Fingerprint::Ja3:
            return ja3(hello_);
        case Fingerprint::Ja3Hash:
            return ja3_hash(get(Fingerprint::Ja3));
        case Fingerprint::Ja4:
            return ja4(hello_, Ja4Order::Sorted);
        case Fingerprint::Ja4Raw:
            return ja4_raw(hello_, Ja4Order::Sorted);
        case Fingerprint::Ja4Original:
            return ja4(hello_, Ja4Order::Original);
        case Fingerprint::Ja4RawOriginal:
            return ja4_raw(hello_, Ja4Order::Original);
    }
    return {};
}

}  // namespace tls
