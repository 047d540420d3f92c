import type { ComponentChildren, JSX } from 'preact';

import { Icon } from './icons.js';

/** A link to where a plugin says: only to http and https, else it is plain text. */
export function OutsideLink({ url, children }: { url: string; children?: ComponentChildren }): JSX.Element {
  const href = safeUrl(url);
  if (href === undefined) return <span>{children ?? url}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children ?? url} <Icon shape="out" />
    </a>
  );
}

/** The address if a browser would open it as a web page, and as nothing else. */
function safeUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined;
}
