#include "certs/absent_names.h"

namespace tls {

namespace {

constexpr size_t kSet = 8;

}  // namespace

AbsentNames::AbsentNames(size_t entries) : capacity_(kSet) {
    while (capacity_ < entries) {
        capacity_ *= 2;
    }
}

AbsentNames::Entry* AbsentNames::set_of(uint64_t name) {
    return entries_.data() + (name & (capacity_ / kSet - 1)) * kSet;
}

AbsentNames::Entry* AbsentNames::find(uint64_t name) {
    if (entries_.empty()) {
        return nullptr;
    }
    Entry* const set = set_of(name);
    for (Entry* entry = set; entry != set + kSet; ++entry) {
        if (entry->kind != Kind::Free && entry->name == name) {
            entry->asked = ++questions_;
            return entry;
        }
    }
    return nullptr;
}

// The counter of questions may wrap: what counts is how long ago, not when.
AbsentNames::Entry* AbsentNames::victim(Entry* set) const {
    Entry* chosen = set;
    for (Entry* entry = set; entry != set + kSet; ++entry) {
        if (entry->kind == Kind::Free) {
            return entry;
        }
        const bool is_broken = entry->kind == Kind::Broken;
        const bool chosen_is_broken = chosen->kind == Kind::Broken;
        const bool is_older = questions_ - entry->asked > questions_ - chosen->asked;
        if (is_broken != chosen_is_broken ? chosen_is_broken : is_older) {
            chosen = entry;
        }
    }
    return chosen;
}

void AbsentNames::put(uint64_t name, Kind kind, uint64_t stamp, time_t now) {
    if (entries_.empty()) {
        entries_.resize(capacity_);
    }
    Entry* entry = find(name);
    if (entry == nullptr) {
        entry = victim(set_of(name));
        size_ += entry->kind == Kind::Free ? 1 : 0;
    }
    *entry = Entry{name, stamp, now, ++questions_, kind};
}

void AbsentNames::erase(uint64_t name) {
    if (Entry* entry = find(name)) {
        *entry = Entry();
        --size_;
    }
}

}  // namespace tls
