import '../parts/theme.css';
import '../parts/controls.css';
import './desk.css';
import './queue.css';
import './pane.css';
import './look.css';
import './people.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startWords } from '../words/language.ts';
import { Dispatcher } from './Dispatcher.tsx';

await startWords();
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <Dispatcher />
  </StrictMode>,
);
