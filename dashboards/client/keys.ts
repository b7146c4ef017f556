import { useEffect } from 'react';

export type Shortcuts = Record<string, () => void>;

/** True where the key belongs to the field under the cursor or to an input method that is composing a character. */
export function isTyping(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode' | 'target'>): boolean {
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

/** Enter and Space press the control that has the focus; they are shortcuts only where none has. */
function belongsToControl(event: KeyboardEvent): boolean {
  const pressing = event.key === 'Enter' || event.key === ' ';
  return pressing && event.target instanceof HTMLElement && event.target.closest('button, a, summary, [role="button"]') !== null;
}

/**
 * Single-letter shortcuts, on while `active`: not in fields, not while an input method composes, not with a modifier,
 * not while a dialog is open, not on key repeat for letters (WCAG 2.1.4).
 */
export function useShortcuts(shortcuts: Shortcuts, active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || belongsToControl(event)) return;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const run = shortcuts[name];
      if (run === undefined || (event.repeat && !movesSelection(name))) return;
      event.preventDefault();
      run();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [shortcuts, active]);
}

function movesSelection(name: string): boolean {
  return ['j', 'k', 'ArrowUp', 'ArrowDown'].includes(name);
}
