/** @file Student's t distribution with a whole number of degrees of freedom, whose tail is a finite sum (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4). */

/** P(T > t). Exact to about 1e-16, not relative to a tail that is smaller. */
export function studentTail(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  // Odd: cos θ + (2/3)·cos³θ + (2·4)/(3·5)·cos⁵θ + …; even: 1 + (1/2)·cos²θ + (1·3)/(2·4)·cos⁴θ + …; to the power ν − 2.
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine ** 2;
    sum += term;
  }
  const between = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return Math.max(0, (1 - between) / 2);
}
