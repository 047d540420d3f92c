import type { Notice } from '../discovery/plugin-source.js';
import { printable } from '../plugin/printable.js';
import type { BootJournal } from '../state/boot-journal.js';
import { hasChanged } from '../state/quarantine.js';
import { errorOf, isGoing, type Candidate } from './candidate.js';
import { journalKey } from './plugin-watch.js';

/** Fails the plugins in which the process died, before anything of them runs; one whose files have changed is tried again. */
export async function leaveOutQuarantined(candidates: readonly Candidate[], journal: BootJournal): Promise<Notice[]> {
  const notices: Notice[] = [];
  for (const candidate of candidates.filter(isGoing)) {
    const known = journal.quarantined(journalKey(candidate.source));
    if (!known) continue;
    if (hasChanged(known)) {
      await journal.release(known.key).catch(() => undefined); // then it is released in the next start as well
      const text = `${printable(known.name)} was quarantined. Its files have changed: it is tried again.`;
      notices.push({ level: 'warn', text });
      continue;
    }
    candidate.error = errorOf(candidate, 'QUARANTINED', {
      detail: `in its ${known.doing}, in ${known.deaths} starts running`,
      hint: `Mend it: with another entry or package.json it is tried again. To try it as it is, enable it.`,
    });
  }
  return notices;
}
