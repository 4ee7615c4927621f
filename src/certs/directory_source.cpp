#include "certs/directory_source.h"

#include <array>
#include <cerrno>
#include <utility>

#include "certs/folder.h"
#include "certs/set_builder.h"

namespace tls {

namespace {

using Passwords = std::shared_ptr<const std::vector<SecretString>>;
using State = FileView::State;

constexpr size_t kMaxName = 253;
constexpr std::array<const char*, 4> kTypes = {"", ".ecdsa", ".rsa", ".ed25519"};

// The only bytes of a client's name that ever become part of a path.
bool is_path_safe(std::string_view name) {
    if (name.empty() || name.size() > kMaxName || name.front() == '.' || name.find("..") != name.npos) {
        return false;
    }
    for (const char letter : name) {
        const bool is_safe = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                             letter == '.' || letter == '-' || letter == '_';
        if (!is_safe) {
            return false;
        }
    }
    return true;
}

bool is_wildcard(std::string_view name) {
    return name.substr(0, 2) == "_.";
}

// How a name is written in a folder.
std::vector<std::string> spellings(std::string_view name) {
    std::vector<std::string> written = {std::string(name)};
    if (is_wildcard(name)) {
        written.push_back("*" + written.front().substr(1));
    }
    return written;
}

// A certificate and its key as they lie in a folder; `key` stays Absent where one file has both.
struct FoundPair {
    std::string certificate_path;
    std::string key_path;
    FileView certificate;
    FileView key;
};

// What one folder has under one spelling of a name.
class Survey {
  public:
    Survey(const FolderVisit& visit, const std::string& folder, bool is_reading)
        : visit_(visit), folder_(folder), is_reading_(is_reading) {}

    // True when there is anything. Keys whose certificates are not there leave the name to the next layout.
    bool run(const std::string& spelling) {
        return in_subfolder(spelling) || in_one_file(spelling) || in_two_files(spelling) ||
               (!is_denied_ && !pairs_.empty());
    }
    // The folder itself could not be searched: nothing is known.
    bool is_denied() const { return is_denied_; }
    const CredentialSource::Stamp& stamp() const { return stamp_; }
    const std::vector<FoundPair>& pairs() const { return pairs_; }

  private:
    bool in_subfolder(const std::string& spelling) {
        FileView why_not;
        const FolderVisit::Place place = visit_.enter(spelling, &why_not);
        if (!place.ok()) {
            // Something stands where the subfolder would be, but may not be entered.
            return why_not.state == State::Refused &&
                   keep(FoundPair{folder_ + "/" + spelling, {}, std::move(why_not), {}}, 0);
        }
        return in(place, spelling + "/", "fullchain", ".pem", "privkey", ".pem");
    }
    bool in_one_file(const std::string& spelling) {
        return !is_denied_ && in(visit_.top(), "", spelling, ".pem", "", nullptr);
    }
    bool in_two_files(const std::string& spelling) {
        return !is_denied_ && in(visit_.top(), "", spelling, ".crt", spelling, ".key");
    }

    // All key types of one layout; true when there is a certificate. Without an ending for keys, the
    // certificate's file has the key too.
    bool in(const FolderVisit::Place& place, const std::string& below, const std::string& certificate,
            const char* certificate_end, const std::string& key, const char* key_end) {
        bool has_any = false;
        for (size_t type = 0; type < kTypes.size() && !is_denied_; ++type) {
            const std::string file = certificate + kTypes[type] + certificate_end;
            FoundPair pair;
            pair.certificate = view(place, file);
            const bool has_certificate = pair.certificate.state != State::Absent;
            std::string key_file;
            if (key_end != nullptr) {
                key_file = key + kTypes[type] + key_end;
                pair.key = view(place, key_file);
            }
            if (!has_certificate && pair.key.state == State::Absent) {
                continue;
            }
            pair.certificate_path = folder_ + "/" + below + file;
            if (key_end != nullptr) {
                pair.key_path = folder_ + "/" + below + key_file;
            }
            has_any = (keep(std::move(pair), type) && has_certificate) || has_any;
        }
        return has_any;
    }

    FileView view(const FolderVisit::Place& place, const std::string& file) const {
        return is_reading_ ? visit_.read(place, file) : visit_.look(place, file);
    }

    bool keep(FoundPair pair, size_t type) {
        is_denied_ = is_denied_ || pair.certificate.is_denied || pair.key.is_denied;
        if (is_denied_) {
            return false;
        }
        stamp_ += static_cast<char>('0' + type);
        stamp_ += pair.certificate.stamp + pair.key.stamp;
        pairs_.push_back(std::move(pair));
        return true;
    }

    const FolderVisit& visit_;
    const std::string& folder_;
    const bool is_reading_;
    bool is_denied_ = false;
    CredentialSource::Stamp stamp_;
    std::vector<FoundPair> pairs_;
};

void add_pair(const FoundPair& pair, SetBuilder* builder) {
    const bool is_one_file = pair.key_path.empty();
    const FileView& key = is_one_file ? pair.certificate : pair.key;
    PairText text;
    text.certificate_source = pair.certificate_path;
    text.key_source = is_one_file ? pair.certificate_path : pair.key_path;
    text.certificate = pair.certificate.text.value();
    text.key = key.text.value();
    if (pair.certificate.state == State::Absent) {
        text.absent = PairText::Absent::Certificate;
    } else if (pair.certificate.state == State::Refused) {
        text.refused =
            "cannot load certificate \"" + text.certificate_source + "\": " + pair.certificate.error;
    } else if (key.state == State::Refused) {
        text.refused = "cannot load certificate key \"" + text.key_source + "\": " + key.error;
    } else if (key.state == State::Absent) {
        text.absent = PairText::Absent::Key;
    }
    builder->add(text);
}

class DirectorySource : public CredentialSource {
  public:
    DirectorySource(std::vector<std::string> paths, Passwords passwords) : passwords_(std::move(passwords)) {
        for (std::string& path : paths) {
            folders_.push_back(Folder{std::move(path)});
        }
    }

    Answer load(std::string_view name, time_t now) override {
        Answer answer;
        const Stamp stamp = visit(name, true, [&](const Survey& survey, const std::string& spelling) {
            const std::string host =
                is_wildcard(name) ? "*" + std::string(name.substr(1)) : std::string(name);
            SetBuilder builder(spelling, host, now, passwords(), &pool_);
            for (const FoundPair& pair : survey.pairs()) {
                add_pair(pair, &builder);
            }
            answer = builder.finish(survey.stamp());
        });
        if (answer.status == Status::Missing && !stamp.empty()) {
            answer.status = Status::Away;
        }
        // An expired certificate's answer has added to it.
        answer.stamp = stamp + answer.stamp;
        answer.news = take_news();
        return answer;
    }

    Stamp look(std::string_view name) override {
        Stamp found;
        const Stamp stamp =
            visit(name, false, [&](const Survey& survey, const std::string&) { found = survey.stamp(); });
        return stamp + found;
    }

    std::string covering(std::string_view name) const override {
        const size_t dot = name.find('.');
        if (!is_path_safe(name) || is_wildcard(name) || dot == name.npos || dot + 1 == name.size()) {
            return {};
        }
        return "_" + std::string(name.substr(dot));
    }

  private:
    struct Folder {
        std::string path;
        int failure = 0;  // errno of the last visit
        int told = 0;     // the one that the operator knows
    };

    // Calls `found` for the first folder and spelling that has anything. Returns what there is to say about
    // folders: the place of that one, and those before it that could not be asked; empty when nothing was
    // found and all could be asked.
    template <class Found>
    Stamp visit(std::string_view name, bool is_reading, Found found) {
        Stamp stamp;
        if (!is_path_safe(name)) {
            return stamp;
        }
        for (size_t i = 0; i < folders_.size(); ++i) {
            Folder& folder = folders_[i];
            const FolderVisit visit(folder.path);
            folder.failure = visit.failure();
            for (const std::string& spelling : spellings(name)) {
                if (folder.failure != 0) {
                    break;
                }
                Survey survey(visit, folder.path, is_reading);
                if (survey.run(spelling)) {
                    folder.told = 0;
                    found(survey, spelling);
                    return stamp + "in " + std::to_string(i) + spelling.front();
                }
                folder.failure = survey.is_denied() ? EACCES : 0;
            }
            if (folder.failure != 0) {
                stamp += "no " + std::to_string(i) + " " + std::to_string(folder.failure);
            } else {
                folder.told = 0;
            }
        }
        return stamp;
    }

    // One sentence each time that a folder begins to fail, or fails otherwise.
    Notices take_news() {
        Notices news;
        for (Folder& folder : folders_) {
            if (folder.failure != 0 && folder.failure != folder.told) {
                folder.told = folder.failure;
                news.push_back(
                    {Notice::Level::Error, system_failure("cannot open certificate directory: open()",
                                                          folder.path, folder.failure) +
                                               ", its names in use go on"});
            }
        }
        return news;
    }

    const std::vector<SecretString>& passwords() const {
        static const std::vector<SecretString> none;
        return passwords_ != nullptr ? *passwords_ : none;
    }

    std::vector<Folder> folders_;
    const Passwords passwords_;
    ChainPool pool_;
};

}  // namespace

std::unique_ptr<CredentialSource> make_directory_source(
    std::vector<std::string> folders, std::shared_ptr<const std::vector<SecretString>> passwords) {
    return std::make_unique<DirectorySource>(std::move(folders), std::move(passwords));
}

}  // namespace tls
