/**
 * Decides what the sources may not say: in lib whatever could make two equal calls differ, throw or wait; everywhere
 * the combinators of fp-ts that start all tasks at once. Reads the syntax tree, so that comments and texts are free.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The files of lib that may wait for something: the loop, what is made of it, the two faces and the types of the ports. */
const mayWait =
  /^lib\/(?:drive|attempt|records|operations|collection|create-engine|replay|plugin|validate-network|delegate|index|fp)\.ts$|^lib\/ports\//

/** Names that lib does not have: what they give differs from call to call, from place to place, or acts. */
const impureNames = new Map([
  ...['process', 'globalThis', 'global', 'Buffer', 'require', 'window', 'document'].map((name) => [
    name,
    'lib has no environment',
  ]),
  ...['Date', 'performance', 'crypto'].map((name) => [name, 'the outside gives lib its clock']),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => [
    name,
    'lib does not wait',
  ]),
  ...['console', 'fetch'].map((name) => [name, 'lib does not act']),
  ...['eval', 'Function'].map((name) => [name, 'lib runs no text']),
  ...['Intl', 'WeakRef', 'FinalizationRegistry'].map((name) => [
    name,
    'what it gives depends on the machine',
  ]),
])

/** Methods whose result depends on the language of the machine. */
const localMethods = /^(?:localeCompare|toLocale\w+)$/

const taskModule = /^fp-ts\/lib\/\w*Task\w*\.js$/

/** What fp-ts's task modules start all at once; their `Seq` twins keep CNI's order and stop at a failure. */
const parallel =
  /^(?:ap|apW|apFirst|apFirstW|apSecond|apSecondW|apS|apSW|(?:traverse|sequence)(?:Array|ReadonlyArray|ReadonlyNonEmptyArray)(?:WithIndex)?|Appl(?:y|icative)Par|getApplicativeTaskValidation|getTaskValidation)$/

/** A name that stands for a value or a type, and not for a member, a key or a label. */
const isReference = (node) => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent)) return parent.left === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  return !(
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isNamedTupleMember(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    (ts.isBindingElement(parent) && parent.propertyName === node)
  )
}

const isAsync = (node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)

const isModuleLet = (node) =>
  ts.isVariableStatement(node) &&
  ts.isSourceFile(node.parent) &&
  !(node.declarationList.flags & ts.NodeFlags.Const)

/** What is wrong with a node of a file of lib, or undefined. */
const impurity = (node) => {
  if (ts.isThrowStatement(node)) return 'throw: in lib an error is a value'
  if (ts.isImportDeclaration(node) && node.moduleSpecifier.text.startsWith('node:')) {
    return `${node.moduleSpecifier.text}: lib runs without Node`
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return 'import(): lib loads nothing late'
  }
  if (isModuleLet(node)) return 'let: a module of lib has no state'
  if (ts.isPropertyAccessExpression(node)) return impureMember(node)
  if (!ts.isIdentifier(node) || !isReference(node)) return undefined
  const reason = impureNames.get(node.text)
  return reason === undefined ? undefined : `${node.text}: ${reason}`
}

const impureMember = ({ expression, name }) => {
  if (localMethods.test(name.text)) return `${name.text}: what it gives depends on the machine`
  const isRandom =
    ts.isIdentifier(expression) && expression.text === 'Math' && name.text === 'random'
  return isRandom ? 'Math.random: the outside gives lib its chances' : undefined
}

/** What makes a node of a file of lib wait, or undefined. */
const waiting = (node) => {
  const isWaiting =
    isAsync(node) ||
    ts.isAwaitExpression(node) ||
    (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (ts.isIdentifier(node) && node.text === 'Promise' && isReference(node)) ||
    (ts.isImportDeclaration(node) && taskModule.test(node.moduleSpecifier.text))
  return isWaiting
    ? 'asynchronous: in lib only drive.ts, the faces above it and the ports are'
    : undefined
}

/** The names under which a file knows fp-ts's task modules, whole. */
const taskNamespaces = (file) =>
  new Set(
    file.statements
      .filter((node) => ts.isImportDeclaration(node) && taskModule.test(node.moduleSpecifier.text))
      .map((node) => node.importClause?.namedBindings)
      .filter((bindings) => bindings !== undefined && ts.isNamespaceImport(bindings))
      .map((bindings) => bindings.name.text),
  )

/** What starts tasks at once in a node, or undefined. */
const parallelism = (namespaces) => (node) => {
  const name = parallelName(node, namespaces)
  return name === undefined
    ? undefined
    : `${name}: starts all tasks at once; CNI's order is meaning`
}

const parallelName = (node, namespaces) => {
  if (
    ts.isImportSpecifier(node) &&
    taskModule.test(node.parent.parent.parent.moduleSpecifier.text)
  ) {
    const { text } = node.propertyName ?? node.name
    return parallel.test(text) ? text : undefined
  }
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined
  if (!namespaces.has(node.expression.text)) return undefined
  return parallel.test(node.name.text) ? `${node.expression.text}.${node.name.text}` : undefined
}

const rulesFor = (path, file) => [
  ...(path.startsWith('lib/') ? [impurity] : []),
  ...(path.startsWith('lib/') && !mayWait.test(path) ? [waiting] : []),
  parallelism(taskNamespaces(file)),
]

/** The faults of one file: `path:line:column message`. `path` begins at the project's folder. */
export const faultsOf = (path, text) => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const rules = rulesFor(path, file)
  const faults = []
  const visit = (node) => {
    for (const rule of rules) {
      const message = rule(node)
      if (message === undefined) continue
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file))
      faults.push(`${path}:${line + 1}:${character + 1} ${message}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return faults
}

const sources = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => /\.ts$/.test(name) && !name.endsWith('.d.ts'))
        .map((name) => join(folder, name))
        .sort()
    : []

/** The faults of all sources of the folder that is checked. */
const findFaults = () =>
  ['lib', 'runners', 'examples']
    .flatMap(sources)
    .flatMap((path) => faultsOf(path, readFileSync(path, 'utf8')))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = findFaults()
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
