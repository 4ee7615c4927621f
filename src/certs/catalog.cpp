#include "certs/catalog.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/keyed_hash.h"
#include "certs/absent_names.h"
#include "certs/told_once.h"
#include "certs/use_order.h"

namespace tls {

namespace {

constexpr size_t kLeastAbsent = 1024;
constexpr size_t kMostAbsent = 65536;  // 2 MiB
// How many unused names one question may forget.
constexpr int kForgottenAtOnce = 2;

using Answer = CredentialSource::Answer;
using Fault = CredentialSource::Fault;
using Status = CredentialSource::Status;
using Set = std::shared_ptr<const CredentialSet>;

// Seconds since `then`. A clock that was set back makes everything old.
bool is_younger(time_t then, time_t now, time_t age) {
    return now >= then && now - then < age;
}

// The set, and beside it what `last` had from the files that cannot be used now.
Set with_old_parts(const Set& set, const Set& last, const std::vector<Fault>& faults) {
    std::vector<std::shared_ptr<const Credential>> old;
    for (const Fault& fault : faults) {
        for (const auto& credential : last->credentials) {
            if (credential->certificate_source == fault.certificate_source) {
                old.push_back(credential);
            }
        }
    }
    if (old.empty()) {
        return set;
    }
    auto whole = std::make_shared<CredentialSet>(*set);
    whole->credentials.insert(whole->credentials.end(), old.begin(), old.end());
    return whole;
}

AbsentNames::Kind absence(Status status) {
    switch (status) {
        case Status::Missing:
        case Status::Begun:
            return AbsentNames::Kind::Missing;
        case Status::Away:
            return AbsentNames::Kind::Away;
        default:
            return AbsentNames::Kind::Broken;
    }
}

bool holds(const CredentialSet& set, const std::string& certificate_source) {
    return std::any_of(set.credentials.begin(), set.credentials.end(), [&](const auto& credential) {
        return credential->certificate_source == certificate_source;
    });
}

}  // namespace

// Why there is no set.
enum class CredentialCatalog::Verdict {
    None,     // there is one
    Missing,  // a wildcard may answer, also one that is in use while the source is away
    Refused,  // this name is disabled
};

// The catalog's memory.
class CredentialCatalog::Entries {
  public:
    // One name with credentials. What each question reads comes first.
    struct Entry {
        Entry() = default;
        Entry(Entry&&) = default;
        Entry& operator=(Entry&&) = default;
        ~Entry() { wipe(); }
        // The names of a pair source may hold a key.
        void wipe() { OPENSSL_cleanse(&key[0], key.size()); }

        Set set;
        time_t checked = 0;
        time_t used = 0;
        time_t until = 0;
        std::string key;
        time_t loaded = 0;
        CredentialSource::Stamp stamp;  // of the last load, which may be a newer one than the set's
    };

    explicit Entries(const Limits& limits)
        : absent_(std::clamp(limits.max, kLeastAbsent, kMostAbsent)),
          most_(std::max<size_t>(limits.max, 1)) {}

    uint64_t hash(std::string_view text) const { return hash_(text); }
    AbsentNames& absent() { return absent_; }
    const AbsentNames& absent() const { return absent_; }
    size_t size() const { return order_.size(); }

    std::vector<std::string> recent(size_t most) const {
        std::vector<std::string> names;
        for (Place place = order_.most_recent(); place != UseOrder::kNone && names.size() < most;
             place = order_.before(place)) {
            names.push_back(entries_[place].key);
        }
        return names;
    }

    // The entry of a name, now the most recent one, or null. It stays where it is until the next add().
    Entry* use(std::string_view key, uint64_t hash, time_t now) {
        const Place place = find(key, hash);
        if (place == UseOrder::kNone) {
            return nullptr;
        }
        order_.use(place);
        entries_[place].used = now;
        return &entries_[place];
    }

    // A new entry. The least recent one makes room.
    Entry* add(std::string_view key, uint64_t hash, time_t now) {
        if (order_.size() >= most_) {
            forget(order_.least_recent());
        }
        if (order_.size() == entries_.size()) {
            entries_.emplace_back();
        }
        Entry& entry = entries_[order_.add(hash)];
        entry.key = key;
        entry.used = now;
        return &entry;
    }

    void erase(std::string_view key, uint64_t hash) {
        const Place place = find(key, hash);
        if (place != UseOrder::kNone) {
            forget(place);
        }
    }

    void forget_unused(time_t now, time_t inactive) {
        for (int i = 0; i < kForgottenAtOnce && order_.size() > 0; ++i) {
            Entry& last = entries_[order_.least_recent()];
            if (last.used > now) {
                last.used = now;  // the clock was set back
            }
            if (now - last.used <= inactive) {
                return;
            }
            forget(order_.least_recent());
        }
    }

    // Why nothing new came. A pair that goes on while it is replaced is no error.
    // `files` tells these files of this name from all others.
    void tell_failure(const Answer& answer, bool old_goes_on, uint64_t files, Notices* notices) {
        if (answer.status == Status::Begun && !old_goes_on) {
            // Its certificate may still be asked for from an authority.
            tell(notices, {Notice::Level::Notice, answer.error, answer.stamp}, files);
        } else if (answer.status != Status::Away) {
            const Fault fault{{}, answer.status != Status::Broken, answer.error};
            tell_fault(fault, old_goes_on, answer.stamp, files, notices);
        }
    }

    // What is wrong with parts of a name that is served.
    void tell_remarks(const Answer& answer, const CredentialSet& served, uint64_t files, Notices* notices) {
        for (const Fault& fault : answer.faults) {
            const bool old_goes_on = holds(served, fault.certificate_source);
            tell_fault(fault, old_goes_on, answer.stamp, files, notices);
        }
        for (const std::string& warning : answer.warnings) {
            tell(notices, {Notice::Level::Warning, warning, answer.stamp}, files);
        }
    }

    uint64_t hits = 0;
    uint64_t loads = 0;
    uint64_t readings = 0;

  private:
    using Place = UseOrder::Place;

    Place find(std::string_view key, uint64_t hash) const {
        return order_.find(hash, [&](Place place) { return entries_[place].key == key; });
    }

    void tell_fault(const Fault& fault, bool old_goes_on, const CredentialSource::Stamp& stamp,
                    uint64_t files, Notices* notices) {
        const bool is_passing = fault.unready && old_goes_on;
        const std::string end = old_goes_on ? ", the old pair goes on" : "";
        tell(notices,
             {is_passing ? Notice::Level::Notice : Notice::Level::Error,
              fault.error + (is_passing ? " yet" : "") + end, stamp},
             files);
    }

    // Appends unless the operator was told this about these files before.
    void tell(Notices* notices, Notice notice, uint64_t files) {
        if (told_.first(hash_(notice.text) ^ files)) {
            notices->push_back(std::move(notice));
        }
    }

    void forget(Place place) {
        entries_[place].wipe();
        entries_[place] = Entry();
        order_.remove(place);
    }

    const KeyedHash hash_;
    UseOrder order_;
    std::vector<Entry> entries_;  // by their places
    AbsentNames absent_;
    ToldOnce told_;
    const size_t most_;
};

void CredentialSet::set_name(std::string text) {
    name = std::move(text);
    if (!sha256(name, &name_digest.emplace())) {
        name_digest.reset();
    }
}

CredentialCatalog::CredentialCatalog(std::unique_ptr<CredentialSource> source, Limits limits)
    : source_(std::move(source)), limits_(limits), entries_(std::make_unique<Entries>(limits)) {}

CredentialCatalog::~CredentialCatalog() = default;

Set CredentialCatalog::find(std::string_view name, time_t now, Notices* notices) {
    entries_->forget_unused(now, limits_.inactive);
    const uint64_t readings = entries_->readings;
    Verdict verdict = Verdict::None;
    Set set = find_entry(name, now, notices, &verdict);
    if (verdict == Verdict::Missing) {
        const std::string covering = source_->covering(name);
        if (!covering.empty()) {
            set = find_entry(covering, now, notices, &verdict);
        }
    }
    entries_->hits += entries_->readings == readings ? 1 : 0;
    return set;
}

// What is remembered, as far as it is still so; else what the source has to say.
Set CredentialCatalog::find_entry(std::string_view key, time_t now, Notices* notices, Verdict* verdict) {
    const uint64_t hash = entries_->hash(key);
    if (Entries::Entry* entry = entries_->use(key, hash, now)) {
        const bool is_due = entry->until != 0 && (now >= entry->until || now < entry->loaded);
        if (!is_due) {
            if (!is_younger(entry->checked, now, limits_.valid)) {
                if (source_->look(key) != entry->stamp) {
                    return load_entry(key, hash, now, notices, verdict);
                }
                entry->checked = now;
            }
            *verdict = Verdict::None;
            return entry->set;
        }
    } else if (AbsentNames::Entry* absent = entries_->absent().find(hash)) {
        bool is_so = is_younger(absent->checked, now, limits_.valid);
        if (!is_so && entries_->hash(source_->look(key)) == absent->stamp) {
            absent->checked = now;
            is_so = true;
        }
        if (is_so) {
            *verdict = absent->kind == AbsentNames::Kind::Broken ? Verdict::Refused : Verdict::Missing;
            return nullptr;
        }
    }
    return load_entry(key, hash, now, notices, verdict);
}

Set CredentialCatalog::load_entry(std::string_view key, uint64_t hash, time_t now, Notices* notices,
                                  Verdict* verdict) {
    ++entries_->readings;
    Answer answer = source_->load(key, now);
    std::move(answer.news.begin(), answer.news.end(), std::back_inserter(*notices));
    const uint64_t files = hash ^ entries_->hash(answer.stamp + "stamp");
    const bool is_found = answer.status == Status::Found;
    if (answer.status == Status::Missing) {
        entries_->erase(key, hash);
    }
    Entries::Entry* entry = entries_->use(key, hash, now);
    if (!is_found && answer.status != Status::Missing) {
        entries_->tell_failure(answer, entry != nullptr, files, notices);
    }
    if (entry == nullptr && !is_found) {
        const AbsentNames::Kind kind = absence(answer.status);
        entries_->absent().put(hash, kind, entries_->hash(answer.stamp), now);
        *verdict = kind == AbsentNames::Kind::Broken ? Verdict::Refused : Verdict::Missing;
        return nullptr;
    }
    if (entry == nullptr) {
        entries_->absent().erase(hash);
        entry = entries_->add(key, hash, now);
    }
    if (is_found) {
        ++entries_->loads;
        entry->set =
            entry->set == nullptr ? answer.set : with_old_parts(answer.set, entry->set, answer.faults);
        entries_->tell_remarks(answer, *entry->set, files, notices);
    }
    entry->stamp = std::move(answer.stamp);
    entry->until = answer.until;
    entry->loaded = now;
    entry->checked = now;
    *verdict = Verdict::None;
    return entry->set;
}

CredentialCatalog::Counts CredentialCatalog::counts() const {
    Counts counts;
    counts.names = entries_->size();
    counts.missing = entries_->absent().size();
    counts.hits = entries_->hits;
    counts.loads = entries_->loads;
    return counts;
}

std::vector<std::string> CredentialCatalog::recent(size_t most) const {
    return entries_->recent(most);
}

}  // namespace tls
