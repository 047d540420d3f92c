import { PluginError } from '../plugin/plugin-error.js';
import { describeThrown, printable } from '../plugin/printable.js';
import { coloured, sayJson, warn } from './terminal.js';

/**
 * Does the work of a command. What goes wrong is told in one place, and the exit status tells the truth.
 * @param work resolves with whether the command did what it says
 */
export async function answer(json: boolean | undefined, work: () => Promise<boolean>): Promise<void> {
  try {
    if (!(await work())) process.exitCode = 1;
  } catch (thrown) {
    process.exitCode = 1;
    const { code, message, plugin, hint } = thrown instanceof PluginError ? thrown : unforeseen(thrown);
    if (json) sayJson({ error: { code, message, plugin, hint } });
    else
      warn(
        `${coloured('red', 'error')} ${code ? `${code} ` : ''}${printable(message)}`,
        ...(hint ? [`  ${printable(hint)}`] : []),
      );
  }
}

function unforeseen(thrown: unknown): { code?: undefined; message: string; plugin?: undefined; hint?: undefined } {
  return { message: describeThrown(thrown) };
}
