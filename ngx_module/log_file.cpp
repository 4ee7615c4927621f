#include "log_file.h"

#include "base/guard.h"

namespace tls {

namespace {

// Seconds between two complaints about one file, as nginx has it for its access logs.
constexpr time_t kSilence = 60;

// A worker never waits for whoever reads a pipe. nginx opens files anew at USR1, so this is asked each time;
// for a regular file it changes nothing.
void never_wait(ngx_fd_t fd) {
    const int flags = fcntl(fd, F_GETFL);
    if (flags != -1 && (flags & O_NONBLOCK) == 0) {
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    }
}

}  // namespace

LogFile::LogFile(ngx_open_file_t* file, size_t buffer_size, ngx_msec_t flush)
    : file_(file), buffer_size_(buffer_size), flush_(flush), timer_() {
    timer_.data = this;
    timer_.handler = on_timer;
    // A worker that has nothing else to wait for ends, and flushes then.
    timer_.cancelable = 1;
}

LogFile::~LogFile() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
}

void LogFile::on_timer(ngx_event_t* event) {
    guarded([&] { static_cast<LogFile*>(event->data)->flush(); });
}

void LogFile::write(std::string_view line) {
    if (buffer_size_ == 0) {
        write_through(line);
        return;
    }
    if (buffer_.size() + line.size() > buffer_size_) {
        flush();
    }
    if (line.size() > buffer_size_) {
        write_through(line);
        return;
    }
    buffer_.reserve(buffer_size_);
    buffer_ += line;
    if (flush_ != 0 && !timer_.timer_set) {
        timer_.log = ngx_cycle->log;
        ngx_add_timer(&timer_, flush_);
    }
}

void LogFile::flush() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
    if (!buffer_.empty()) {
        write_through(buffer_);
        buffer_.clear();
    }
}

void LogFile::write_through(std::string_view bytes) {
    // Some file systems take long to say that they are full.
    if (ngx_time() == disk_full_time_) {
        return;
    }
    never_wait(file_->fd);
    const ssize_t written = ngx_write_fd(file_->fd, const_cast<char*>(bytes.data()), bytes.size());
    if (written == static_cast<ssize_t>(bytes.size())) {
        return;
    }
    const ngx_err_t error = written == -1 ? ngx_errno : 0;
    if (error == NGX_ENOSPC) {
        disk_full_time_ = ngx_time();
    }
    complain(written, bytes.size(), error);
}

void LogFile::complain(ssize_t written, size_t size, ngx_err_t error) {
    if (ngx_time() - complained_at_ < kSilence) {
        return;
    }
    complained_at_ = ngx_time();
    if (written == -1) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, error, ngx_write_fd_n " to \"%V\" failed", &file_->name);
    } else {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, ngx_write_fd_n " to \"%V\" was incomplete: %z of %uz",
                      &file_->name, written, size);
    }
}

}  // namespace tls
