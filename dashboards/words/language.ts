import { createInstance, type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import { type Language, type Text, textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { callsZh } from './calls.zh.ts';
import { en } from './en.ts';
import type { factorZh } from './factor.zh.ts';
import type { installerZh } from './installer.zh.ts';
import type { installerMakingZh } from './installer-making.zh.ts';
import type { installerWorkZh } from './installer-work.zh.ts';
import type { plansZh } from './plans.zh.ts';
import type { propertyZh } from './property.zh.ts';
import type { rulesZh } from './rules.zh.ts';
import type { usersZh } from './users.zh.ts';
import type { upkeepZh } from './upkeep.zh.ts';
import type { wallZh } from './wall.zh.ts';
import type { linksZh } from './links.zh.ts';
import type { listsZh } from './lists.zh.ts';
import type { noticesZh } from './notices.zh.ts';
import type { phoneZh } from './phone.zh.ts';
import type { shiftZh } from './shift.zh.ts';
import type { tasksZh } from './tasks.zh.ts';
import { zh } from './zh.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'words';
    /** Those of the installer, of the phone and of the manager come with their pages alone (`startWords`), others later still (`addWords`). */
    resources: {
      words: typeof zh &
        typeof factorZh &
        typeof installerZh &
        typeof installerWorkZh &
        typeof installerMakingZh &
        typeof phoneZh &
        typeof propertyZh &
        typeof upkeepZh &
        typeof callsZh &
        typeof shiftZh &
        typeof tasksZh &
        typeof plansZh &
        typeof usersZh &
        typeof listsZh &
        typeof noticesZh &
        typeof linksZh &
        typeof rulesZh &
        typeof wallZh;
    };
  }
}

const lastUsed = 'yihu.language';
let owner = lastUsed;
const i18next = createInstance();

/** Starts the words in the language last used on this machine; Chinese where none was. `more`: those that only this page has. */
export async function startWords(more: { zh: object; en: object } = { zh: {}, en: {} }): Promise<void> {
  await i18next.init({
    lng: localStorage.getItem(lastUsed) === 'en' ? 'en' : 'zh',
    fallbackLng: 'zh',
    ns: ['words'],
    defaultNS: 'words',
    resources: { zh: { words: { ...zh, ...more.zh } }, en: { words: { ...en, ...more.en } } },
    interpolation: { escapeValue: false },
  });
  take();
}

/** The words of a part that comes later; they are there before anything of it is drawn. */
export function addWords(more: { zh: object; en: object }): void {
  i18next.addResourceBundle('zh', 'words', more.zh, true, true);
  i18next.addResourceBundle('en', 'words', more.en, true, true);
}

/** From here on the choice belongs to this person, whoever else uses the machine. */
export async function keepLanguageOf(user: string): Promise<void> {
  owner = `${lastUsed}.${user}`;
  const kept = localStorage.getItem(owner);
  if (kept === 'zh' || kept === 'en') await speak(kept);
}

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(owner, language);
  localStorage.setItem(lastUsed, language);
  await i18next.changeLanguage(language);
  take();
}

/** What a screen says things with: `t` for our own words, `text` for names that come from the cloud in both languages. */
export interface Words {
  t: TFunction;
  language: Language;
  text: (text: Text) => string;
}

let words: Words | null = null;
const listeners = new Set<() => void>();

/** The language has been chosen: for the document, and for everything that is drawn. */
function take(): void {
  const language: Language = i18next.language === 'en' ? 'en' : 'zh';
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  words = { t: i18next.getFixedT(language), language, text: (text) => textIn(text, language) };
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function spoken(): Words {
  if (words === null) throw new Error('the words were not started');
  return words;
}

/** The words in the language of now: the same object until another is chosen, however many hundreds of rows ask. */
export function useWords(): Words {
  return useSyncExternalStore(listen, spoken);
}
