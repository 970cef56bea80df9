/** Approved events of Directus stand in a Nextcloud calendar; what people add there comes to Directus for approval. Two way, moderated. */
import type { Connector } from '../../engine/connector.ts';
import { defaultGuard } from '../../sync/guard.ts';
import { about, eventFields } from './about.ts';
import { keysFor } from './map.ts';
import { policyOf, type Settings } from './settings.ts';
import { directusSource, placeOfRows, type SourceDeps } from './source.ts';
import { nextcloudTarget, type TargetDeps } from './target.ts';

export function directusNextcloud(deps: SourceDeps & TargetDeps, settings: Settings): Connector {
  return {
    id: about.id,
    title: about.title,
    everyMinutes: settings.everyMinutes,
    streams: [
      {
        name: 'events',
        source: directusSource(deps, settings),
        target: nextcloudTarget(deps, settings),
        fields: eventFields,
        shape: about.shape,
        policy: policyOf(settings),
        guard: defaultGuard,
        keyFor: keysFor(placeOfRows(deps, settings)),
        fullEveryMs: about.fullEveryMs,
      },
    ],
  };
}
