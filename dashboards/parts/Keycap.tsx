/** The key that does the same; decoration for the eye, the control itself says it by aria-keyshortcuts. */
export function Keycap({ name }: { name: string }) {
  return (
    <kbd className="keycap" aria-hidden="true">
      {name}
    </kbd>
  );
}
