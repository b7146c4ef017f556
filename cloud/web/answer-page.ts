import { answers, type CallAnswer, type CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import { text } from './notice-page.ts';

/** What the page behind a resident's link shows. */
export interface AnswerView {
  readonly kind: CallKind;
  readonly title: string;
  readonly text: string;
  /** "幸福里 3栋2单元502" */
  readonly label: string;
  readonly answer: CallAnswer | 'none';
  readonly answeredAt: number | null;
  readonly othersAtHome: number;
  readonly isOver: boolean;
}

const bands: Record<CallKind, string> = {
  actual: '',
  drill: `<p class="band">${both('这是演练，不是真的险情', 'This is a drill, not an emergency')}</p>`,
  test: `<p class="band">${both('这是测试，不是真的险情', 'This is a test, not an emergency')}</p>`,
};

/**
 * 应答页: plain HTML for the oldest telephone: no script, one form, two large buttons. Opening it changes nothing, so that a
 * link preview is harmless; `key` makes a button pressed twice one answer.
 */
export function answerPage(view: AnswerView, key: string): string {
  return linkPage(
    view.title,
    `${bands[view.kind]}
<h1>${text(view.title)}</h1>
<p class="said">${text(view.text)}</p>
<p class="home">${text(view.label)}</p>
${given(view)}${view.isOver ? `<p class="over" role="status">${both('这次呼叫已经结束，不用再应答。有危险请拨打 119、110 或 120。', 'This call is over, no answer is needed. In danger dial 119, 110 or 120.')}</p>` : form(view, key)}`,
  );
}

/** Chinese first, English small below it: on a sign nobody chooses a language. */
export function both(zh: string, en: string): string {
  return `${zh}<small lang="en">${en}</small>`;
}

function given({ answer, answeredAt, isOver }: AnswerView): string {
  if (answer === 'none' || answeredAt === null) return '';
  const at = new Intl.DateTimeFormat('zh-CN', { timeStyle: 'short', timeZone: 'Asia/Shanghai' }).format(answeredAt);
  const again = isOver ? '' : '情况有变化，请再按一次。';
  const help = answer === 'help' ? '我们正在安排人来。' : '';
  return `<p class="given" role="status">已收到：<strong>${text(answers[answer].zh)}</strong>（${text(at)}）。${both(`${help}${again}`, `Received: ${text(answers[answer].en)} (${text(at)})`)}</p>\n`;
}

function form({ othersAtHome }: AnswerView, key: string): string {
  const household =
    othersAtHome > 0
      ? `<label class="tick"><input type="checkbox" name="household" value="yes"> ${both(`家里其他 ${othersAtHome} 人也一样`, `The same goes for the other ${othersAtHome} at home`)}</label>\n`
      : '';
  return `<form method="post">
<input type="hidden" name="key" value="${text(key)}">
${household}<button class="safe" name="answer" value="safe">${both('我平安', 'I am safe')}</button>
<button class="help" name="answer" value="help">${both('我需要帮助', 'I need help')}</button>
<button name="answer" value="volunteer">${both('我平安，能帮忙', 'I am safe and can help')}</button>
<label for="note">${both('想说的话（可不填，如：几楼、几个人、哪里受伤、能帮什么）', 'Anything to add (floor, how many, who is hurt, how you can help)')}</label>
<textarea id="note" name="note" rows="2" maxlength="300"></textarea>
<details><summary>${both('其他情况', 'Something else')}</summary>
<button name="answer" value="away">${both('我不在家', 'I am not at home')}</button>
<button name="answer" value="refused">${both('我不想回答', 'I do not want to answer')}</button>
<button name="answer" value="wrong-person">${both('我不是本人', 'I am somebody else')}</button>
</details>
</form>
<p class="call">情况紧急请拨打 <a href="tel:119">119</a>、<a href="tel:110">110</a> 或 <a href="tel:120">120</a></p>`;
}

/** What stands there where there is nothing to answer. */
export function answerProblem(zh: string, en: string): string {
  const title = both('打不开这个链接', 'This link does not open');
  return linkPage('打不开', `<h1>${title}</h1>\n<p class="said">${both(text(zh), text(en))}</p>`);
}

/** A page opened by a link that is its own key: one column, large type, no script. `body` is HTML. */
export function linkPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text(title)}</title>
<link rel="stylesheet" href="/a/style.css">
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

/** Light for use outdoors (contrast 7:1 and more), 20 px and up, buttons of at least 56 px. No flex, no grid: old browsers. */
export const answerStyle = `
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #101418; font: 20px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 560px; margin: 0 auto; padding: 16px; }
h1 { font-size: 28px; line-height: 1.3; margin: 8px 0; }
.band { background: #ffe08a; color: #101418; border: 3px solid #101418; padding: 8px 12px; margin: 0 0 8px; font-weight: bold; text-align: center; }
.said { font-size: 22px; margin: 8px 0; white-space: pre-line; }
.home { color: #3a434d; margin: 0 0 16px; }
.given, .over { border: 3px solid #0b5d2a; background: #eef8f0; padding: 12px; margin: 0 0 16px; }
.over { border-color: #3a434d; background: #f2f4f6; }
button { display: block; width: 100%; min-height: 60px; margin: 0 0 12px; padding: 8px 12px; border: 2px solid #101418; border-radius: 10px; background: #fff; color: #101418; font: inherit; font-size: 22px; }
small { display: block; font-size: 18px; font-weight: normal; line-height: 1.4; }
button.safe { min-height: 84px; background: #0b5d2a; border-color: #0b5d2a; color: #fff; font-size: 32px; font-weight: bold; }
button.help { min-height: 84px; background: #a10e1a; border-color: #a10e1a; color: #fff; font-size: 32px; font-weight: bold; }
button:focus, textarea:focus, summary:focus, input:focus { outline: 4px solid #1d5fd1; outline-offset: 2px; }
label { display: block; margin: 4px 0; }
.tick { padding: 10px 0; font-size: 22px; }
.tick input { width: 28px; height: 28px; margin: 0 8px 0 0; vertical-align: -5px; accent-color: #0b5d2a; }
.tick small { padding-left: 40px; }
textarea { display: block; width: 100%; margin: 0 0 16px; border: 2px solid #3a434d; border-radius: 10px; padding: 10px; font: inherit; }
summary { position: relative; min-height: 56px; margin: 0 0 12px; padding: 10px 48px 10px 12px; border: 2px solid #3a434d; border-radius: 10px; font-size: 22px; list-style: none; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary::after { content: ""; position: absolute; top: 50%; right: 20px; width: 10px; height: 10px; margin-top: -9px; border: solid #101418; border-width: 0 3px 3px 0; transform: rotate(45deg); }
details[open] summary::after { margin-top: -3px; transform: rotate(-135deg); }
.band, .given, .over, .call, .wrong { border-radius: 10px; }
.call a { color: #0a3f91; font-weight: bold; }
`;
