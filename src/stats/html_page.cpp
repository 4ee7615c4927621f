// What the page looks like, and its script.
#include "stats/html_parts.h"

namespace tls {

const char kPageStyle[] = R"css(
:root {
  color-scheme: light dark;
  --page: #f4f6f9; --card: #ffffff; --edge: #dde3ea; --text: #1b2430; --muted: #5b6878;
  --blue: #2f6bd8; --good: #1e8f5e; --warn: #b26a00; --bad: #c62f43; --track: #e8edf3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #19212b; --edge: #2a3542; --text: #e4e9f0; --muted: #97a4b4;
    --blue: #6ea3ff; --good: #45c08a; --warn: #e5a53c; --bad: #ff7484; --track: #263140;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, footer { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: end; gap: 0 24px;
  padding: 24px 0 16px; }
h1 { font-size: 24px; line-height: 1.2; margin: 0; }
h2 { font-size: 15px; font-weight: 600; margin: 0 0 12px; }
p { margin: 0; }
a { color: var(--blue); }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
.muted { color: var(--muted); font-size: 13px; font-weight: 400; }
.card, .tile { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.card { padding: 16px 20px; margin-bottom: 16px; overflow-x: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(235px, 1fr)); gap: 16px;
  margin-bottom: 16px; }
.tile { padding: 14px 18px; border-left: 4px solid var(--edge); }
.tile.warn { border-left-color: var(--warn); }
.tile.bad { border-left-color: var(--bad); }
.tile h2 { font-size: 13px; color: var(--muted); margin: 0; }
.figure { font-size: 28px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 0 16px; }
.minute { display: block; width: 100%; height: 90px; background: var(--track); border-radius: 6px; }
.minute .good { fill: var(--blue); }
.minute .bad { fill: var(--bad); }
.legend { display: flex; justify-content: space-between; gap: 16px; margin-top: 6px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 14px 6px 0; vertical-align: top; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { font-weight: 500; }
tr + tr > *, thead + tbody > tr > * { border-top: 1px solid var(--edge); }
thead th { font-size: 13px; font-weight: 500; color: var(--muted); padding-top: 0; }
.bars tr > * { border: 0; padding-top: 4px; padding-bottom: 4px; vertical-align: middle; }
.bars td { text-align: right; }
.outcomes td:nth-child(2) { text-align: right; }
.more { white-space: normal; width: 45%; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 8px; }
.key.good { background: var(--blue); }
.key.bad { background: var(--bad); }
.wide { width: 45%; vertical-align: middle; }
.list .wide { width: 22%; }
.words { white-space: normal; min-width: 300px; width: 100%; }
.failures td:nth-child(2), .failures td:nth-child(3), .failures th:nth-child(2), .failures th:nth-child(3) {
  text-align: right; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; }
.list tbody th { white-space: normal; overflow-wrap: anywhere; }
.bar { height: 10px; background: var(--track); border-radius: 5px; overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--blue); border-radius: 5px; }
.bar.good i { background: var(--good); }
.bar.warn i { background: var(--warn); }
.bar.bad i { background: var(--bad); }
.mood { font-size: 13px; color: var(--muted); }
.mood.good { color: var(--good); }
.mood.warn { color: var(--warn); }
.mood.bad { color: var(--bad); font-weight: 600; }
footer { padding: 4px 20px 32px; }
#live.stale { color: var(--bad); }
@media (max-width: 640px) {
  main, footer { padding: 0 10px; }
  .card { padding: 14px 14px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; }
  .tile { padding: 10px 12px; }
  .figure { font-size: 22px; }
  .failures, .failures tbody, .failures tr { display: block; }
  .failures thead { display: none; }
  .failures tr + tr { border-top: 1px solid var(--edge); }
  .failures tr > * { display: inline-block; border: 0; vertical-align: top; }
  .failures .words { display: block; min-width: 0; padding-top: 0; }
  .bars .wide { display: none; }
  .list tbody th { white-space: nowrap; }
}
)css";

// Only what is inside of <main> is replaced, so that the place one reads at stays. A page that is not looked
// at asks for nothing.
const char kPageScript[] = R"js(
(() => {
  const every = 5000;
  let waiting = 0;
  const turn = async () => {
    clearTimeout(waiting);
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
        if (!answer.ok) throw new Error(answer.status);
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        document.querySelector('main').replaceWith(page.querySelector('main'));
        document.getElementById('live').append(' · live');
      } catch (failure) {
        const live = document.getElementById('live');
        if (!live.classList.contains('stale')) live.append(' · no answer');
        live.classList.add('stale');
      }
    }
    waiting = setTimeout(turn, every);
  };
  document.addEventListener('visibilitychange', () => { if (!document.hidden) turn(); });
  waiting = setTimeout(turn, every);
})();
)js";

}  // namespace tls
