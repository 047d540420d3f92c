import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { PLUGIN_ERROR_CODES } from '../../plugin/plugin-error.js';
import { printable } from '../../plugin/printable.js';
import { rules } from './doctor.js';
import type { Problem } from './rule.js';

/** The report in the Static Analysis Results Interchange Format 2.1.0, which code hosts show beside the code. */
export function toSarif(problems: readonly Problem[], version: string): object {
  const codes = new Map<string, string>([
    ['NEEDS_APPLICATION', 'A plugin cannot be started without the application.'],
    ...PLUGIN_ERROR_CODES.map((code): [string, string] => [code, 'The plugin cannot be loaded.']),
    ...rules.flatMap((rule) => Object.entries(rule.codes)),
  ]);
  const found = [...new Set(problems.map(({ code }) => code))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pluginkit check',
            version,
            rules: found.map((id) => ({ id, shortDescription: { text: codes.get(id) ?? id } })),
          },
        },
        originalUriBaseIds: { WORK: { uri: pathToFileURL(`${process.cwd()}/`).href } },
        results: problems.map(({ code, severity, plugin, message, hint, file, line }) => ({
          ruleId: code,
          level: severity,
          message: { text: `${plugin}: ${message} ${hint}` },
          locations: file === undefined ? [] : [{ physicalLocation: locationOf(file, line) }],
        })),
      },
    ],
  };
}

function locationOf(file: string, line: number | undefined): object {
  const way = relative(file);
  const isBelow = !way.startsWith('..') && !path.isAbsolute(way);
  return {
    artifactLocation: isBelow
      ? { uri: way.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'WORK' }
      : { uri: pathToFileURL(file).href },
    ...(line !== undefined && { region: { startLine: line } }),
  };
}

/** The report as workflow commands, which GitHub Actions turns into annotations. */
export function toGitHub(problems: readonly Problem[]): string[] {
  return problems.map(({ code, severity, plugin, message, hint, file, line }) => {
    const place =
      file === undefined ? [] : [`file=${property(relative(file))}`, ...(line === undefined ? [] : [`line=${line}`])];
    const text = printable(`${plugin}: ${message} ${hint}`).replaceAll('%', '%25');
    return `::${severity === 'note' ? 'notice' : severity} ${[...place, `title=${property(code)}`].join(',')}::${text}`;
  });
}

function property(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function relative(file: string): string {
  return path.relative(process.cwd(), file).split(path.sep).join('/');
}
