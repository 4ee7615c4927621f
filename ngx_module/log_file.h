// A log file that all servers which name it share: lines are written whole, at once or from a buffer, and a
// full disk, or a pipe that nobody reads, costs lines but nothing else.
//
// Made with the configuration; nginx opens and reopens the file itself. Each worker has a buffer of its own.
#pragma once

#include <string>
#include <string_view>

#include "nginx.h"

namespace tls {

class LogFile {
  public:
    // `buffer_size` 0 writes each line at once; `flush` (milliseconds) 0 waits until the buffer is full.
    LogFile(ngx_open_file_t* file, size_t buffer_size, ngx_msec_t flush);
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    bool has_terms(size_t buffer_size, ngx_msec_t flush) const {
        return buffer_size == buffer_size_ && flush == flush_;
    }
    const ngx_open_file_t* file() const { return file_; }

    // `line` ends with its line feed.
    void write(std::string_view line);
    void flush();

  private:
    static void on_timer(ngx_event_t* event);
    void write_through(std::string_view bytes);
    void complain(ssize_t written, size_t size, ngx_err_t error);

    ngx_open_file_t* file_;
    size_t buffer_size_;
    ngx_msec_t flush_;
    std::string buffer_;
    ngx_event_t timer_;
    time_t disk_full_time_ = 0;
    time_t complained_at_ = 0;
};

}  // namespace tls
