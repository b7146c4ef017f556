import '../parts/theme.css';
import '../parts/controls.css';
import '../parts/plan.css';
import './wall.css';
import './tiles.css';
import './map.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startWords } from '../words/language.ts';
import { wallEn } from '../words/wall.en.ts';
import { wallZh } from '../words/wall.zh.ts';
import { Wall } from './Wall.tsx';

await startWords({ zh: wallZh, en: wallEn });
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Wall />
  </StrictMode>,
);
