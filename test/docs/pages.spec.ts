import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { typescriptPlugin } from '#lib/cli/scaffold/typescript-plugin.js';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'sample/README.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe('a link', () => {
  it.each(PAGES)('in %s leads to a file and a heading that are there', (page) => {
    const broken = linksIn(readFileSync(page, 'utf8')).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });
});

describe('the list of pages', () => {
  const rows = [...readFileSync('README.md', 'utf8').matchAll(/^\| \[[^\]]+\]\((docs\/[^)]+)\) +\| (.+?) +\|$/gm)];

  it('in README.md has each page of docs once, with the question that it answers', () => {
    const listed = rows.map(([, page = '', question = '']) => `${page}: ${question}`);
    const pages = PAGES.filter((page) => page.startsWith('docs/'));
    const questions = pages.map((page) => `${page}: ${/^# (.+)$/m.exec(readFileSync(page, 'utf8'))?.[1] ?? ''}`);
    expect(listed.toSorted()).toEqual(questions.toSorted());
  });
});

describe('the map of docs/architecture.md', () => {
  const [, map = ''] = /```text\n(lib\/\n[\s\S]*?)```/.exec(readFileSync('docs/architecture.md', 'utf8')) ?? [];
  const named = new Set([...map.matchAll(/(?<![\w*.-])\w[\w.-]*\.ts\b/g)].map(([file]) => file));
  const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

  it('names each file of each room, but commands, and what lies in a folder that it names', () => {
    const isLeftOut = (file: string): boolean => file.split(path.sep).length > 2 || file.endsWith('.command.ts');
    const expected = files.filter((file) => !isLeftOut(file)).map((file) => path.basename(file));
    expect(expected.filter((file) => !named.has(file))).toEqual([]);
    const folders = files.map((file) => file.split(path.sep)).filter((parts) => parts.length > 2);
    expect(folders.map(([, folder = '']) => folder).filter((folder) => !map.includes(`─ ${folder}/`))).toEqual([]);
  });

  it('names no file that is not there', () => {
    const there = new Set(files.map((file) => path.basename(file)));
    expect([...named].filter((file) => !there.has(file))).toEqual([]);
  });
});

describe('a code block', () => {
  const blocks = PAGES.flatMap(blocksOf);

  it('that names a file is what stands there', () => {
    const wrong = blocks.filter(({ file, code }) => !textOf(file).includes(code.trim()));
    expect(wrong.map(({ page, file }) => `${page}: ${file}`)).toEqual([]);
    expect(blocks.length).toBeGreaterThanOrEqual(7);
  });

  it('that begins with the name of a file has no line that is not there', () => {
    const lines = PAGES.flatMap(quotedLinesOf);
    expect(lines.filter(({ file, line }) => !readFileSync(file, 'utf8').includes(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(50);
  });
});

/** Inline links, without those in code. */
function linksIn(markdown: string): string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, 'code');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
}

/** As code hosts make them from headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Blocks below a comment that names their file: of this repository, or of what `pluginkit new` writes. */
function blocksOf(page: string): { page: string; file: string; code: string }[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/<!-- ((?:new: )?\S+) -->\n\n```\w+\n([\s\S]*?)^```/gm)].map(([, file = '', code = '']) => ({
    page,
    file,
    code,
  }));
}

/** The lines of blocks whose first line names their file. */
function quotedLinesOf(page: string): { page: string; file: string; line: string }[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```\w+\n\/\/ ((?:sample|lib)\/\S+)\n([\s\S]*?)^```/gm)].flatMap(
    ([, file = '', code = '']) => code.split('\n').map((line) => ({ page, file, line: line.trim() })),
  );
}

function textOf(file: string): string {
  if (!file.startsWith('new: ')) return readFileSync(file, 'utf8');
  const wish = { packageName: 'shop', author: 'Ada', description: 'Sells things.', license: 'MIT' };
  return typescriptPlugin(wish)[file.slice('new: '.length)] ?? '';
}
