/** The connectors with a world of their own. One that joins adds its line. */
import { libraryCrashPoints } from './library-crash-points.ts';
import { libraryFaultKinds, libraryName, playLibrary } from './library-history.ts';
import { libraryInvariants } from './library-judge.ts';
import { missionCrashPoints } from './mission-crash-points.ts';
import { missionFaultKinds, missionName, playMission } from './mission-history.ts';
import { missionInvariants } from './mission-judge.ts';
import type { OwnWorld } from './own-worlds.ts';

export const ownWorlds: readonly OwnWorld[] = [
  { name: libraryName, faultKinds: libraryFaultKinds, invariants: libraryInvariants, play: playLibrary, crashPoints: libraryCrashPoints },
  { name: missionName, faultKinds: missionFaultKinds, invariants: missionInvariants, play: playMission, crashPoints: missionCrashPoints },
];
