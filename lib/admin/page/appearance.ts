import { useEffect, useState } from 'preact/hooks';

const KEPT = 'pluginkit.appearance';

/** Whether the page is dark, and what turns it over; what the system prefers needs no memory. */
export function useAppearance(): { isDark: boolean; toggle: () => void } {
  const [kept, setKept] = useState(() => localStorage.getItem(KEPT));
  const [prefersDark, setPrefersDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setPrefersDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  const isDark = kept === null ? prefersDark : kept === 'dark';
  useEffect(() => {
    document.documentElement.dataset['appearance'] = kept ?? 'system';
  }, [kept]);
  return {
    isDark,
    toggle: () => {
      const next = isDark ? 'light' : 'dark';
      if ((next === 'dark') === prefersDark) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, next);
      setKept(localStorage.getItem(KEPT));
    },
  };
}
