/**
 * Decides which folder may import which: lib decides, runners act, examples assemble. Arrows point down; a type is an
 * import like any other. Configuration of dependency-cruiser.
 */

/** The rooms of lib and what each may import beside itself. */
const rooms = {
  cni: [],
  network: ['cni'],
  ipam: ['cni'],
  native: ['ipam', 'cni'],
  plan: ['network', 'cni'],
  engine: ['plan', 'network', 'cni'],
  profile: ['plan', 'network', 'cni'],
  ports: ['engine', 'plan', 'network', 'cni'],
  recording: ['records', 'ports', 'engine', 'plan', 'network', 'cni'],
}

const belowFaces = ['ports', 'engine', 'plan', 'network', 'cni']

/** The files of lib beside the rooms, and what each may import. */
const files = {
  replay: ['create-engine', 'recording', 'records', 'ports', 'engine', 'plan', 'network', 'cni'],
  'create-engine': ['operations', 'collection', 'records', 'attempt', ...belowFaces],
  operations: ['records', 'attempt', ...belowFaces],
  collection: ['records', 'attempt', ...belowFaces],
  records: ['drive', 'attempt', ...belowFaces],
  delegate: ['plugin', 'ports', 'cni'],
  plugin: ['ports', 'engine', 'cni'],
  'validate-network': ['ports', 'plan', 'network', 'cni'],
  drive: ['attempt', ...belowFaces],
  attempt: ['ports', 'engine', 'cni'],
}

const homes = `^lib/(?:(?:${Object.keys(rooms).join('|')})/|(?:${[...Object.keys(files), 'index', 'fp'].join('|')})\\.ts$)`
const homeless = 'a file of lib belongs to a room, or is named in scripts/layers.mjs'

const inside = (allowed) => `^lib/(?:${allowed.join('|')})(?:/|\\.ts$)`

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `lib/${room}`,
  comment: `lib/${room} may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^lib/${room}/` },
  to: {
    path: '^(?:lib|runners|examples|test|bench|scripts)/',
    pathNot: inside([room, ...allowed]),
  },
}))

const fileRules = Object.entries(files).map(([file, allowed]) => ({
  name: `lib/${file}`,
  comment: `lib/${file}.ts may import ${allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^lib/${file}\\.ts$` },
  to: { path: '^(?:lib|runners|examples|test|bench|scripts)/', pathNot: inside(allowed) },
}))

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

export default {
  forbidden: [
    ...roomRules,
    ...fileRules,
    rule(
      'lib-faces',
      'lib/index.ts and lib/fp.ts may import lib',
      { path: '^lib/(?:index|fp)\\.ts$' },
      { path: '^(?:runners|examples|test|bench|scripts)/' },
    ),
    rule('lib-rooms', homeless, { path: '^lib/', pathNot: homes }, {}),
    rule('lib-rooms', homeless, {}, { path: '^lib/', pathNot: homes }),
    rule(
      'ports-are-types',
      'lib/ports holds types only',
      { path: '^lib/ports/' },
      { dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'lib-packages',
      'lib may import fp-ts, io-ts, ipaddr.js and @noble/hashes, and nothing of Node',
      { path: '^lib/' },
      {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'],
        pathNot: '(?:^|node_modules/)(?:fp-ts|io-ts|ipaddr\\.js|@noble/hashes)/',
      },
    ),
    rule(
      'runners',
      'a runner may import lib (its profiles excepted), runners/node and itself',
      { path: '^runners/([^/]+)/' },
      {
        path: '^(?:lib/profile|runners|examples|test|bench|scripts)/',
        pathNot: '^runners/(?:node|$1)/',
      },
    ),
    rule(
      'runners-packages',
      'a runner imports what its users install: packages in dependencies',
      { path: '^runners/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] },
    ),
    rule(
      'execa',
      'execa belongs to runners/exec',
      { pathNot: '^(?:runners/exec/|node_modules/)' },
      {
        path: '(?:^|node_modules/)execa/',
      },
    ),
    rule(
      'examples',
      'an example may import runners, lib and itself',
      { path: '^examples/([^/]+)/' },
      { path: '^(?:examples|test|bench|scripts)/', pathNot: '^examples/$1/' },
    ),
    rule('cycles', 'no file imports itself through others', {}, { circular: true }),
    rule('unresolved', 'an import leads somewhere', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
