#include "stats/html.h"

#include "stats/escape.h"
#include "stats/figures.h"
#include "stats/html_parts.h"

namespace tls {

namespace {

std::string head(const Snapshot& snapshot) {
    std::string about = escape_html(snapshot.software);
    about += " · counting since " + moment_text(snapshot.since) + " (" +
             span_text(snapshot.now - snapshot.since) + ") · ";
    about += snapshot.workers == 1 ? "1 worker" : grouped(snapshot.workers) + " workers";
    return "<header><div><h1>TLS status</h1><p class=\"muted\">" + about +
           "</p></div><p class=\"muted\" id=\"live\">As of " + moment_text(snapshot.now) + "</p></header>\n";
}

}  // namespace

std::string card(const char* heading, const std::string& content) {
    return std::string("<section class=\"card\"><h2>") + heading + "</h2>\n" + content + "</section>\n";
}

std::string render_html(const Snapshot& snapshot) {
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>TLS status</title>\n<style>";
    out += kPageStyle;
    out += "</style>\n</head>\n<body>\n<main>\n";
    out += head(snapshot);
    out += tiles_section(snapshot);
    out += minute_section(snapshot);
    out += failures_section(snapshot);
    out += agreed_section(snapshot);
    out += certificates_section(snapshot);
    out += outcomes_section(snapshot);
    out += servers_section(snapshot);
    out +=
        "</main>\n<footer class=\"muted\">The same for programs: <a href=\"?format=json\">JSON</a>, "
        "<a href=\"?format=prometheus\">Prometheus</a>. <noscript>Reload the page for newer figures."
        "</noscript></footer>\n<script>";
    out += kPageScript;
    out += "</script>\n</body>\n</html>\n";
    return out;
}

}  // namespace tls
