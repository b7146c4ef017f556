import '../parts/theme.css';
import '../parts/controls.css';
import './login.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startWords } from '../words/language.ts';
import { Login } from './Login.tsx';

await startWords();
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Login />
  </StrictMode>,
);
