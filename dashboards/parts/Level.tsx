import { levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';

const shapes = {
  1: <path d="M8 0.5 15.5 8 8 15.5 0.5 8Z" />,
  2: <path d="M8 1.2 15.4 14.6H0.6Z" />,
  3: <rect x="1.6" y="1.6" width="12.8" height="12.8" />,
  4: <circle cx="8" cy="8" r="6.9" />,
};

/** ◆▲■●: the level's shape, drawn, so that it looks the same with every font. */
export function LevelShape({ severity, size = 16 }: { severity: Severity; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} fill="currentColor" aria-hidden="true">
      {shapes[levelOf(severity)]}
    </svg>
  );
}

/** Shape, colour and text together, never colour alone. */
export function LevelChip({ severity, label }: { severity: Severity; label: string }) {
  return (
    <span className={`level level-${levelOf(severity)}`}>
      <LevelShape severity={severity} size={12} />
      {label}
    </span>
  );
}
