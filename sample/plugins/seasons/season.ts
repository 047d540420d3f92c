/** What the board says about a time of the year. */
export interface Season {
  readonly name: 'winter' | 'spring' | 'summer' | 'autumn';
  readonly advice: string;
  readonly farewell: string;
}

/** The season of a day, on the northern half of the world. */
export function seasonOf(day: Date): Season {
  return SEASONS[Math.floor(((day.getMonth() + 1) % 12) / 3)] ?? WINTER;
}

const WINTER: Season = {
  name: 'winter',
  advice: 'The grit box is behind the bus shelter. Shovels hang on the left.',
  farewell: 'Mind the ice.',
};

const SEASONS: readonly Season[] = [
  WINTER,
  { name: 'spring', advice: 'Seed swap on Sundays. Frost is possible until mid-May.', farewell: 'Mind the puddles.' },
  {
    name: 'summer',
    advice: 'The pump by the allotments works again. One can for each plot.',
    farewell: 'Mind the wasps.',
  },
  {
    name: 'autumn',
    advice: 'Leaves go into the wire bin, not into the gutter. Hedgehogs say thank you.',
    farewell: 'Mind the leaves.',
  },
];
