#include "keys/half_pool.h"

#include <algorithm>

namespace tls {

namespace {

// Signatures within kLife from which on more are worth making: a call makes eight, and costs two of
// OpenSSL's.
constexpr size_t kOften = 3;

// Also true for a clock that was set back.
bool is_over(const timespec& begin, const timespec& now) {
    const time_t seconds = now.tv_sec - begin.tv_sec;
    return seconds < 0 || seconds > HalfPool::kLife ||
           (seconds == HalfPool::kLife && now.tv_nsec >= begin.tv_nsec) ||
           (seconds == 0 && now.tv_nsec < begin.tv_nsec);
}

bool is_over(const HalfPool::Time& begin, const HalfPool::Time& now) {
    return is_over(begin.since_boot, now.since_boot) || is_over(begin.on_the_clock, now.on_the_clock);
}

bool put_words(const BIGNUM* number, uint64_t* words, size_t size) {
    const int bytes = static_cast<int>(size);
    return BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(words), bytes) == bytes;
}

}  // namespace

HalfPool::Time HalfPool::Time::now() {
    Time time{};
    clock_gettime(CLOCK_BOOTTIME, &time.since_boot);
    clock_gettime(CLOCK_REALTIME, &time.on_the_clock);
    return time;
}

void HalfPool::empty(Slot* slot) {
    OPENSSL_cleanse(slot->halves, sizeof(slot->halves));
    slot->left = 0;
}

// The key's slot without what is too old; for a key that has none, one that nobody used lately. Null when all
// are in use, or memory cannot be kept from a fork.
HalfPool::Slot* HalfPool::find(const SigningKey& key, const Time& now) {
    Slots* slots = page_.get();
    if (slots == nullptr) {
        return nullptr;
    }
    Slot* found = nullptr;
    for (Slot& slot : slots->of) {
        if (slot.left != 0 && is_over(slot.made, now)) {
            empty(&slot);
        }
        if (slot.key == key.number) {
            found = &slot;
        }
    }
    for (size_t i = 0; found == nullptr && i < kKeys; ++i) {
        Slot& slot = slots->of[i];
        if (slot.key == 0 || is_over(slot.began, now)) {
            empty(&slot);
            slot.key = key.number;
            slot.asked = 0;
            slot.began = now;
            found = &slot;
        }
    }
    // What was asked for in the time before this one is what is expected of this.
    if (found != nullptr && is_over(found->began, now)) {
        found->asked = 0;
        found->began = now;
    }
    return found;
}

SignatureHalf HalfPool::take(const SigningKey& key, const Time& now) {
    Slot* slot = find(key, now);
    SignatureHalf half;
    if (slot == nullptr) {
        return half;
    }
    ++slot->asked;
    if (slot->left == 0) {
        return half;
    }
    --slot->left;
    Half& last = slot->halves[slot->left];
    half.inverse = secret_number(last.inverse, sizeof(last.inverse));
    half.r = secret_number(last.r, sizeof(last.r));
    OPENSSL_cleanse(&last, sizeof(last));
    return half;
}

size_t HalfPool::room(const SigningKey& key, const Time& now) {
    const Slot* slot = find(key, now);
    return slot != nullptr && slot->asked >= kOften ? kLanes - slot->left : 0;
}

void HalfPool::put(const SigningKey& key, SignatureHalf* halves, size_t count, const Time& now) {
    Slot* slot = find(key, now);
    for (size_t i = 0; i < count; ++i) {
        const SignatureHalf half = std::move(halves[i]);
        if (slot == nullptr || !half.ready() || slot->left == kLanes) {
            continue;
        }
        Half& place = slot->halves[slot->left];
        if (!put_words(half.inverse.get(), place.inverse, sizeof(place.inverse)) ||
            !put_words(half.r.get(), place.r, sizeof(place.r))) {
            OPENSSL_cleanse(&place, sizeof(place));
            continue;
        }
        if (slot->left == 0) {
            slot->made = now;
        }
        ++slot->left;
    }
}

}  // namespace tls
