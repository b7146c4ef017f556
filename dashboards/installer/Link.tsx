import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { go, pathOf, type Route } from './route.ts';

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: Route;
}

/** A real link, so that it can be opened in a new tab; a plain click stays on the page. */
export function Link({ to, children, ...rest }: Props) {
  const click = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={pathOf(to)} onClick={click}>
      {children}
    </a>
  );
}
