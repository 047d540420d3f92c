import { definePlugin } from 'nestjs-pluginkit';
import { seasonOf } from './season.js';
import { typographic } from './typographic.js';

// A theme: it puts something into three slots of every page, and has files, a filter and a value of its own.
export default definePlugin({
  name: 'seasons',
  register: () => ({
    slots: {
      head: `{{ emit_assets('seasons', 'seasons.css') }}`,
      sidebar: { template: 'seasons/almanac.njk', order: 10 },
      footer: '<p class="season">{{ season.farewell }}</p>',
    },
    viewFilters: { typographic },
    viewContext: () => ({ season: seasonOf(new Date()) }),
  }),
});
