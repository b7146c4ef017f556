import { addWords } from '../../words/language.ts';
import { shiftEn } from '../../words/shift.en.ts';
import { shiftZh } from '../../words/shift.zh.ts';
import './shift.css';
import { PostCheckStrip } from './PostCheckStrip.tsx';
import { ShiftPane } from './ShiftPane.tsx';
import { ShiftStrip } from './ShiftStrip.tsx';

addWords({ zh: shiftZh, en: shiftEn });

/** The shift, fetched after the first paint. */
export const shiftPart = { PostCheckStrip, ShiftPane, ShiftStrip };
