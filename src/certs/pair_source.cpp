#include <memory>
#include <string>
#include <utility>

#include "certs/directory_source.h"
#include "certs/folder.h"
#include "certs/pem.h"
#include "certs/set_builder.h"

namespace tls {

namespace {

using State = FileView::State;

constexpr std::string_view kData = "data:";

bool is_data(std::string_view source) {
    return source.substr(0, kData.size()) == kData;
}

// The two texts of a name; false for what join_pair() never made of paths or PEM text.
bool split_pair(std::string_view name, std::string* certificate, std::string* key) {
    const size_t end = name.find('\0');
    if (end == name.npos || name.find('\0', end + 1) != name.npos) {
        return false;
    }
    *certificate = name.substr(0, end);
    *key = name.substr(end + 1);
    const auto is_source = [](const std::string& text) { return is_data(text) || text.substr(0, 1) == "/"; };
    return is_source(*certificate) && is_source(*key);
}

// One half. `data:` is always there and never changes: another text is another name.
FileView view_of(const std::string& source, bool is_reading) {
    if (!is_data(source)) {
        return is_reading ? read_file(source) : look_at_file(source);
    }
    FileView view;
    view.state = State::Present;
    view.stamp = "data";
    if (is_reading) {
        view.text = SecretString(source.substr(kData.size()));
    }
    return view;
}

std::string refusal(const char* what, const std::string& source, const FileView& view) {
    return view.state != State::Refused
               ? std::string()
               : std::string("cannot load ") + what + " " + quoted_source(source) + ": " + view.error;
}

// What `data:` says cannot be removed: a pair is gone with its files.
bool is_gone(const FileView& view, const std::string& source) {
    return view.state == State::Absent || is_data(source);
}

class PairSource : public CredentialSource {
  public:
    explicit PairSource(std::shared_ptr<const std::vector<SecretString>> passwords)
        : passwords_(passwords != nullptr ? std::move(passwords)
                                          : std::make_shared<const std::vector<SecretString>>()) {}

    Answer load(std::string_view name, time_t now) override {
        PairText text;
        if (!split_pair(name, &text.certificate_source, &text.key_source)) {
            return {};
        }
        const FileView certificate = view_of(text.certificate_source, true);
        const FileView key = view_of(text.key_source, true);
        if (certificate.state == State::Absent) {
            if (is_gone(key, text.key_source)) {
                return {};
            }
            text.absent = PairText::Absent::Certificate;
        } else if (key.state == State::Absent) {
            text.absent = PairText::Absent::Key;
        }
        text.certificate = certificate.text.value();
        text.key = key.text.value();
        text.refused = refusal("certificate", text.certificate_source, certificate);
        if (text.refused.empty()) {
            text.refused = refusal("certificate key", text.key_source, key);
        }
        SetBuilder builder(printable_source(text.certificate_source), {}, now, *passwords_, &pool_);
        builder.add(text);
        return builder.finish(certificate.stamp + "," + key.stamp);
    }

    Stamp look(std::string_view name) override {
        std::string certificate_source;
        std::string key_source;
        if (!split_pair(name, &certificate_source, &key_source)) {
            return {};
        }
        const FileView certificate = view_of(certificate_source, false);
        const FileView key = view_of(key_source, false);
        if (certificate.state == State::Absent && is_gone(key, key_source)) {
            return {};
        }
        return certificate.stamp + "," + key.stamp;
    }

  private:
    const std::shared_ptr<const std::vector<SecretString>> passwords_;
    ChainPool pool_;
};

}  // namespace

std::unique_ptr<CredentialSource> make_pair_source(
    std::shared_ptr<const std::vector<SecretString>> passwords) {
    return std::make_unique<PairSource>(std::move(passwords));
}

std::string join_pair(std::string_view certificate, std::string_view key) {
    std::string name(certificate);
    name += '\0';
    name += key;
    return name;
}

}  // namespace tls
