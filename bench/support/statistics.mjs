/** The middle one, halfway between two where there is none. */
export function median(values) {
  return quantile(values, 0.5);
}

/** Where most values lie. */
export function spread(values) {
  return {
    min: Math.min(...values),
    q1: quantile(values, 0.25),
    median: quantile(values, 0.5),
    q3: quantile(values, 0.75),
    max: Math.max(...values),
  };
}

/** Between two values it interpolates, as R and NumPy do. */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}
