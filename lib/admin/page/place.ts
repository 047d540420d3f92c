import { useEffect, useState } from 'preact/hooks';

/** Where in the page one is; it stands behind the # of the address. */
export type Place = { is: 'plugins' } | { is: 'plugin'; name: string } | { is: 'timeline' } | { is: 'audit' };

/** The place that the address tells, now and whenever it changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

/** The address of a place. */
export function hrefOf(place: Place): string {
  if (place.is === 'plugin') return `#/plugins/${encodeURIComponent(place.name)}`;
  return place.is === 'plugins' ? '#/' : `#/${place.is}`;
}

function placeOf(hash: string): Place {
  const [first = '', second = ''] = hash.replace(/^#\/?/, '').split('/');
  if (first === 'plugins' && second !== '') return { is: 'plugin', name: decoded(second) };
  return first === 'timeline' || first === 'audit' ? { is: first } : { is: 'plugins' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
