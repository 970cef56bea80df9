/**
 * What the functions' bundles leave out of the packages they use, each with what it saves (KiB, measured 2026-11). Every cold start waits
 * for what is loaded. A package that no longer looks as expected ends the build instead of being left whole in silence.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OnLoadArgs, OnLoadResult, Plugin } from 'esbuild';
import { WINDOWS_TO_IANA_MAP, findIana } from 'windows-iana';

interface Cut {
  readonly what: string;
  readonly file: RegExp;
  readonly text: (whole: string, path: string) => string;
}

const zoneFile = /[\\/]windows-iana[\\/]dist[\\/]windows-iana\.esm\.js$/;

const cuts: readonly Cut[] = [
  {
    what: 'In Lambda credentials come from the environment and from nowhere else (95): no profiles, no single sign-on, no instance.',
    file: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/,
    text: () => "import { fromEnv } from '@aws-sdk/credential-provider-env';\nexport const defaultProvider = (init) => fromEnv(init);\n",
  },
  {
    what: 'The default export holds every function of tsdav, so none could be left out (28).',
    file: /[\\/]tsdav[\\/]dist[\\/]tsdav\.mjs$/,
    text: (whole, path) => replaced(path, replaced(path, whole, /var src_default = \{[\s\S]*?\n\};/, ''), 'src_default as default, ', '').replaceAll('= getLogger(', '= /* @__PURE__ */ getLogger('),
  },
  {
    what: 'tsdav’s own debug lines, which nobody switches on here (8).',
    file: /[\\/]debug[\\/]src[\\/]index\.js$/,
    text: () => 'module.exports = () => () => {};\n',
  },
  {
    what: 'Of Windows’ zone names the one zone that each means, not its thousand relatives (70).',
    file: zoneFile,
    text: () => zoneModule([]),
  },
  {
    what: 'No service that we use streams events (15).',
    file: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    text: () => 'export class EventStreamSerde {}\n',
  },
  {
    what: 'Where a service answers: in Lambda that is the region’s own endpoint, or the one that the environment names (20). Left out: FIPS, dual stack.',
    file: /[\\/]@aws-sdk[\\/]client-[a-z-]+[\\/]dist-es[\\/]endpoint[\\/]endpointResolver\.js$/,
    text: (_whole, path) => `const service = ${JSON.stringify(serviceAt(path))};
export const defaultEndpointResolver = ({ Endpoint, Region }) => ({ url: new URL(Endpoint ?? \`https://\${service}.\${Region}.amazonaws.com\${String(Region).startsWith('cn-') ? '.cn' : ''}\`), properties: {}, headers: {} });
`,
  },
  {
    what: 'A class for each error of the queue and of secrets; without it an error still has its name (12). Shapes of requests that nobody makes (6).',
    file: /[\\/]@aws-sdk[\\/]client-(?:sqs|secrets-manager)[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    text: (whole, path) => plainKeys(path, replaced(path, whole, /^n0_registry\.registerError\(.*\);$/gm, '')),
  },
  {
    what: 'DynamoDB’s errors of backups, exports, imports, copies in other regions and whatever else nobody asks for; without a class an error still has its name (6). Shapes of requests that nobody makes (2).',
    file: /[\\/]@aws-sdk[\\/]client-dynamodb[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    text: (whole, path) => plainKeys(path, replaced(path, whole, /^n0_registry\.registerError\((?:\w*(?:Backup|Export|Import|Global|Replica|Policy|Restore|PointInTime|Index|Duplicate|TableInUse|TableAlready|TableNot|ItemCollection|InvalidEndpoint|IdempotentParameter|LimitExceeded|ResourceInUse|TransactionInProgress|TransactionConflict|ProvisionedThroughput))\w*\$, \w+\);$/gm, '')),
  },
  {
    what: 'A table of all regions, their names and endpoints (5); see where a service answers.',
    file: /[\\/]@aws-sdk[\\/]core[\\/]dist-es[\\/]submodules[\\/]client[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/,
    text: () => 'export const partitionsInfo = { partitions: [], version: "" };\n',
  },
  {
    what: 'DynamoDB no longer tells clients where to go, unless somebody asks for it (7).',
    file: /[\\/]@aws-sdk[\\/]endpoint-cache[\\/]dist-es[\\/]index\.js$/,
    text: () => 'export class EndpointCache {}\n',
  },
  {
    what: 'Digests in JavaScript, for a Node without its own (5).',
    file: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]checksum[\\/](?:sha256[\\/]Sha256Js|md5[\\/]Md5Js)\.js$/,
    text: (_whole, path) => `export class ${path.includes('Sha256') ? 'Sha256Js' : 'Md5Js'} {}\n`,
  },
  {
    what: 'Settings from files in a home folder, which a function does not have (4).',
    file: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]config[\\/]shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/,
    text: () => 'export { CONFIG_PREFIX_SEPARATOR } from "./constants";\nexport const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });\n',
  },
  {
    what: 'Names of characters that HTML has and XML has not (6), reading from a stream, and signs by number for an older engine (3).',
    file: /[\\/]sax[\\/]lib[\\/]sax\.js$/,
    text: (whole, path) => [
      [/sax\.ENTITIES = Object\.assign\(Object\.create\(null\), \{[\s\S]*?\n {2}\}\)/, 'sax.ENTITIES = sax.XML_ENTITIES'] as const,
      [/ {2}sax\.SAXStream = SAXStream\n {2}sax\.createStream = createStream\n/, ''] as const,
      [/ {2}var Stream\n[\s\S]*?(?= {2}\/\/ this really needs to be replaced with character classes)/, ''] as const,
      [/ {2}if \(!String\.fromCodePoint\) \{[\s\S]*?\n {2}\}\n(?=\}\))/, ''] as const,
    ].reduce((text, [part, by]) => replaced(path, text, part, by), whole),
  },
  {
    what: 'Writing HTML (59, most of it names of characters): html-to-text would do that for formatters that keep tags, and ours keep none.',
    file: /[\\/]dom-serializer[\\/]lib[\\/]esm[\\/]index\.js$/,
    text: () => 'export const render = () => { throw new Error("writing HTML is left out of the functions"); };\nexport default render;\n',
  },
  {
    what: 'How fast to go by watching refusals (4): a mode of retrying that nobody switches on here.',
    file: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]retry[\\/]util-retry[\\/]AdaptiveRetryStrategy\.js$/,
    text: () => 'export class AdaptiveRetryStrategy { constructor() { throw new Error("retrying adaptively is left out of the functions"); } }\n',
  },
  {
    what: 'Which of several requests a sandbox works on at once (2): ours get one after another, and the trace is in the environment.',
    file: /[\\/]@aws[\\/]lambda-invoke-store[\\/]dist-es[\\/]invoke-store\.js$/,
    text: () => 'export const InvokeStore = { getInstanceAsync: async () => undefined };\nexport class InvokeStoreBase {}\n',
  },
  {
    what: 'Of the clients’ package files, the version that they tell (6).',
    file: /[\\/]@aws-sdk[\\/]client-[a-z-]+[\\/]package\.json$/,
    text: (whole) => `{"version":${JSON.stringify(versionIn(whole))}}`,
  },
];

/** @returns the plugin, and what it has cut so far, by the text above. */
export function diet(): { readonly plugin: Plugin; readonly made: ReadonlySet<string> } {
  const made = new Set<string>();
  const plugin: Plugin = {
    name: 'diet',
    setup(build) {
      for (const { what, file, text } of cuts) {
        build.onLoad({ filter: file }, ({ path }: OnLoadArgs): OnLoadResult => {
          made.add(what);
          return { contents: text(readFileSync(path, 'utf8'), path), loader: path.endsWith('.json') ? 'json' : 'js', resolveDir: join(path, '..') };
        });
      }
    },
  };
  return { plugin, made };
}

export const allCuts: readonly string[] = cuts.map(({ what }) => what);

function replaced(path: string, whole: string, part: RegExp | string, by: string | ((match: string, name: string) => string)): string {
  const cut = typeof by === 'string' ? whole.replace(part, by) : whole.replace(part, by);
  if (cut === whole) throw new Error(`${path} does not hold what the diet takes out; look at its new release (bin/bundle-diet.ts)`);
  return cut;
}

/** Keys as they are in place of names for them: what has a computed key might do something, so the bundler keeps it although nobody uses it. */
function plainKeys(path: string, whole: string): string {
  const texts = new Map([...whole.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name = '', text = '']) => [name, text]));
  return replaced(path, whole, /\[(_\w+)\]:/g, (computed, name: string) => (texts.has(name) ? `${texts.get(name)}:` : computed));
}

/**
 * For the command line: two short lists in place of a table of five hundred objects, which took 2 ms of each start. Nothing is left out, since a
 * relative that is not known to be a zone has ICU loaded to ask, 9 to 15 ms.
 */
export const zoneLists: Plugin = {
  name: 'zone lists',
  setup(build) {
    build.onLoad({ filter: zoneFile }, () => ({ contents: zoneModule(WINDOWS_TO_IANA_MAP.flatMap(({ iana }) => iana)) }));
  },
};

/** What zone-names.ts asks of the package. @param relatives  Zones that are known besides those that Windows' names mean. */
function zoneModule(relatives: readonly string[]): string {
  const zones = windowsZones();
  const known = new Set([...Object.values(zones).flat(), ...relatives]);
  return `const zones = new Map(Object.entries(${JSON.stringify(zones)}));
const known = new Set(${JSON.stringify([...known].join(' '))}.split(' '));
export const findIana = (name) => zones.get(name) ?? [];
export const findWindows = (name) => (known.has(name) ? ['known'] : []);
`;
}

/** The first that `findIana` names for each: the one that is meant wherever no country is told. */
function windowsZones(): { readonly [windows: string]: readonly string[] } {
  return Object.fromEntries(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => [windowsName, findIana(windowsName).slice(0, 1)]));
}

function serviceAt(path: string): string {
  const [, client = ''] = /[\\/]client-([a-z-]+)[\\/]/.exec(path) ?? [];
  const service = { dynamodb: 'dynamodb', sqs: 'sqs', 'secrets-manager': 'secretsmanager' }[client];
  if (service === undefined) throw new Error(`where ${client} answers is not known (bin/bundle-diet.ts)`);
  return service;
}

function versionIn(text: string): string {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') return parsed.version;
  throw new Error('a package file tells no version');
}
