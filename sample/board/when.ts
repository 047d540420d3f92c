const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** The day of an ISO time, as a person says it: "Sunday 22 November". */
export function when(iso: string): string {
  return day.format(new Date(iso));
}
