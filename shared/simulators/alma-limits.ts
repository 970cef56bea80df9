/**
 * What one institution may ask of Alma, all its keys and programs together: so many calls within any second (confirmed: 25; that the
 * second slides is assumed), and so many a day, counted anew at an hour of GMT (midnight is likely). A refused call costs nothing.
 */
import type { Clock } from '../base/clock.ts';
import { AlmaRefusal } from './alma-answers.ts';

export interface AlmaLimitSettings {
  readonly callsPerSecond: number;
  readonly callsPerDay: number;
  readonly dailyCode: string;
  readonly resetHourGmt: number;
}

export interface AlmaLimits {
  /** Calls left today. */
  readonly remaining: number;
  /** @throws AlmaRefusal 429 */
  spend(): void;
  /** What the institution's other programs have used of the day. */
  spendElsewhere(calls: number): void;
}

export function almaLimits(clock: Clock, settings: AlmaLimitSettings): AlmaLimits {
  let day = Number.NaN;
  let used = 0;
  let lastSecond: number[] = [];

  function usedToday(): number {
    const today = Math.floor((clock.now() - settings.resetHourGmt * 3_600_000) / 86_400_000);
    if (today !== day) [day, used] = [today, 0];
    return used;
  }

  return {
    get remaining() {
      return Math.max(0, settings.callsPerDay - usedToday());
    },
    spend() {
      if (usedToday() >= settings.callsPerDay) throw tooMany(settings.dailyCode, 'the daily quota is used up');
      const now = clock.now();
      lastSecond = lastSecond.filter((at) => now - at < 1000);
      if (lastSecond.length >= settings.callsPerSecond) throw tooMany('PER_SECOND_THRESHOLD', 'too many calls within a second');
      lastSecond.push(now);
      used += 1;
    },
    spendElsewhere(calls) {
      used = usedToday() + calls;
    },
  };
}

function tooMany(errorCode: string, message: string): AlmaRefusal {
  return new AlmaRefusal({ status: 429, errorCode, message, isGateway: true });
}
