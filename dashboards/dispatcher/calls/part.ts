import { addWords } from '../../words/language.ts';
import { callsEn } from '../../words/calls.en.ts';
import { callsZh } from '../../words/calls.zh.ts';
import './calls.css';
import { CallDialog } from './CallDialog.tsx';
import { CallPane } from './CallPane.tsx';
import { CallsPanel } from './CallsPanel.tsx';
import { nextHelp } from './read.ts';

addWords({ zh: callsZh, en: callsEn });

/** 一呼百应 at the desk, fetched after the first paint. */
export const callsPart = { CallDialog, CallPane, CallsPanel, nextHelp };
