import type { ReactNode } from 'react';

const marks = {
  good: <path d="M10 23.5 18.5 32 35 13.5" />,
  filter: <path d="M8 12h28M14 22h16M19 32h6" />,
  error: <path d="M22 10v15M22 31.5v.5" />,
  lock: <path d="M12 21h20v13H12zM16 21v-5a6 6 0 0 1 12 0v5" />,
  unknown: <path d="M16 17a6 6 0 1 1 8.5 5.5c-1.7.8-2.5 1.8-2.5 3.5M22 31.5v.5" />,
};

interface Props {
  mark: keyof typeof marks;
  title: string;
  children?: ReactNode;
  /** Error code, for the person who will be asked about it. */
  code?: string;
  role?: 'status' | 'alert';
}

/** What stands where a list would: empty, nothing found, failed, not allowed. It always says the next thing to do. */
export function PanelState({ mark, title, children, code, role = 'status' }: Props) {
  return (
    <div className="panel-state" role={role}>
      <svg className="mark" viewBox="0 0 44 44" fill="none" stroke="currentColor" strokeWidth="3" aria-hidden="true">
        <circle cx="22" cy="22" r="20" strokeWidth="1.5" />
        <g strokeLinecap="round" strokeLinejoin="round" transform="translate(5.5 5.5) scale(0.75)">
          {marks[mark]}
        </g>
      </svg>
      <h3>{title}</h3>
      {children}
      {code === undefined ? null : <code>{code}</code>}
    </div>
  );
}
