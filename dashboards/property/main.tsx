import '../parts/theme.css';
import '../parts/controls.css';
import '../parts/plan.css';
import './page.css';
import './overview.css';
import './devices.css';
import './device.css';
import './windows.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startWords } from '../words/language.ts';
import { propertyEn } from '../words/property.en.ts';
import { propertyZh } from '../words/property.zh.ts';
import { upkeepEn } from '../words/upkeep.en.ts';
import { upkeepZh } from '../words/upkeep.zh.ts';
import { plansEn } from '../words/plans.en.ts';
import { plansZh } from '../words/plans.zh.ts';
import { usersEn } from '../words/users.en.ts';
import { usersZh } from '../words/users.zh.ts';
import { rulesEn } from '../words/rules.en.ts';
import { rulesZh } from '../words/rules.zh.ts';
import { Property } from './Property.tsx';

await startWords({
  zh: { ...propertyZh, ...upkeepZh, ...plansZh, ...usersZh, ...rulesZh },
  en: { ...propertyEn, ...upkeepEn, ...plansEn, ...usersEn, ...rulesEn },
});
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Property />
  </StrictMode>,
);
