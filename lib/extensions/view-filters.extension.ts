import { definePoint, isRecord, kindOf } from './extension-point.js';

/** Changes a value on its way into a page: `{{ price | euro }}`. It is given the value, then what stands in brackets. */
export type ViewFilter = (this: void, value: never, ...rest: never[]) => unknown;

/** `viewFilters` of `register()`. */
export interface ViewFiltersContribution {
  /** By name; in a list, a function goes by its own name. */
  viewFilters?:
    Readonly<Record<string, ViewFilter>> | readonly (ViewFilter | readonly [name: string, filter: ViewFilter])[];
}

export const viewFiltersPoint = definePoint<(readonly [string, ViewFilter])[]>({
  key: 'viewFilters',
  parse: (value) => {
    if (!isRecord(value) && !Array.isArray(value))
      throw new TypeError(`must be an object of functions by name or a list of functions, it is ${kindOf(value)}`);
    const filters = (Array.isArray(value) ? (value as unknown[]).map(named) : Object.entries(value)).map(parseFilter);
    const twice = filters.find(([name], place) => filters.findIndex(([other]) => other === name) < place);
    if (twice) throw new TypeError(`must have each name once, "${twice[0]}" is there twice`);
    return filters;
  },
  contribute: (value, { viewFilters }) => value.forEach(([name, filter]) => viewFilters.set(name, filter)),
});

/** An entry of a list as name and function. */
function named(entry: unknown, index: number): [unknown, unknown] {
  if (Array.isArray(entry) && entry.length === 2) return [entry[0], entry[1]];
  if (typeof entry !== 'function')
    throw new TypeError(`must be a list of functions or [name, function], entry ${index + 1} is ${kindOf(entry)}`);
  if (entry.name === '')
    throw new TypeError(`has a function without a name as entry ${index + 1}; write [name, function]`);
  return [entry.name, entry];
}

function parseFilter([name, filter]: [unknown, unknown]): readonly [string, ViewFilter] {
  if (typeof name !== 'string' || !/^[A-Za-z_$][\w$]*$/.test(name))
    throw new TypeError(
      `must have names that templates can use, as "euro"; one is ${typeof name === 'string' ? `"${name}"` : kindOf(name)}`,
    );
  if (typeof filter !== 'function') throw new TypeError(`must be functions, "${name}" is ${kindOf(filter)}`);
  return [name, filter as ViewFilter]; // what it takes is between it and the templates
}
