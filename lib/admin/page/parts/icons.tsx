import type { JSX } from 'preact';

const SHAPES = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  reload: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.7M13.5 2v3.7H9.8',
  back: 'M9.5 3 4.5 8l5 5',
  out: 'M6 3H3v10h10v-3M9 2h5v5M14 2 7.5 8.5',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'm3 8.5 3.2 3.2L13 5',
} as const;

/** A small picture beside words; it says nothing by itself. */
export function Icon({ shape }: { shape: keyof typeof SHAPES }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={SHAPES[shape]} />
    </svg>
  );
}

/** The mark of the page: four places, one of them just filled. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="26" height="26" aria-hidden="true" focusable="false">
      <rect x="2.5" y="2.5" width="8" height="8" rx="2" />
      <rect x="2.5" y="13.5" width="8" height="8" rx="2" />
      <rect x="13.5" y="13.5" width="8" height="8" rx="2" />
      <rect class="new" x="14" y="2" width="8" height="8" rx="2" transform="rotate(12 18 6)" />
    </svg>
  );
}
