import type { Logger } from '@nestjs/common';

import type { BootReport, ReportedPlugin } from './boot-report.js';

/** Logs what came of the plugins: a line for each, then one for all. */
export function logBoot(logger: Logger, report: BootReport): void {
  for (const { level, text } of report.notices) logger[level](text);
  for (const plugin of report.plugins) {
    if (plugin.error)
      logger.error(`${plugin.name} failed: ${plugin.error.code}: ${plugin.error.message} ${plugin.error.hint}`);
    else logger.log(lineOf(plugin));
  }
  const { scan, import: imported, register, start, total } = report.milliseconds;
  logger.log(
    `${report.enabled} enabled, ${report.disabled} disabled, ${report.failed} failed in ${ms(total)}` +
      ` (scan ${ms(scan)}, import ${ms(imported)}, register ${ms(register)}, start ${ms(start)})`,
  );
}

function lineOf({ name, version, state, contributions, milliseconds }: ReportedPlugin): string {
  const title = version === undefined ? name : `${name} ${version}`;
  if (state === 'disabled') return `${title} disabled`;
  const brought = Object.entries(contributions ?? {}).map(([kind, count]) => {
    const words = kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return kind === 'assets' ? words : `${count} ${count === 1 ? words.replace(/s$/, '') : words}`; // files are not counted
  });
  const { import: imported = 0, register = 0, start = 0 } = milliseconds;
  return `${title} enabled${brought.length > 0 ? ` (${brought.join(', ')})` : ''} ${ms(imported + register + start)}`;
}

function ms(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
