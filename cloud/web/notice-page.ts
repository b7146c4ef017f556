import type { GridNotice } from '@yihu/device-profiles/vocabulary/registry-area.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Words as they stand between tags and in attributes. */
export function text(raw: string): string {
  return raw.replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter);
}

/** 网格公示牌 as a page to print, A4 or A3 upright; its style is a file, because the policy of our pages allows none inside. */
export function noticePage(notice: GridNotice, paper: 'a4' | 'a3'): string {
  const { community, street, name, buildings, rooms, people, at } = notice;
  const day = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeZone: 'Asia/Shanghai' }).format(at);
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(`${community}${name} 公示牌`)}</title>
<link rel="stylesheet" href="/api/notice.css">
</head>
<body class="${paper}">
<header><p>${text([street, community].filter(Boolean).join(' '))}</p><h1>${text(name)}公示牌</h1></header>
<p class="reach">范围：${text(buildings.join('、') || '（尚无楼栋）')}　共 ${rooms} 户</p>
${people.length === 0 ? '<p class="none">尚未公布人员。</p>' : `<ul>\n${people.map((one) => card(one)).join('\n')}\n</ul>`}
<footer>${text(day)}　一呼百应：有事请找网格员</footer>
</body>
</html>
`;
}

function card({ postName, place, name, phone, photo }: GridNotice['people'][number]): string {
  const picture = photo === null ? '<span class="photo"></span>' : `<img class="photo" alt="" src="${text(photo)}">`;
  const where = place === '' ? '' : `<span class="place">${text(place)}</span>`;
  const call = phone === null ? '' : `<span class="phone">${text(phone)}</span>`;
  return `<li>${picture}<div><span class="post">${text(postName)}${where}</span><strong>${text(name)}</strong>${call}</div></li>`;
}

export const noticeStyle = `
@page { margin: 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; font-family: "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #101418; background: #fff; }
body.a4 { width: 186mm; font-size: 13pt; }
body.a3 { width: 273mm; font-size: 19pt; }
header { border-bottom: 0.3em solid #b3121d; padding: 0.4em 0; text-align: center; }
header p { margin: 0; font-size: 1.2em; }
h1 { margin: 0.1em 0 0; font-size: 2.2em; letter-spacing: 0.1em; }
.reach { font-size: 1.05em; margin: 0.8em 0; }
ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: 1fr 1fr; gap: 0.6em; }
li { display: flex; gap: 0.7em; border: 1px solid #59636e; border-radius: 0.3em; padding: 0.6em; break-inside: avoid; }
.photo { width: 3.6em; height: 4.8em; object-fit: cover; background: #e8ecf0; flex: none; }
span.photo { border: 1px dashed #59636e; }
li div { display: flex; flex-direction: column; justify-content: center; min-width: 0; }
.post { color: #8a0f17; }
.place { margin-left: 0.5em; color: #39424c; }
strong { font-size: 1.5em; }
.phone { font-size: 1.3em; font-variant-numeric: tabular-nums; letter-spacing: 0.03em; }
footer { margin-top: 1em; padding-top: 0.5em; border-top: 1px solid #59636e; text-align: right; }
table { width: 100%; border-collapse: collapse; font-size: 0.85em; }
th, td { border: 1px solid #59636e; padding: 0.25em 0.4em; text-align: left; }
tr { break-inside: avoid; }
h2 { font-size: 1.2em; margin: 1em 0 0.3em; }
.none { padding: 2em 0; text-align: center; }
`;
