import type { AdminPlugin } from '#lib/admin/api.js';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import type { Session } from '../session.js';
import { useLanguage } from '../words/language.js';
import { SwitchDialog } from './switch-dialog.js';

/** Switches a plugin, after a look at who else is affected. */
export function SwitchButton({ plugin, session }: { plugin: AdminPlugin; session: Session }): JSX.Element {
  const { words } = useLanguage();
  const [asked, setAsked] = useState<'enabled' | 'disabled'>();
  const { to } = plugin.switch;
  return (
    <>
      <button type="button" class={to === 'enabled' ? 'primary' : ''} onClick={() => setAsked(to)}>
        {to === 'enabled' ? words.plugin.enable : words.plugin.disable}
        <span class="unseen"> {plugin.name}</span>
      </button>
      {asked && <SwitchDialog name={plugin.name} to={asked} session={session} onClose={() => setAsked(undefined)} />}
    </>
  );
}
