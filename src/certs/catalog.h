// Credentials by name, found when a client asks for them: a bounded cache in front of a source that reads
// files.
//
// One in each worker for each source; used by the glue between the hello and the choice. Single-threaded,
// blocks only for the files of one name, never logs by itself: what the operator should know comes back as
// notices. Never looks at any name but the one that was asked for.
//
// Three tables, all bounded, each question O(1): names with credentials (a list in the order of use), names
// without (32 bytes each, of any length, see AbsentNames), and what the operator was told already (8 bytes
// each, see ToldOnce). A flood of names that do not exist only ever moves the second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "certs/credential.h"

namespace tls {

// All that is served under one name: one credential for each key type. Immutable; a handshake keeps the one
// it began with.
struct CredentialSet {
    std::vector<std::shared_ptr<const Credential>> credentials;
    std::string name;  // under which it was found, for instance "_.example.com"
    // SHA-256 of the name, so that no handshake makes it anew; none where libcrypto could not.
    std::optional<Sha256Digest> name_digest;

    void set_name(std::string text);
};

// Something to tell the operator, already worded.
struct Notice {
    enum class Level { Notice, Warning, Error };
    Level level = Level::Notice;
    std::string text;
    std::string about = {};  // the stamp of the files it is about: the same words about others are news again
};
using Notices = std::vector<Notice>;

// Where credentials come from: a folder, paths made of variables, a local authority.
class CredentialSource {
  public:
    virtual ~CredentialSource() = default;

    // What the files of a name looked like when they were read; compared, never understood, by the catalog.
    using Stamp = std::string;
    enum class Status {
        Found,    // `set` and `stamp` are filled
        Missing,  // nothing there under that name
        Broken,   // something there that cannot be served; `error` says what, `stamp` is filled
        Unready,  // a pair in the middle of being replaced (halves that do not match, no key); `error`,
                  // `stamp` are filled
        Begun,  // only a key: Unready when a pair was good before, else Missing; `error`, `stamp` are filled
        Away,   // the source cannot be asked now, whatever the name; `news` says why, `stamp` is filled
    };
    // A key type of a name that is Found by its others.
    struct Fault {
        std::string certificate_source;  // as a Credential from there would have it
        bool unready = false;            // as Status has it; else broken
        std::string error;
    };
    struct Answer {
        Status status = Status::Missing;
        std::shared_ptr<const CredentialSet> set;
        Stamp stamp;
        std::string error;
        std::vector<Fault> faults;          // Found: told, and what was good before goes on beside the set
        std::vector<std::string> warnings;  // Found: told, the set is served
        Notices news;                       // about the source itself, which says each only once
        time_t until = 0;                   // from then on it is loaded anew, stamp or no stamp; 0 is never
    };
    // Reads and checks everything. `name` is a valid host name or whatever this source calls its entries.
    virtual Answer load(std::string_view name, time_t now) = 0;
    // The stamp as load() would give it now, without reading contents; empty when nothing is there. A stamp
    // of load() that this never gives has the entry loaded again each time it is no longer valid.
    virtual Stamp look(std::string_view name) = 0;
    // The entry that answers for a name which has none of its own: a wildcard. Empty when there is no such
    // entry.
    virtual std::string covering(std::string_view) const { return {}; }
};

class CredentialCatalog {
  public:
    struct Limits {
        size_t max = 1000;       // names with credentials
        time_t inactive = 3600;  // seconds without use after which a name is forgotten
        time_t valid = 1;        // seconds for which files are not looked at again
    };
    CredentialCatalog(std::unique_ptr<CredentialSource> source, Limits limits);
    ~CredentialCatalog();

    // The credentials of a name, or null. Notices are appended: one for each change of mind, not one for each
    // question. A pair that can no longer be read keeps being served; a name whose files are gone is
    // forgotten. `now` may go backwards.
    std::shared_ptr<const CredentialSet> find(std::string_view name, time_t now, Notices* notices);

    struct Counts {
        size_t names = 0;    // with credentials, now
        size_t missing = 0;  // without, now
        uint64_t hits = 0;   // questions that read no file (they may have looked whether one changed)
        uint64_t loads = 0;  // readings that gave credentials
    };
    Counts counts() const;
    // The names in use, most recent first, at most `most`, as find() takes them. Wildcards are
    // "_.example.com"; those of a pair source may be `data:` text with a key in it.
    std::vector<std::string> recent(size_t most) const;

  private:
    class Entries;
    enum class Verdict;
    std::shared_ptr<const CredentialSet> find_entry(std::string_view key, time_t now, Notices* notices,
                                                    Verdict* verdict);
    std::shared_ptr<const CredentialSet> load_entry(std::string_view key, uint64_t hash, time_t now,
                                                    Notices* notices, Verdict* verdict);

    std::unique_ptr<CredentialSource> source_;
    Limits limits_;
    std::unique_ptr<Entries> entries_;
};

}  // namespace tls
