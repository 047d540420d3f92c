import type { PluginText } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

interface PluginTextPanelProps {
  title: string;
  text: PluginText | undefined;
  /** What is said where there is no text. */
  none?: string;
  isFolded?: boolean;
}

/** A text file of a plugin, shown as the text that it is. */
export function PluginTextPanel({ title, text, none, isFolded = false }: PluginTextPanelProps): JSX.Element {
  const { words } = useLanguage();
  const content = text ? (
    <>
      <pre class="text" tabIndex={0} aria-label={text.file}>
        {text.text}
      </pre>
      {text.isCut && <p class="muted">{words.plugin.cut}</p>}
    </>
  ) : (
    <p class="muted">{none}</p>
  );
  if (isFolded)
    return (
      <details class="panel">
        <summary>{title}</summary>
        {content}
      </details>
    );
  return (
    <section class="panel">
      <h2>{title}</h2>
      {content}
    </section>
  );
}
