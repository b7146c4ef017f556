import '../parts/theme.css';
import '../parts/controls.css';
import './login.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { factorEn } from '../words/factor.en.ts';
import { factorZh } from '../words/factor.zh.ts';
import { startWords } from '../words/language.ts';
import { Login } from './Login.tsx';

await startWords({ zh: factorZh, en: factorEn });
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Login />
  </StrictMode>,
);
