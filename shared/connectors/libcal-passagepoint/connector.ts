/** Space bookings become visits that a door knows; card barcodes come from Alma. One way: neither LibCal nor Alma is ever written. */
import type { Connector } from '../../engine/connector.ts';
import { oneWay } from '../../sync/policy.ts';
import { about, visitFields, visitorFields } from './about.ts';
import { bookingSource, type BookingDeps } from './bookings.ts';
import { peopleSource, type PeopleDeps } from './people.ts';
import { preRegistrationTarget, type PreRegistrationDeps } from './pre-registrations.ts';
import { bookingReadings, type ReadingDeps } from './reading.ts';
import type { Settings } from './settings.ts';
import { visitorTarget, type VisitorDeps } from './visitors.ts';

export type LibcalPassagePointDeps = ReadingDeps & PeopleDeps & BookingDeps & VisitorDeps & PreRegistrationDeps;

export function libcalPassagePoint(deps: LibcalPassagePointDeps, settings: Settings): Connector {
  const readings = bookingReadings(deps, settings);
  const people = peopleSource(deps, readings, settings);
  const canUpdate = settings.passagePoint.capabilities.updateVisitor;
  const common = { policy: oneWay, fullEveryMs: about.fullEveryMs, guard: about.guard };
  return {
    id: about.id,
    title: about.title,
    everyMinutes: settings.everyMinutes,
    streams: [ // visitors first: a pre-registration needs its visitor's id
      {
        ...common,
        name: about.streams.visitors,
        source: people.side,
        target: visitorTarget(deps),
        // Where a visitor cannot be changed, only another card is a change: it makes another visitor.
        fields: canUpdate ? visitorFields : ['uniqueId'],
        shape: canUpdate ? `${about.shape}+update` : about.shape,
        keyFor: (_side, from) => deps.digest(String(from.entity['uniqueId'])),
      },
      {
        ...common,
        name: about.streams.preRegistrations,
        source: bookingSource(deps, readings, settings, people.admission),
        target: preRegistrationTarget(deps),
        fields: visitFields,
        shape: about.shape,
        keyFor: (_side, from, lives) => `${from.id}${lives > 0 ? `-${lives}` : ''}`,
      },
    ],
  };
}
