import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { MarkerFiles } from '#lib/state/marker-files.js';

// Writes one state again and again until it is told to stop; ends with 1 if it ever leaves a folder without a marker.
const [folder = '', state] = process.argv.slice(2);
const stop = new AbortController();
process.on('message', () => stop.abort());
const markers = new MarkerFiles();
for (let count = 0; !stop.signal.aborted; count++) {
  await markers.write(folder, state === 'enabled' ? 'enabled' : 'disabled');
  const names = readdirSync(folder);
  if (!names.includes('ENABLED') && !names.includes('DISABLED')) process.exitCode = 1;
  if (count === 200) process.send?.('warm');
  await nextTurn(); // or the message to stop would never be read
}
process.disconnect();
