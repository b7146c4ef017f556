import '../parts/theme.css';
import '../parts/controls.css';
import './page.css';
import './lists.css';
import './device.css';
import './scan.css';
import './change.css';
import './work.css';
import './making.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { talkTo } from '../client/api.ts';
import { installerEn } from '../words/installer.en.ts';
import { installerMakingEn } from '../words/installer-making.en.ts';
import { installerMakingZh } from '../words/installer-making.zh.ts';
import { installerWorkEn } from '../words/installer-work.en.ts';
import { installerWorkZh } from '../words/installer-work.zh.ts';
import { installerZh } from '../words/installer.zh.ts';
import { startWords } from '../words/language.ts';
import { Installer } from './Installer.tsx';

talkTo({ zh: '网关', en: 'The gateway' });
await startWords({
  zh: { ...installerZh, ...installerWorkZh, ...installerMakingZh },
  en: { ...installerEn, ...installerWorkEn, ...installerMakingEn },
});
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Installer />
  </StrictMode>,
);
