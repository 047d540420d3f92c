import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { AuditFile } from '#lib/admin/audit-file.js';
import type { AuditEntry, AuditPage } from '#lib/admin/api.js';
import { describe, expect, it } from 'vitest';

import { bootAdmin } from '../support/admin-app.js';
import { PLATFORMS } from '../support/boot-app.js';
import { entry, newDirectory, writePlugin } from '../support/plugin-folders.js';

const ENTRY = { who: 'ada', action: 'disable', plugin: 'shop', result: 'done' } as const;

describe('the audit file', () => {
  it('appends a line for each entry, and tells the newest first', async () => {
    const file = path.join(newDirectory(), 'below/audit.jsonl');
    const audit = new AuditFile({ file });
    await Promise.all(Array.from({ length: 50 }, (_, i) => audit.add({ ...ENTRY, plugin: `p${i}` })));
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as AuditEntry).plugin)).toEqual(
      Array.from({ length: 50 }, (_, i) => `p${i}`),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const first = await audit.page({ limit: 20 });
    expect(first.entries.map(({ plugin }) => plugin)).toEqual(Array.from({ length: 20 }, (_, i) => `p${49 - i}`));
    const second = await audit.page({ limit: 40, before: first.next ?? 0 });
    expect(second.entries.map(({ plugin }) => plugin)).toEqual(Array.from({ length: 30 }, (_, i) => `p${29 - i}`));
    expect(second.next).toBeUndefined();
    expect((await audit.page({ limit: 5, plugin: 'P7' })).entries).toHaveLength(1);
  });

  it('begins a new file when one is full, keeps so many, and reads on in the older ones', async () => {
    const file = path.join(newDirectory(), 'audit.jsonl');
    const audit = new AuditFile({ file, maxBytes: 1024, keep: 2 });
    for (let i = 0; i < 60; i++) await audit.add({ ...ENTRY, plugin: `p${i}` });
    expect([file, `${file}.1`, `${file}.2`, `${file}.3`].map(existsSync)).toEqual([true, true, true, false]);
    for (const each of [`${file}.1`, `${file}.2`]) expect(statSync(each).size).toBeLessThan(1024 + 300);
    const { entries } = await audit.page({ limit: 200 });
    expect(entries.length).toBeGreaterThan(15);
    expect(entries.map(({ plugin }) => plugin)).toEqual(entries.map((_, i) => `p${59 - i}`));
  });

  it('goes on behind a line that a crash has cut, and passes it over', async () => {
    const file = path.join(newDirectory(), 'audit.jsonl');
    writeFileSync(file, `${JSON.stringify({ id: 1, at: '', ...ENTRY })}\n{"id":2,"who":"a`);
    const audit = new AuditFile({ file });
    await audit.add(ENTRY);
    const { entries } = await audit.page({ limit: 10 });
    expect(entries).toHaveLength(2);
    expect(entries[1]?.id).toBe(1);
  });

  it('keeps entries in memory while the file cannot be written, and writes them when it can', async () => {
    const folder = newDirectory();
    const file = path.join(folder, 'place/audit.jsonl');
    writeFileSync(path.join(folder, 'place'), 'a file where a folder should be');
    const audit = new AuditFile({ file });
    await audit.add(ENTRY);
    await audit.add({ ...ENTRY, plugin: 'other' });
    expect((await audit.page({ limit: 10 })).entries.map(({ plugin }) => plugin)).toEqual(['other', 'shop']);
    rmSync(path.join(folder, 'place'));
    mkdirSync(path.join(folder, 'place'));
    await audit.add({ ...ENTRY, plugin: 'third' });
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3);
    expect((await audit.page({ limit: 10 })).entries).toHaveLength(3);
  });

  it('follows no link to a file of somebody else', async () => {
    const folder = newDirectory();
    const victim = path.join(folder, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, path.join(folder, 'audit.jsonl'));
    const audit = new AuditFile({ file: path.join(folder, 'audit.jsonl') });
    await audit.add(ENTRY);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect((await audit.page({ limit: 1 })).entries).toHaveLength(1);
  });
});

describe.each(PLATFORMS)('the audit on %s', (platform) => {
  it('notes what code of the application and marker files do', async () => {
    const directory = newDirectory();
    const folder = writePlugin(directory, 'shop', { 'index.js': entry({ name: 'shop' }) });
    const app = await bootAdmin({ directories: [directory] }, { platform });
    await app.registry.disable('shop');
    await app.registry.enable('shop');
    writeFileSync(path.join(folder, 'DISABLED'), '');
    // What watches marker files calls it; it is not part of the public types.
    await (app.registry as unknown as { follow(name: string): Promise<unknown> }).follow('shop');
    const { entries } = (await app.ask<AuditPage>('/pluginkit/api/audit')).json;
    expect(entries).toMatchObject([
      { who: 'marker file', action: 'disable', plugin: 'shop', from: 'enabled', to: 'disabled', result: 'done' },
      { who: 'application', action: 'enable', plugin: 'shop', from: 'disabled', to: 'enabled', result: 'done' },
      { who: 'application', action: 'disable', plugin: 'shop', from: 'enabled', to: 'disabled', result: 'done' },
    ]);
    expect((await app.ask('/pluginkit/api/plugins/shop')).json['audit']).toEqual(entries);
  });

  it('tells who did it when the application does something at the same time', async () => {
    const directory = newDirectory();
    for (const name of ['a', 'b', 'c', 'd']) writePlugin(directory, name, { 'index.js': entry({ name }) });
    const app = await bootAdmin({ directories: [directory] }, { platform });
    await Promise.all([
      app.post('/pluginkit/api/plugins/a/disable'),
      app.registry.disable('b'),
      app.post('/pluginkit/api/plugins/c/disable'),
      app.registry.disable('d'),
    ]);
    const { entries } = (await app.ask<AuditPage>('/pluginkit/api/audit')).json;
    const who = Object.fromEntries(entries.map((each) => [each.plugin, each.who]));
    expect(who).toEqual({ a: 'ada', b: 'application', c: 'ada', d: 'application' });
  });

  it('is not filled by an attacker: what is too much of a minute is one entry', async () => {
    const app = await bootAdmin({ admin: { throttle: { failures: 2 } } }, { platform });
    for (let i = 0; i < 80; i++)
      await app.ask('/pluginkit/api/plugins', { headers: { authorization: `Basic ${btoa(`ada:${i}`)}` } });
    await app.app.close();
    const lines = readFileSync(app.auditFile, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(61);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ times: 20, result: 'refused' });
  });
});
