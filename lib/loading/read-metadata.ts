import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { validateSync } from 'class-validator';

import { isInside } from '../discovery/is-inside.js';
import { pluginNameIn, type PackageJson } from '../discovery/package-json.js';
import { isValid, METADATA_FIELDS, PluginMetadata } from '../plugin/plugin-metadata.js';
import { describeThrown } from '../plugin/printable.js';
import { errorOf, type Candidate } from './candidate.js';

type Field = (typeof METADATA_FIELDS)[number];
type Problem = { readonly field: string; readonly text: string; readonly escapes?: boolean };

/** What an entry gave, in whichever of the three forms: where the metadata is, and the function. */
export interface ReadPlugin {
  readonly metadata: PluginMetadata;
  readonly register: () => unknown;
}

/**
 * Reads and checks the metadata that a plugin's code gives, completed from its package.json.
 * What the code gives is never handed to the validator itself: it may be a Proxy, or throw when it is looked at.
 * @param given the module's namespace, or an inline definition
 * @throws PluginError METADATA_INVALID with every wrong field; PATH_ESCAPE where only paths are wrong
 */
export function readMetadata(candidate: Candidate, given: unknown): ReadPlugin {
  const problems: Problem[] = [];
  const { metadata: fields, register } = partsOf(candidate, given);
  const metadata = new PluginMetadata();
  const fallback = fieldsOfPackageJson(packageJsonOf(candidate));
  for (const field of METADATA_FIELDS) {
    try {
      const value = detached(fields[field]) ?? fallback[field];
      if (value !== undefined && value !== null) Object.assign(metadata, { [field]: value });
    } catch (thrown) {
      problems.push({ field, text: `${field} cannot be read: ${describeThrown(thrown)}` });
    }
  }
  const unreadable = new Set(problems.map(({ field }) => field));
  for (const { property, constraints = {} } of isValid(metadata)
    ? []
    : validateSync(metadata, { forbidUnknownValues: false })) {
    const [text] = Object.values(constraints);
    if (!unreadable.has(property)) problems.push({ field: property, text: text ?? `${property} is wrong` });
  }
  problems.push(...problemsWithFiles(metadata, candidate));
  if (register === undefined) problems.push({ field: 'register', text: 'register must be a function' });
  if (problems.length > 0 || register === undefined) throw metadataError(candidate, metadata, problems);
  return { metadata, register };
}

/** What package.json tells of a plugin that is not imported, as far as it is valid. */
export function metadataOfPackageJson(packageJson: PackageJson | undefined): Readonly<Partial<PluginMetadata>> {
  const metadata = Object.assign(new PluginMetadata(), fieldsOfPackageJson(packageJson));
  for (const { property } of validateSync(metadata, { forbidUnknownValues: false }))
    Reflect.deleteProperty(metadata, property);
  return metadata;
}

/** Takes the three forms apart: a value or a class as default export, or the named exports `metadata` and `register`. */
function partsOf(
  candidate: Candidate,
  given: unknown,
): { metadata: Record<Field, unknown>; register: (() => unknown) | undefined } {
  try {
    const whole = instantiated(chosenExport(given));
    const nested: unknown = whole['metadata'];
    const isSeedForm = typeof nested === 'object' && nested !== null && whole['version'] === undefined;
    const register: unknown = whole['register'];
    return {
      metadata: (isSeedForm ? nested : whole) as Record<Field, unknown>, // read field by field, each with care
      register: typeof register === 'function' ? (): unknown => Reflect.apply(register, whole, []) : undefined,
    };
  } catch (thrown) {
    throw errorOf(candidate, 'METADATA_INVALID', {
      detail: describeThrown(thrown),
      hint: 'Let the entry export a definePlugin() value or a class that extends PluginMetadata as its default, or export metadata and register by name.',
      cause: thrown,
    });
  }
}

/** CommonJS compiled from TypeScript arrives with its default export one level deeper. */
function chosenExport(given: unknown): unknown {
  if (!isModuleNamespace(given)) return given;
  const first = given['default'] ?? given;
  const isCompiled =
    typeof first === 'object' && 'default' in first && ('__esModule' in first || !('register' in first));
  return isCompiled ? first.default : first;
}

function isModuleNamespace(given: unknown): given is Record<string, object | undefined> {
  return typeof given === 'object' && given !== null && Object.prototype.toString.call(given) === '[object Module]';
}

function instantiated(value: unknown): Record<string, unknown> {
  const isClass = typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
  const instance: unknown = isClass ? Reflect.construct(value, []) : value;
  if (typeof instance === 'object' && instance !== null && !Array.isArray(instance))
    return instance as Record<string, unknown>;
  throw new TypeError(
    `the entry gives ${instance === null ? 'null' : Array.isArray(instance) ? 'a list' : `a ${typeof instance}`} where a plugin was expected`,
  );
}

/** Reads a value once and keeps a copy of our own: what was checked cannot change afterwards. */
function detached(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => each);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return value;
  return { ...value };
}

function packageJsonOf({ source }: Candidate): PackageJson | undefined {
  return source.origin === 'inline' ? undefined : source.packageJson;
}

function fieldsOfPackageJson(packageJson: PackageJson | undefined): Partial<Record<Field, unknown>> {
  if (!packageJson) return {};
  const { version, author, description, homepage, license, pluginkit } = packageJson;
  const standard = {
    name: pluginNameIn(packageJson),
    version,
    author: personOf(author),
    description,
    url: homepage,
    license,
  };
  const rest = typeof pluginkit === 'object' && pluginkit !== null ? (pluginkit as Record<string, unknown>) : {};
  return Object.fromEntries(
    METADATA_FIELDS.map((field) => [field, rest[field] ?? (standard as Record<string, unknown>)[field]]).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  ) as Partial<Record<Field, unknown>>;
}

/** package.json writes a person as text or as `{ name, email, url }`. */
function personOf(author: unknown): unknown {
  if (typeof author !== 'object' || author === null) return author;
  const { name, email, url } = author as Record<string, unknown>;
  return [isText(name) ? name : '', isText(email) ? `<${email}>` : '', isText(url) ? `(${url})` : ''].join(' ').trim();
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function problemsWithFiles(metadata: PluginMetadata, { source }: Candidate): Problem[] {
  const problems: Problem[] = [];
  for (const field of ['licenseFile', 'readmeFile'] as const) {
    const name = metadata[field];
    if (typeof name !== 'string') continue;
    if (source.origin === 'inline') problems.push({ field, text: `${field} needs a plugin that has a folder` });
    else problems.push(...problemsWithFile(field, name, source.folder));
  }
  return problems;
}

function problemsWithFile(field: string, name: string, folder: string): Problem[] {
  const escapes: Problem = { field, text: `${field} must be a path inside the plugin's folder`, escapes: true };
  if (path.isAbsolute(name) || !isInside(folder, path.resolve(folder, name))) return [escapes];
  try {
    const file = realpathSync.native(path.join(folder, name));
    if (!isInside(folder, file)) return [escapes];
    return statSync(file).isFile() ? [] : [{ field, text: `${field} must be a file` }];
  } catch {
    return [{ field, text: `${field} must be an existing file, ${name} is not there` }];
  }
}

function metadataError(candidate: Candidate, metadata: PluginMetadata, problems: readonly Problem[]): Error {
  // The plugin may call itself something else than its folder; only a valid name is used.
  if (typeof metadata.name === 'string' && !problems.some(({ field }) => field === 'name'))
    candidate.name = metadata.name;
  const fields = METADATA_FIELDS.filter((field) => problems.some((problem) => problem.field === field));
  return errorOf(candidate, problems.every(({ escapes }) => escapes) ? 'PATH_ESCAPE' : 'METADATA_INVALID', {
    detail: problems.map(({ text }) => text).join('; '),
    hint: 'Correct these fields in the plugin, or in its package.json where the code leaves them out.',
    field: fields.length > 0 ? fields.join(', ') : 'register',
  });
}
