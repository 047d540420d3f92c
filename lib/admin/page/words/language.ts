import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';

import { chinese } from './chinese.js';
import { english, type Words } from './english.js';

/** The languages of the page, by what `navigator.languages` calls them. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type LanguageCode = keyof typeof LANGUAGES;

const WORDS: Record<LanguageCode, Words> = { en: english, 'zh-CN': chinese };
const KEPT = 'pluginkit.language';

/** A language in use: its words, and how it writes numbers and dates. */
export interface Language {
  readonly code: LanguageCode;
  readonly words: Words;
  readonly choose: (code: LanguageCode) => void;
  readonly milliseconds: (value: number) => string;
  readonly date: (iso: string) => string;
  readonly list: (names: readonly string[]) => string;
}

const LanguageInUse = createContext<Language | undefined>(undefined);
/** Gives its children the language. */
export const LanguageProvider = LanguageInUse.Provider;

/** The language that the page is in. */
export function useLanguage(): Language {
  const language = useContext(LanguageInUse);
  if (!language) throw new Error('outside of LanguageProvider');
  return language;
}

/** The language that was chosen, else the first one of the browser's that the page has. */
export function useChosenLanguage(): Language {
  const [code, setCode] = useState(() => asLanguage(localStorage.getItem(KEPT)) ?? preferred(navigator.languages));
  useEffect(() => {
    document.documentElement.lang = code;
  }, [code]);
  return useMemo(() => languageOf(code, setCode), [code]);
}

/** Any Chinese is better than English for whoever asks for Chinese. */
function preferred(languages: readonly string[]): LanguageCode {
  for (const each of languages) {
    const [main] = each.toLowerCase().split('-');
    if (main === 'zh') return 'zh-CN';
    if (main === 'en') return 'en';
  }
  return 'en';
}

function languageOf(code: LanguageCode, setCode: (code: LanguageCode) => void): Language {
  const exact = new Intl.NumberFormat(code, { maximumFractionDigits: 1 });
  const round = new Intl.NumberFormat(code, { maximumFractionDigits: 0 });
  const seconds = new Intl.NumberFormat(code, { maximumFractionDigits: 2 });
  const dates = new Intl.DateTimeFormat(code, { dateStyle: 'medium', timeStyle: 'medium' });
  const lists = new Intl.ListFormat(code, { type: 'conjunction' });
  return {
    code,
    words: WORDS[code],
    choose: (next) => {
      localStorage.setItem(KEPT, next);
      setCode(next);
    },
    milliseconds: (value) => {
      if (value >= 1000) return `${seconds.format(value / 1000)} s`;
      return `${(value < 10 ? exact : round).format(value)} ms`;
    },
    date: (iso) => (Number.isNaN(Date.parse(iso)) ? iso : dates.format(new Date(iso))),
    list: (names) => lists.format(names),
  };
}

function asLanguage(text: string | null): LanguageCode | undefined {
  return text !== null && Object.hasOwn(LANGUAGES, text) ? (text as LanguageCode) : undefined;
}
