// Read-only views of bytes, and the bounded reader through which everything a peer sends is parsed.
//
// Used by every room. Never allocates, never reads outside the view it was made from, owns nothing: the bytes
// must outlive the view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tls {

// A run of bytes that somebody else owns.
class ByteView {
  public:
    constexpr ByteView() = default;
    constexpr ByteView(const uint8_t* data, size_t size) : data_(data), size_(size) {}

    // The same memory as text. No check of its content is made.
    static ByteView of(std::string_view text) {
        return ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    }
    std::string_view text() const { return std::string_view(reinterpret_cast<const char*>(data_), size_); }

    constexpr const uint8_t* data() const { return data_; }
    constexpr size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const uint8_t* begin() const { return data_; }
    constexpr const uint8_t* end() const { return data_ + size_; }
    // The caller keeps index below size().
    constexpr uint8_t operator[](size_t index) const { return data_[index]; }

    // The first `count` bytes, or all of them when there are fewer.
    constexpr ByteView first(size_t count) const { return ByteView(data_, count < size_ ? count : size_); }
    // What is left behind the first `count` bytes; empty when there are fewer.
    constexpr ByteView from(size_t count) const {
        return count < size_ ? ByteView(data_ + count, size_ - count) : ByteView();
    }

  private:
    const uint8_t* data_ = nullptr;
    size_t size_ = 0;
};

// Walks a ByteView in network byte order (RFC 8446 section 3). Every read either succeeds and moves on, or
// returns false and leaves the reader where it was.
class Reader {
  public:
    explicit Reader(ByteView bytes) : rest_(bytes) {}

    size_t remaining() const { return rest_.size(); }
    bool done() const { return rest_.empty(); }
    ByteView rest() const { return rest_; }

    bool u8(uint8_t* value) { return number(1, value); }
    bool u16(uint16_t* value) { return number(2, value); }
    bool u24(uint32_t* value) { return number(3, value); }

    bool bytes(size_t count, ByteView* out) {
        if (rest_.size() < count) {
            return false;
        }
        *out = rest_.first(count);
        rest_ = rest_.from(count);
        return true;
    }

    // A vector<..2^8-1>, <..2^16-1> or <..2^24-1>: its length, then that many bytes.
    bool vector8(ByteView* out) { return vector<uint8_t>(1, out); }
    bool vector16(ByteView* out) { return vector<uint16_t>(2, out); }
    bool vector24(ByteView* out) { return vector<uint32_t>(3, out); }

  private:
    template <class T>
    bool number(size_t width, T* value) {
        if (rest_.size() < width) {
            return false;
        }
        uint32_t read = 0;
        for (size_t i = 0; i < width; ++i) {
            read = read << 8 | rest_[i];
        }
        *value = static_cast<T>(read);
        rest_ = rest_.from(width);
        return true;
    }

    template <class Length>
    bool vector(size_t width, ByteView* out) {
        const ByteView before = rest_;
        Length length = 0;
        if (number(width, &length) && bytes(length, out)) {
            return true;
        }
        rest_ = before;
        return false;
    }

    ByteView rest_;
};

// A list of 16-bit code points as it stands in a message: cipher suites, groups, signature schemes. A
// trailing odd byte is not an element; parsers refuse odd lists before they hand one out.
class CodePoints {
  public:
    constexpr CodePoints() = default;
    explicit constexpr CodePoints(ByteView bytes) : bytes_(bytes) {}

    constexpr size_t size() const { return bytes_.size() / 2; }
    constexpr bool empty() const { return size() == 0; }
    // The caller keeps index below size().
    constexpr uint16_t operator[](size_t index) const {
        return static_cast<uint16_t>(bytes_[2 * index] << 8 | bytes_[2 * index + 1]);
    }
    bool contains(uint16_t value) const {
        for (size_t i = 0; i < size(); ++i) {
            if ((*this)[i] == value) {
                return true;
            }
        }
        return false;
    }
    constexpr ByteView bytes() const { return bytes_; }

  private:
    ByteView bytes_;
};

}  // namespace tls
