import type { AdminPluginDetail } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';
import { OutsideLink } from './outside-link.js';

/** What a plugin says of itself. */
export function AboutPlugin({ plugin }: { plugin: AdminPluginDetail }): JSX.Element {
  const { words } = useLanguage();
  const { author, license, url, origin, engines } = plugin;
  const from = origin.name === undefined ? words.origin[origin.kind] : `${words.origin[origin.kind]} · ${origin.name}`;
  return (
    <section class="panel">
      <h2>{words.plugin.about}</h2>
      <dl class="about">
        <Row term={words.plugin.author}>{author}</Row>
        <Row term={words.plugin.license}>{license}</Row>
        <Row term={words.plugin.homepage}>{url !== undefined && <OutsideLink url={url} />}</Row>
        <Row term={words.plugin.origin}>{from}</Row>
        <Row term={words.plugin.runsIn}>
          {Object.entries(engines)
            .map(([engine, range]) => `${engine} ${range}`)
            .join(', ')}
        </Row>
      </dl>
    </section>
  );
}

function Row({
  term,
  children,
}: {
  term: string;
  children: JSX.Element | string | false | undefined;
}): JSX.Element | null {
  if (children === undefined || children === false || children === '') return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
