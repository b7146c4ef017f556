import { addWords } from '../../words/language.ts';
import { tasksEn } from '../../words/tasks.en.ts';
import { tasksZh } from '../../words/tasks.zh.ts';
import './tasks.css';
import './contacts.css';
import { Contacts, NeedsMark } from './Contacts.tsx';
import { ForcePanel } from './ForcePanel.tsx';
import { IncidentMenu } from './IncidentMenu.tsx';
import { Shortfall } from './Shortfall.tsx';
import { TaskDialog } from './TaskDialog.tsx';

addWords({ zh: tasksZh, en: tasksEn });

/** Forces, tasks and needs of an incident, fetched after the first paint. */
export const tasksPart = { Contacts, ForcePanel, IncidentMenu, NeedsMark, Shortfall, TaskDialog };
