import { reportKinds, reportPlaces } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { HomeNotice, HomeReport, HomeView, Sos } from './needs.ts';
import { text } from './notice-page.ts';
import { type ResidentLanguage, residentWords, type ResidentWords } from './resident-words.ts';

/** How a resident reads: carried along in every address, because nothing is kept on the telephone. */
export interface Reading {
  readonly token: string;
  readonly language: ResidentLanguage;
  readonly large: boolean;
}

/** The address of one of the home's pages, with the way of reading. */
export function pathOf({ token, language, large }: Reading, path = ''): string {
  const query = [...(language === 'en' ? ['lang=en'] : []), ...(large ? ['large=yes'] : [])].join('&');
  return `/h/${token}${path}${query === '' ? '' : `?${query}`}`;
}

/**
 * 住户页面: plain HTML with forms for the oldest telephone. A script, where it runs, makes one press of what takes two, counts
 * the seconds, adds the place and shrinks a photo; nothing needs it.
 */
export function homePage(reading: Reading, home: HomeView, keys: { readonly sos: string }): string {
  const words = residentWords[reading.language];
  const { notices, calls, reports, sos } = home;
  return page(
    reading,
    words.home,
    `<h1>${text(home.label)}</h1>
${sos === null ? '' : running(reading, words, sos)}
${calls.map(({ title, text: said, answerPath }) => `<section class="call"><h2>${text(title)}</h2><p class="said">${text(said)}</p><a class="button safe" href="${answerPath}">${words.callAnswer}</a></section>`).join('\n')}
${sosButton(reading, words, keys.sos)}
<a class="button report" href="${pathOf(reading, '/report')}">${words.report}</a>
<h2>${words.notices}</h2>
${list(
  notices.map((notice) => noticeLine(reading, words, notice)),
  words,
)}
<h2>${words.reports}</h2>
${list(
  reports.map((report) => reportLine(reading, words, report)),
  words,
)}
${numbers(words)}`,
  );
}

function list(lines: readonly string[], words: ResidentWords): string {
  return lines.length === 0 ? `<p class="quiet">${words.none}</p>` : `<ul>\n${lines.join('\n')}\n</ul>`;
}

function running(reading: Reading, words: ResidentWords, sos: Sos): string {
  if (sos.state !== 'pending' && sos.state !== 'sent') return '';
  const title = sos.state === 'pending' ? words.sosPending : words.sosSent;
  return `<p class="band"><a href="${pathOf(reading, `/sos/${sos.id}`)}">${title}</a></p>`;
}

/** Without a script it leads to a page that asks once more; with one it is held for a second. */
function sosButton(reading: Reading, words: ResidentWords, key: string): string {
  return `<form method="post" action="${pathOf(reading, '/sos')}" data-hold data-ask="${pathOf(reading, '/sos')}">
<input type="hidden" name="key" value="${text(key)}">
<a class="button help" href="${pathOf(reading, '/sos')}" data-plain>${words.sos}</a>
<button class="help hidden" type="submit" data-held><span>${words.sos}</span><small>${words.sosHold}</small></button>
<a class="two hidden" href="${pathOf(reading, '/sos')}" data-two>${words.sosTwoSteps}</a>
</form>`;
}

export function sosAskPage(reading: Reading, label: string, key: string): string {
  const words = residentWords[reading.language];
  return page(
    reading,
    words.sosAsk,
    `<h1>${words.sosAsk}</h1>
<p class="said">${text(label)}</p>
<p>${words.sosWhat}</p>
<form method="post" action="${pathOf(reading, '/sos')}">
<input type="hidden" name="key" value="${text(key)}">
<button class="help">${words.sosGo}</button>
</form>
${back(reading, words)}
${numbers(words)}`,
  );
}

/** How it stands; while it can be taken back, the page looks again by itself, by the oldest means there is. */
export function sosPage(reading: Reading, label: string, sos: Sos, now: number): string {
  const words = residentWords[reading.language];
  const here = pathOf(reading, `/sos/${sos.id}`);
  const left = Math.max(0, Math.ceil((sos.dueAt - now) / 1000));
  const act = (said: string) =>
    `<form method="post" action="${pathOf(reading, `/sos/${sos.id}/undo`)}"><button class="${said === words.sosUndo ? 'safe' : ''}">${said}</button></form>`;
  const located = sos.located ? `<p>${words.located}</p>` : '';
  const body = {
    pending: `<h1>${words.sosPending}</h1><p class="count" role="timer"><strong data-left="${left}">${left}</strong> ${words.sosSeconds}</p>${act(words.sosUndo)}`,
    sent: `<h1>${words.sosSent}</h1><p class="said" role="status">${words.sosSentWhat}</p>${act(words.sosSafe)}`,
    undone: `<h1>${words.sosUndone}</h1>`,
    safe: `<h1>${words.sosWasSafe}</h1>`,
  }[sos.state];
  const again =
    sos.state === 'pending' ? `<noscript><meta http-equiv="refresh" content="${Math.min(5, left + 1)}"></noscript>` : '';
  return page(
    reading,
    words.sos,
    `<section data-sos="${sos.state}" data-place="${pathOf(reading, `/sos/${sos.id}/place`)}"${sos.located ? ' data-located' : ''}>
${body}
<p class="home">${text(label)}</p>
${located}
<a class="button" href="${here}">${words.sosReload}</a>
</section>
${back(reading, words)}
${numbers(words)}`,
    again,
  );
}

/** What was typed already, where something of it was not right. */
export interface ReportTyped {
  readonly kind?: string | undefined;
  readonly place?: string | undefined;
  readonly text?: string | undefined;
  readonly problem?: 'tooMany' | 'badPhoto' | 'noText' | undefined;
}

export function reportPage(reading: Reading, label: string, key: string, typed: ReportTyped = {}): string {
  const { language } = reading;
  const words = residentWords[language];
  const choice = (name: string, table: Record<string, { zh: string; en?: string }>, chosen: string) =>
    Object.entries(table)
      .map(
        ([value, said]) =>
          `<label class="tick"><input type="radio" name="${name}" value="${value}"${value === chosen ? ' checked' : ''}> ${text(language === 'en' ? (said.en ?? said.zh) : said.zh)}</label>`,
      )
      .join('\n');
  const problem = typed.problem === undefined ? '' : `<p class="wrong" role="alert">${words[typed.problem]}</p>`;
  return page(
    reading,
    words.report,
    `<h1>${words.report}</h1>
<p class="home">${text(label)}</p>
${problem}
<p>${words.reportNotFor}</p>
<form method="post" action="${pathOf(reading, '/report')}" enctype="multipart/form-data" data-report>
<input type="hidden" name="key" value="${text(key)}">
<fieldset><legend>${words.reportWhat}</legend>
${choice('kind', reportKinds, typed.kind ?? 'hazard')}
</fieldset>
<fieldset><legend>${words.reportWhere}</legend>
${choice('place', reportPlaces, typed.place ?? 'stairs')}
</fieldset>
<label for="text">${words.reportText}</label>
<textarea id="text" name="text" rows="3" maxlength="300" required>${text(typed.text ?? '')}</textarea>
<label for="photo">${words.reportPhoto}</label>
<input id="photo" type="file" name="photo" accept="image/jpeg" capture="environment">
<button class="safe">${words.reportSend}</button>
</form>
${back(reading, words)}
${numbers(words)}`,
  );
}

export function reportedPage(reading: Reading, label: string, report: HomeReport): string {
  const words = residentWords[reading.language];
  return page(
    reading,
    report.number,
    `<h1>${words.reported} <span class="number">${text(report.number)}</span></h1>
<p class="given" role="status"><strong>${words.reportState[report.state]}</strong>（${whenOf(report.updatedAt)}）</p>
<p class="said">${text(report.text)}</p>
<p class="home">${text(report.place)}${report.hasPhoto ? ` · ${words.withPhoto}` : ''} · ${whenOf(report.at)}</p>
<p class="home">${text(label)}</p>
${back(reading, words)}`,
  );
}

export function noticeReadPage(reading: Reading, notice: HomeNotice): string {
  const words = residentWords[reading.language];
  const receipt =
    notice.readAt === null
      ? `<form method="post" action="${pathOf(reading, `/notices/${notice.id}`)}"><button class="safe">${words.noticeGot}</button></form>`
      : `<p class="given" role="status">${words.noticeRead}（${whenOf(notice.readAt)}）</p>`;
  return page(
    reading,
    notice.title,
    `<h1>${text(notice.title)}</h1>
<p class="home">${whenOf(notice.at)}</p>
<p class="said">${text(notice.text)}</p>
${receipt}
${back(reading, words)}`,
  );
}

export function residentProblem(reading: Pick<Reading, 'language' | 'large'>): string {
  const words = residentWords[reading.language];
  return shell(words, reading.large, words.problem, `<h1>${words.problem}</h1>\n<p class="said">${words.unknown}</p>`);
}

function noticeLine(reading: Reading, words: ResidentWords, { id, title, at, readAt }: HomeNotice): string {
  const mark =
    readAt === null ? `<strong class="new">${words.noticeUnread}</strong>` : `<span class="quiet">${words.noticeRead}</span>`;
  return `<li><a href="${pathOf(reading, `/notices/${id}`)}">${text(title)}</a> ${mark} <span class="quiet">${whenOf(at)}</span></li>`;
}

function reportLine(reading: Reading, words: ResidentWords, { number, text: said, state }: HomeReport): string {
  return `<li><a href="${pathOf(reading, `/reports/${number}`)}">${text(number)}</a> ${words.reportState[state]} <span class="quiet">${text(said.slice(0, 30))}</span></li>`;
}

function back(reading: Reading, words: ResidentWords): string {
  return `<a class="button" href="${pathOf(reading)}">${words.back}</a>`;
}

function numbers(words: ResidentWords): string {
  return `<p class="numbers">${words.urgent}<br><a href="tel:119">119</a> <a href="tel:110">110</a> <a href="tel:120">120</a></p>`;
}

function whenOf(at: number): string {
  return new Intl.DateTimeFormat('zh-CN', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Asia/Shanghai' }).format(at);
}

/** Every page has the way to the other language and to larger text. */
function page(reading: Reading, title: string, body: string, head = ''): string {
  const words = residentWords[reading.language];
  const other = pathOf({ ...reading, language: reading.language === 'zh' ? 'en' : 'zh' });
  const size = pathOf({ ...reading, large: !reading.large });
  const ways = `<nav><a class="button" href="${size}">${reading.large ? words.usual : words.large}</a> <a class="button" href="${other}">${words.other}</a></nav>`;
  return shell(words, reading.large, title, `${body}\n${ways}`, head);
}

function shell(words: ResidentWords, large: boolean, title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="${words.lang}"${large ? ' class="large"' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text(title)}</title>
<link rel="stylesheet" href="/h/style.css">
<script src="/h/page.js" defer></script>
${head}</head>
<body><main>
${body}
</main></body>
</html>
`;
}

/** On top of the answer page's: light for use outdoors, 20 px and up, 24 px where asked. */
export const residentStyle = `
html.large body { font-size: 24px; }
a.button { display: block; box-sizing: border-box; width: 100%; min-height: 60px; margin: 0 0 12px; padding: 14px 12px; border: 2px solid #101418; border-radius: 10px; background: #fff; color: #101418; font-size: 1.1em; text-align: center; text-decoration: none; }
a.button.help, button.help { min-height: 96px; padding: 22px 12px; background: #a10e1a; border-color: #a10e1a; color: #fff; font-size: 1.6em; font-weight: bold; }
a.button.safe { min-height: 84px; padding: 20px 12px; background: #0b5d2a; border-color: #0b5d2a; color: #fff; font-size: 1.4em; font-weight: bold; }
a.button.report { min-height: 76px; padding: 18px 12px; font-size: 1.3em; font-weight: bold; }
button.help small { display: block; font-size: 0.6em; font-weight: normal; }
button.help { position: relative; overflow: hidden; touch-action: none; user-select: none; -webkit-user-select: none; }
button.holding { background: #5c0810; }
.hidden { display: none; }
a.two { display: block; min-height: 56px; padding: 14px 0; text-align: center; color: #0a3f91; }
a.two.hidden { display: none; }
a:focus { outline: 4px solid #1d5fd1; outline-offset: 2px; }
h2 { font-size: 1.2em; margin: 20px 0 8px; }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 4px 0; border-top: 1px solid #c3cad2; }
li a { display: inline-block; min-height: 56px; min-width: 56px; padding: 14px 8px 14px 0; color: #0a3f91; font-weight: bold; }
.quiet, .home { color: #3a434d; }
.new { background: #ffe08a; border: 2px solid #101418; border-radius: 6px; padding: 0 8px; }
.band a { color: #101418; display: block; min-height: 56px; padding: 14px 0; }
.call { border: 3px solid #101418; padding: 12px; margin: 0 0 16px; }
fieldset { border: 2px solid #3a434d; border-radius: 10px; margin: 0 0 16px; padding: 8px 12px; }
legend { font-weight: bold; padding: 0 6px; }
.tick { min-height: 56px; padding: 12px 0; }
::file-selector-button { min-height: 44px; margin-right: 10px; padding: 4px 14px; border: 2px solid #3a434d; border-radius: 8px; background: #f2f4f6; color: #101418; font: inherit; }
input[type=file] { display: block; width: 100%; min-height: 60px; padding: 14px 8px; margin: 0 0 16px; border: 2px solid #3a434d; border-radius: 10px; font: inherit; }
.wrong { border: 3px solid #a10e1a; background: #fff3f3; padding: 12px; }
.number { white-space: nowrap; }
.count strong { font-size: 3em; line-height: 1.1; }
.numbers a { display: inline-block; min-width: 56px; min-height: 56px; margin-right: 12px; padding: 14px 0; color: #0a3f91; font-weight: bold; }
li .quiet { display: block; }
nav a.button { display: inline-block; width: 48.5%; }
nav a.button + a.button { float: right; }
nav { border-top: 2px solid #c3cad2; margin-top: 24px; padding-top: 12px; }
`;
