import '../parts/theme.css';
import '../parts/controls.css';
import './phone.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startWords } from '../words/language.ts';
import { phoneEn } from '../words/phone.en.ts';
import { phoneZh } from '../words/phone.zh.ts';
import { keepPage } from './install.ts';
import { Phone } from './Phone.tsx';

await startWords({ zh: phoneZh, en: phoneEn });
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Phone />
  </StrictMode>,
);
keepPage();
