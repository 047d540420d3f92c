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

describe('a code block', () => {
  const blocks = PAGES.flatMap(blocksOf);

  it('that names a file is what stands there', () => {
    const wrong = blocks.filter(({ file, code }) => !textOf(file).includes(code.trim()));
    expect(wrong.map(({ page, file }) => `${page}: ${file}`)).toEqual([]);
    expect(blocks.length).toBeGreaterThanOrEqual(7);
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

function textOf(file: string): string {
  if (!file.startsWith('new: ')) return readFileSync(file, 'utf8');
  const wish = { packageName: 'shop', author: 'Ada', description: 'Sells things.', license: 'MIT' };
  return typescriptPlugin(wish)[file.slice('new: '.length)] ?? '';
}
