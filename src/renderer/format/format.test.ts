import { describe, expect, it } from 'vitest';
import { formatBytes } from './bytes.ts';
import { formatDuration, formatEstimate, formatMoment, formatSeconds, formatTimeLeft } from './durations.ts';
import { fieldTitle } from './field-names.ts';
import {
  formatCount,
  formatFigure,
  formatOnScale,
  formatPercent,
  formatQuantity,
  formatSigned,
} from './numbers.ts';
import { fileName, shortenPath } from './paths.ts';

describe('fieldTitle', () => {
  it('makes words of a name in code', () => {
    expect(fieldTitle('learningRate')).toBe('Learning rate');
    expect(fieldTitle('constant queries')).toBe('Constant queries');
  });
});

describe('numbers', () => {
  it('groups thousands and agrees with the noun', () => {
    expect(formatCount(50000)).toBe('50,000');
    expect(formatQuantity(1, 'image')).toBe('1 image');
    expect(formatQuantity(1200, 'class', 'classes')).toBe('1,200 classes');
  });

  it('writes a sign on every score but zero, with a true minus', () => {
    expect(formatSigned(0.03124)).toBe('+0.0312');
    expect(formatSigned(-1.2)).toBe('−1.20');
    expect(formatSigned(-0.00000312)).toBe('−3.1e−6');
    expect(formatSigned(0)).toBe('0');
  });

  it('gives scores of one scale the same decimals, and no sign to what rounds to zero', () => {
    expect(formatOnScale(0.01484, 0.01484)).toBe('+0.0148');
    expect(formatOnScale(-0.000934, 0.01484)).toBe('−0.0009');
    expect(formatOnScale(-0.00001, 0.01484)).toBe('0.0000');
    expect(formatOnScale(431.2, 1200)).toBe('+431');
    expect(formatOnScale(0, 0)).toBe('0');
  });

  it('keeps shares to one decimal and figures to three digits', () => {
    expect(formatPercent(0.12345)).toBe('12.3%');
    expect(formatPercent(0.0001)).toBe('<0.1%');
    expect(formatPercent(0)).toBe('0%');
    expect(formatFigure(3006)).toBe('3,006');
    expect(formatFigure(0.88123)).toBe('0.881');
    expect(formatFigure(12345.6)).toBe('12,346');
  });
});

describe('bytes', () => {
  it('changes the unit at powers of 1024', () => {
    expect(formatBytes(1023)).toBe('1023 bytes');
    expect(formatBytes(1536)).toBe('1.5 KB');
    expect(formatBytes(23 * 1024 ** 3)).toBe('23.0 GB');
  });
});

describe('durations', () => {
  it('writes measured seconds with two digits, and minutes as such', () => {
    expect(formatSeconds(0.04213)).toBe('0.042 s');
    expect(formatSeconds(4.25)).toBe('4.3 s');
    expect(formatSeconds(42.4)).toBe('42 s');
    expect(formatSeconds(75)).toBe('1 min 15 s');
  });

  it('drops the unit that is zero', () => {
    expect(formatDuration(42.4)).toBe('42 s');
    expect(formatDuration(60)).toBe('1 min');
    expect(formatDuration(75)).toBe('1 min 15 s');
    expect(formatDuration(7260)).toBe('2 h 1 min');
  });

  it('keeps estimates as coarse as they are', () => {
    expect(formatEstimate(819)).toBe('about 14 min');
    expect(formatEstimate(31)).toBe('about 40 s');
    expect(formatEstimate(2)).toBe('a few seconds');
  });

  it('rounds time left upwards to what does not jitter', () => {
    expect(formatTimeLeft(3)).toBe('a few seconds left');
    expect(formatTimeLeft(31)).toBe('about 40 s left');
    expect(formatTimeLeft(130)).toBe('about 2 min left');
  });

  it('names moments by their distance', () => {
    const now = new Date('2026-03-05T12:00:00');
    expect(formatMoment('2026-03-05T11:59:40', now)).toBe('just now');
    expect(formatMoment('2026-03-05T11:30:00', now)).toBe('30 min ago');
    expect(formatMoment('2026-03-05T08:05:00', now)).toBe('today 08:05');
    expect(formatMoment('2024-03-05T08:05:00', now)).toBe('5 Mar 2024');
  });
});

describe('paths', () => {
  it('takes the last part whichever the slash', () => {
    expect(fileName('a/b/c.png')).toBe('c.png');
    expect(fileName('C:\\data\\set\\')).toBe('set');
  });

  it('shortens in the middle to exactly the length asked for', () => {
    const long = '/home/ann/pictures/collection/2024/coats/0001.png';
    expect(shortenPath(long, 30)).toHaveLength(30);
    expect(shortenPath(long, 30).endsWith('0001.png')).toBe(true);
    expect(shortenPath('/short', 30)).toBe('/short');
  });
});
